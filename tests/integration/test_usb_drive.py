"""The public port through its real driver: real images come and go; workers are killed, hang, and hold nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from edge.errors import DriveGoneError, FileRefusedError
from edge.ports import DriveLook, UsbDrive
from edge.scanner_sections import UsbDriveConfig
from edge.scanners.registry import open_usb_drive
from edge.scanners.usb_drive import worker_process
from edge.scanners.usb_drive.simulator import write_image
from tests.real_drives import exfat, fat, ntfs
from tests.unit.edge.scanners.intake.test_clamd import clamd


def picture(size: tuple[int, int] = (60, 40), form: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, form)
    return out.getvalue()


PDF = picture(form="PDF")
FILES = {"营业执照.pdf": PDF, "照片.jpg": picture(), "坏的.pdf": b"%PDF-1.4 broken", "程序.exe": b"MZ"}


class Port:
    """The socket, from the side of the person who plugs in."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def plug(self, image: bytes) -> None:
        beside = self.path.with_suffix(".new")
        beside.write_bytes(image)
        os.replace(beside, self.path)

    def pull(self) -> None:
        self.path.unlink()


@asynccontextmanager
async def opened(folder: Path, **config: object) -> AsyncIterator[tuple[UsbDrive, Port]]:
    port = Port(folder / "drive.img")
    settings = UsbDriveConfig.model_validate({"port": str(port.path), **config})
    async with open_usb_drive(settings) as drive:
        yield drive, port
    assert workers() == []


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[tuple[UsbDrive, Port]]:
    async with opened(tmp_path) as scene:
        yield scene


def workers() -> list[int]:
    """Workers of this process that still run, and their children."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            ours = b"usb_drive.worker" in (folder / "cmdline").read_bytes()
            if ours and os.getsid(int(folder.name)) != os.getsid(0) and _descends(int(folder.name)):
                found.append(int(folder.name))
        except OSError:
            continue
    return sorted(found)


def _descends(number: int) -> bool:
    while number > 1:
        if number == os.getpid():
            return True
        number = int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])
    return False


async def look(drive: UsbDrive, state: str, after: int = 0) -> DriveLook:
    """Wait for a state."""
    seen = await drive.look(after)
    async with asyncio.timeout(20):
        while seen.state != state:
            seen = await drive.look(seen.number)
    return seen


def keys(seen: DriveLook) -> Mapping[str, int]:
    return {each.name: each.key for each in seen.files}


@pytest.mark.parametrize("system", ["fat12", "fat16", "fat32", "ntfs", "exfat"])
async def test_files_of_a_real_drive_are_listed_and_fetched(tmp_path: Path, system: str) -> None:
    made = tmp_path / "made"
    if system == "ntfs":
        ntfs(made, FILES)
    elif system == "exfat":
        made.write_bytes(write_image("exfat", FILES, table="gpt"))
    else:
        fat(made, system.removeprefix("fat"), FILES)
    async with opened(tmp_path) as (drive, port):
        assert (await drive.look(0)).state == "absent"
        port.plug(made.read_bytes())
        seen = await look(drive, "ready")
        assert sorted(keys(seen)) == ["坏的.pdf", "照片.jpg", "营业执照.pdf"]
        assert seen.skipped >= 1
        kept = await drive.fetch(keys(seen)["营业执照.pdf"])
        assert (kept.media_type, kept.pages) == ("application/pdf", 1)
        assert kept.content.startswith(b"%PDF-")
        assert kept.thumbnail.startswith(b"\xff\xd8")
        with pytest.raises(FileRefusedError, match="broken"):
            await drive.fetch(keys(seen)["坏的.pdf"])
        assert (await drive.thumbnail(keys(seen)["照片.jpg"])).startswith(b"\xff\xd8")
        assert await drive.thumbnail(keys(seen)["坏的.pdf"]) == b""
        port.pull()
        assert (await look(drive, "absent")).files == ()
        assert workers() == []


async def test_the_recorded_exfat_drive_is_listed_whole(scene: tuple[UsbDrive, Port], tmp_path: Path) -> None:
    drive, port = scene
    port.plug(exfat(tmp_path / "made").read_bytes())
    seen = await look(drive, "ready")
    assert (len(seen.files), seen.skipped) == (92, 2)


async def test_a_drive_left_in_is_not_read_for_the_next_person(scene: tuple[UsbDrive, Port]) -> None:
    drive, port = scene
    port.plug(write_image("fat16", FILES))
    await look(drive, "ready")
    await drive.forget()
    assert workers() == []
    seen = await look(drive, "refused")
    assert (seen.reason, seen.files) == ("left_behind", ())
    port.plug(write_image("fat16", FILES))
    assert len((await look(drive, "ready")).files) == 3


@pytest.mark.parametrize("victim", ["worker", "child"])
async def test_a_killed_worker_is_told_and_replaced(scene: tuple[UsbDrive, Port], victim: str) -> None:
    drive, port = scene
    port.plug(write_image("fat32", {"a.pdf": PDF, "b.jpg": picture((3000, 2000))}))
    seen = await look(drive, "ready")
    (worker,) = workers()
    fetching = asyncio.create_task(drive.fetch(keys(seen)["b.jpg"]))
    async with asyncio.timeout(10):
        while not (children := [each for each in workers() if each != worker]):  # noqa: ASYNC110 - the kernel has no event for it
            await asyncio.sleep(0.002)
    os.kill(worker if victim == "worker" else children[0], signal.SIGKILL)
    with pytest.raises(DriveGoneError if victim == "worker" else FileRefusedError):
        await fetching
    again = await look(drive, "ready", seen.number if victim == "worker" else 0)
    assert (await drive.fetch(keys(again)["a.pdf"])).pages == 1
    if victim == "worker":
        with pytest.raises(DriveGoneError):
            await drive.fetch(keys(seen)["a.pdf"])


async def test_a_worker_that_always_dies_refuses_the_drive(scene: tuple[UsbDrive, Port]) -> None:
    drive, port = scene
    port.plug(write_image("fat16", FILES))
    seen = DriveLook("absent")
    for _ in range(3):
        seen = await look(drive, "ready", seen.number)
        (worker,) = workers()
        os.kill(worker, signal.SIGKILL)
    assert (await look(drive, "refused", seen.number)).reason == "broken"


async def test_a_worker_that_hangs_is_killed(scene: tuple[UsbDrive, Port], monkeypatch: pytest.MonkeyPatch) -> None:
    drive, port = scene
    port.plug(write_image("fat16", FILES))
    seen = await look(drive, "ready")
    (worker,) = workers()
    monkeypatch.setattr(worker_process, "FETCH_SECONDS", 0.3)
    os.kill(worker, signal.SIGSTOP)
    with pytest.raises(DriveGoneError):
        await drive.fetch(keys(seen)["照片.jpg"])
    monkeypatch.undo()
    assert len((await look(drive, "ready", seen.number)).files) == 3
    assert workers() != [worker]


@pytest.mark.parametrize("how", ["pulled", "shorter"])
async def test_a_drive_pulled_in_the_middle_gives_nothing(scene: tuple[UsbDrive, Port], how: str) -> None:
    drive, port = scene
    port.plug(write_image("fat32", {"a.jpg": picture((4000, 3000)), "b.pdf": PDF}, size=64 << 20))
    seen = await look(drive, "ready")
    fetching = asyncio.create_task(drive.fetch(keys(seen)["a.jpg"]))
    async with asyncio.timeout(10):
        while len(workers()) < 2:  # noqa: ASYNC110 - the kernel has no event for it
            await asyncio.sleep(0.002)
    if how == "pulled":
        port.pull()
    else:
        os.truncate(port.path, 300_000)
    with pytest.raises(DriveGoneError):
        await fetching
    with pytest.raises(DriveGoneError):
        await drive.fetch(keys(seen)["b.pdf"])


async def test_sizes_are_limited_by_the_station_file(tmp_path: Path) -> None:
    small, large = picture((200, 150)), picture((400, 300))
    limits = {"largest_file": len(large) - 1, "largest_visit": len(small) + 10}
    async with opened(tmp_path, **limits) as (drive, port):
        port.plug(write_image("fat16", {"small.jpg": small, "large.jpg": large}))
        seen = keys(await look(drive, "ready"))
        with pytest.raises(FileRefusedError, match="too_large"):
            await drive.fetch(seen["large.jpg"])
        await drive.fetch(seen["small.jpg"])
        with pytest.raises(FileRefusedError, match="too_much"):
            await drive.fetch(seen["small.jpg"])


@pytest.mark.parametrize(("answer", "reason"), [(None, ""), (b"stream: Eicar FOUND\0", "virus"), (b"", "no_scanner")])
async def test_every_kept_file_is_shown_to_the_scanner(tmp_path: Path, answer: bytes | None, reason: str) -> None:
    async with clamd(tmp_path, answer) as socket, opened(tmp_path, clamd_socket=str(socket)) as (drive, port):
        port.plug(write_image("fat16", FILES))
        seen = keys(await look(drive, "ready"))
        if not reason:
            assert (await drive.fetch(seen["营业执照.pdf"])).pages == 1
            return
        with pytest.raises(FileRefusedError, match=reason):
            await drive.fetch(seen["营业执照.pdf"])


async def test_a_scanner_that_is_away_lets_nothing_pass(tmp_path: Path) -> None:
    async with opened(tmp_path, clamd_socket=str(tmp_path / "nobody")) as (drive, port):
        port.plug(write_image("fat16", FILES))
        seen = keys(await look(drive, "ready"))
        with pytest.raises(FileRefusedError, match="no_scanner"):
            await drive.fetch(seen["照片.jpg"])


async def test_a_worker_holds_its_pipes_and_the_drive(scene: tuple[UsbDrive, Port]) -> None:
    drive, port = scene
    port.plug(write_image("fat16", FILES))
    await look(drive, "ready")
    (worker,) = workers()
    held = {os.readlink(f"/proc/{worker}/fd/{each}") for each in os.listdir(f"/proc/{worker}/fd")}
    named = {each for each in held if not each.startswith(("pipe:", "socket:"))}
    assert named == {"/dev/null", str(port.path)}
    assert os.readlink(f"/proc/{worker}/ns/net") != os.readlink("/proc/self/ns/net")


@pytest.mark.parametrize(("image", "reason"), [(bytes(1 << 20), "other"), (b"", "empty")])
async def test_what_is_no_drive_is_refused(scene: tuple[UsbDrive, Port], image: bytes, reason: str) -> None:
    drive, port = scene
    port.plug(image)
    assert (await look(drive, "refused")).reason == reason
    assert workers() == []


async def test_the_self_test_starts_a_worker_and_asks_the_scanner(
    scene: tuple[UsbDrive, Port], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive, _ = scene
    assert await drive.check() == ""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert await drive.check() == "no_worker"
    monkeypatch.undo()
    async with opened(tmp_path, clamd_socket=str(tmp_path / "clamd")) as (guarded, _):
        assert await guarded.check() == "no_scanner"
        async with clamd(tmp_path):
            assert await guarded.check() == ""
