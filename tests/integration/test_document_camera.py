"""The camera's worker as a process: what hangs, lies or goes away is told, and a camera that returns is used."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import CameraFailedError, PagesRefusedError
from edge.ports import Capture, Page
from edge.scanners.document_camera.calibration_store import save
from edge.scanners.document_camera.driver import WatchedCamera
from edge.scanners.document_camera.http_simulator import Fault, HttpCameraSimulator
from edge.scanners.document_camera.mat_simulator import LaidDown, MatSimulator
from edge.scanners.document_camera.model import Calibration
from edge.scanners.document_camera.wanted import Wanted

SIZE = (1052, 780)


@pytest.fixture
def mat() -> MatSimulator:
    return MatSimulator(size=SIZE)


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    return MatSimulator(size=SIZE).calibration()


@pytest.fixture
def device(mat: MatSimulator) -> Iterator[HttpCameraSimulator]:
    simulator = HttpCameraSimulator(mat.live)
    yield simulator
    simulator.close()


@pytest.fixture
async def camera(device: HttpCameraSimulator, calibration: Calibration, tmp_path: Path) -> AsyncIterator[WatchedCamera]:
    save(tmp_path, calibration)
    camera = WatchedCamera("camera", Wanted(f"http://127.0.0.1:{device.port}/", *SIZE, 2.0), tmp_path)
    yield camera
    await camera.stop()
    assert workers() == []


def workers() -> list[int]:
    """Workers that this process started and that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            ours = f"PPid:\t{os.getpid()}\n" in (folder / "status").read_text()
            if ours and b"document_camera.worker" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


async def until_fresh(camera: WatchedCamera, within: float = 15.0) -> None:
    async with asyncio.timeout(within):
        await camera.recovered()
        await camera.preview(0)


async def reason(camera: WatchedCamera) -> str:
    after = 0
    while True:
        try:
            after = (await camera.preview(after)).number
        except CameraFailedError as failure:
            return failure.reason


async def captured(camera: WatchedCamera) -> Capture:
    """The next capture, by itself; a machine that is busy elsewhere may keep the camera waiting meanwhile."""
    async with asyncio.timeout(25):
        while True:
            with contextlib.suppress(CameraFailedError):
                return await camera.next_capture()
            await camera.recovered()


async def shot(camera: WatchedCamera) -> Page:
    """The page that lies there now."""
    async with asyncio.timeout(25):
        while True:
            with contextlib.suppress(CameraFailedError):
                return (await camera.capture()).pages[0]
            await camera.recovered()


def duplicate(page: Page) -> bool:
    return not next(check for check in page.checks if check.name == "duplicate").passed


async def fault_of(camera: WatchedCamera) -> str:
    with pytest.raises(CameraFailedError) as failure:
        await camera.check()
    return failure.value.reason


async def test_a_sheet_is_captured_turned_and_joined(camera: WatchedCamera, mat: MatSimulator) -> None:
    await camera.start()
    assert (await camera.preview(0)).hint in ("empty", "hold_still")
    mat.sheets["form"] = LaidDown("a4", 230, 170, 2.0)
    page = (await captured(camera)).pages[0]
    assert sorted((page.width_um // 1000, page.height_um // 1000)) == pytest.approx([210, 297], abs=1)
    assert page.format == "a4"
    turned = await camera.turn(page, 1)
    assert (turned.width_um, turned.height_um) == (page.height_um, page.width_um)
    await camera.stop()
    assert (await camera.join([page, turned], "pages")).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("fault", "said"), [("hang", "hung"), ("stale", "stale"), ("unplug", "gone"), ("other_size", "other_size")]
)
async def test_a_fault_is_told_and_overcome(
    camera: WatchedCamera, device: HttpCameraSimulator, fault: Fault, said: str
) -> None:
    await camera.start()
    device.fault = fault
    assert await reason(camera) == said
    device.fault = None
    await until_fresh(camera)


async def test_a_frame_that_is_no_picture_is_passed_over(camera: WatchedCamera, device: HttpCameraSimulator) -> None:
    await camera.start()
    (worker,) = workers()
    device.fault = "broken"
    after = 0
    for _ in range(6):
        after = (await camera.preview(after)).number
    assert workers() == [worker]


async def test_a_killed_worker_is_replaced_and_still_knows_the_pages(camera: WatchedCamera, mat: MatSimulator) -> None:
    await camera.start()
    mat.sheets["form"] = LaidDown("a4", 230, 170, 2.0)
    page = (await captured(camera)).pages[0]
    assert duplicate(page) is False
    await camera.compare_with([page.thumbnail])
    (worker,) = workers()
    os.kill(worker, signal.SIGKILL)
    assert await reason(camera) == "gone"
    await until_fresh(camera)
    assert workers() != [worker]
    assert duplicate(await shot(camera))
    await camera.stop()
    await camera.start()
    assert duplicate(await shot(camera)) is False


async def test_pages_survive_a_camera_that_hangs_or_is_pulled_and_a_join_that_is_refused(
    camera: WatchedCamera, device: HttpCameraSimulator, mat: MatSimulator
) -> None:
    await camera.start()
    mat.sheets["form"] = LaidDown("a4", 230, 170, 2.0)
    page = (await captured(camera)).pages[0]
    (worker,) = workers()
    with pytest.raises(PagesRefusedError):
        await camera.join([page, page], "card")
    assert workers() == [worker]
    for fault in ("hang", "unplug"):
        device.fault = fault
        assert (await camera.turn(page, 1)).width_um == page.height_um
        await reason(camera)
        assert (await camera.join([page], "pages")).startswith(b"%PDF-")
    with pytest.raises(PagesRefusedError):
        await camera.join([page, page], "card")


async def test_the_live_picture_shows_what_will_be_captured(camera: WatchedCamera, mat: MatSimulator) -> None:
    mat.sheets = {"a": LaidDown("card_front", 130, 100, 5.0), "b": LaidDown("card_back", 300, 200, 40.0)}
    await camera.start()
    live = await camera.preview(0)
    assert [len(each) for each in live.outlines] == [4, 4]


async def test_the_camera_tests_itself_in_words(
    camera: WatchedCamera,
    device: HttpCameraSimulator,
    mat: MatSimulator,
    calibration: Calibration,
    tmp_path: Path,
) -> None:
    await camera.check()
    mat.sheets = {"left": LaidDown("card_front", 20, 20), "behind": LaidDown("card_front", 20, 320)}
    mat.jpeg()
    assert await fault_of(camera) == "unseen"
    mat.sheets.clear()
    mat.jpeg()
    assert calibration.marks is not None
    save(tmp_path, replace(calibration, marks=calibration.marks + 1.5))
    assert await fault_of(camera) == "moved"
    device.fault = "other_size"
    assert await fault_of(camera) == "other_size"


async def test_a_stopped_worker_is_killed_within_its_deadline(camera: WatchedCamera) -> None:
    await camera.start()
    os.kill(workers()[0], signal.SIGSTOP)
    assert await reason(camera) == "hung"


async def test_an_uncalibrated_camera_says_so(camera: WatchedCamera, tmp_path: Path) -> None:
    (tmp_path / "calibration.json").unlink()
    with pytest.raises(CameraFailedError, match="uncalibrated"):
        await camera.start()


async def test_a_camera_that_is_not_there_is_told_at_once(camera: WatchedCamera, device: HttpCameraSimulator) -> None:
    device.fault = "unplug"
    with pytest.raises(CameraFailedError):
        await camera.start()
    assert await fault_of(camera) == "gone"
