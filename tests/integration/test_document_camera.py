"""The camera's worker as a process: what hangs, lies or goes away is told, and a camera that returns is used."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from edge.errors import CameraFailedError
from edge.scanners.document_camera.calibration_store import save
from edge.scanners.document_camera.driver import WatchedCamera
from edge.scanners.document_camera.http_simulator import Fault, HttpCameraSimulator
from edge.scanners.document_camera.mat_simulator import LaidDown, MatSimulator
from edge.scanners.document_camera.wanted import Wanted

SIZE = (1052, 780)


@pytest.fixture
def mat() -> MatSimulator:
    return MatSimulator(size=SIZE)


@pytest.fixture
def device(mat: MatSimulator) -> Iterator[HttpCameraSimulator]:
    simulator = HttpCameraSimulator(mat.jpeg)
    yield simulator
    simulator.close()


@pytest.fixture
async def camera(device: HttpCameraSimulator, mat: MatSimulator, tmp_path: Path) -> AsyncIterator[WatchedCamera]:
    save(tmp_path, mat.calibration())
    camera = WatchedCamera("camera", Wanted(f"http://127.0.0.1:{device.port}/", *SIZE, 1.0), tmp_path)
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


async def until_fresh(camera: WatchedCamera, within: float = 15.0) -> int:
    end, after = time.monotonic() + within, 0
    while time.monotonic() < end:
        try:
            return (await camera.preview(after)).number
        except CameraFailedError:
            await asyncio.sleep(0.05)
    raise AssertionError("the camera did not come back")


async def reason(camera: WatchedCamera) -> str:
    after = 0
    while True:
        try:
            after = (await camera.preview(after)).number
        except CameraFailedError as failure:
            return failure.reason


async def test_a_sheet_is_captured_turned_and_joined(camera: WatchedCamera, mat: MatSimulator) -> None:
    await camera.start()
    assert (await camera.preview(0)).hint in ("empty", "hold_still")
    mat.sheets["form"] = LaidDown("a4", 230, 170, 2.0)
    async with asyncio.timeout(15):
        page = (await camera.next_capture()).pages[0]
    assert sorted((page.width_um // 1000, page.height_um // 1000)) == pytest.approx([210, 297], abs=1)
    assert page.format == "a4"
    turned = await camera.turn(page, 1)
    assert (turned.width_um, turned.height_um) == (page.height_um, page.width_um)
    await camera.stop()
    assert (await camera.join([page, turned], "pages")).startswith(b"%PDF-")


@pytest.mark.parametrize(("fault", "said"), [("hang", {"hung", "gone"}), ("stale", {"stale"}), ("unplug", {"gone"})])
async def test_a_fault_is_told_and_overcome(
    camera: WatchedCamera, device: HttpCameraSimulator, fault: Fault, said: set[str]
) -> None:
    await camera.start()
    device.fault = fault
    assert await reason(camera) in said
    device.fault = None
    await until_fresh(camera)


async def test_a_killed_worker_is_replaced(camera: WatchedCamera) -> None:
    await camera.start()
    (worker,) = workers()
    os.kill(worker, signal.SIGKILL)
    assert await reason(camera) == "gone"
    await until_fresh(camera)
    assert workers() != [worker]


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
    with pytest.raises(CameraFailedError):
        await camera.check()
    device.fault = None
    await camera.check()
