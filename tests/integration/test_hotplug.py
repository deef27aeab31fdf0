"""The public USB socket on real udev events, sent by umockdev: what is plugged in, pulled out, and not looked at."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edge.scanner_sections import UsbDriveConfig
from edge.scanners.usb_drive.hotplug import Plugged, UdevSocket, open_socket
from edge.scanners.usb_drive.simulator import write_image
from edge.scanners.usb_drive.simulator.documents import as_jpg, shop_photo
from tests.integration.pretended_usb import STRANGER_S
from tests.integration.usb_devices import BULK_ONLY, CONTROLLER, HUB, KEYBOARD, PLAIN_DRIVE, ROOT_HUB, UsbDevice

PORTS = "1-1.4,2-1.4"
DEADLINE_S = 20.0
ROOTS = ROOT_HUB.page(f"{CONTROLLER}/usb1", 1) + HUB.page(f"{CONTROLLER}/usb1/1-1", 2)
ROOTS += ROOT_HUB.page(f"{CONTROLLER}/usb2", 1) + HUB.page(f"{CONTROLLER}/usb2/2-1", 2)


def place(port: str) -> str:
    """Where a device at a port stands below /sys: every hub on the way included."""
    bus, _, steps = port.partition("-")
    ports = steps.split(".")
    return "/".join([CONTROLLER, f"usb{bus}", *(f"{bus}-{'.'.join(ports[: n + 1])}" for n in range(len(ports)))])


def page(path: str, subsystem: str, kind: str, node: str = "", **attributes: object) -> str:
    lines = [f"P: {path}", *([f"N: {node}", f"E: DEVNAME=/dev/{node}"] if node else [])]
    lines += [f"E: SUBSYSTEM={subsystem}", f"E: DEVTYPE={kind}"]
    return "\n".join([*lines, *(f"A: {key}={value}" for key, value in attributes.items()), "", ""])


def device(port: str, what: UsbDevice, number: int = 7) -> str:
    """A device at a port with its interfaces, as after it was let in."""
    interfaces = (
        page(f"{place(port)}/{port}:1.{at}", "usb", "usb_interface", bInterfaceClass=f"{each[0]:02x}")
        for at, each in enumerate(what.interfaces)
    )
    return what.page(place(port), number) + "".join(interfaces)


def disk(port: str, name: str, *parts: int, size: int = 15_633_408, lun: int = 0, seq: int = 9) -> str:
    """A disk of the device at a port, with partitions; one without a medium has size 0."""
    path = f"{disk_path(port, name, lun)}"
    pages = [page(path, "block", "disk", name, size=size, diskseq=seq)]
    pages += [page(f"{path}/{name}{part}", "block", "partition", f"{name}{part}", size=4096) for part in parts]
    return "".join(pages)


def disk_path(port: str, name: str, lun: int = 0) -> str:
    return f"{place(port)}/{port}:1.0/host6/target6:0:0/6:0:0:{lun}/block/{name}"


class Bench:
    """The pretended machine."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def do(self, **what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        await self._process.stdin.drain()

    async def pull(self, port: str, *under: str) -> None:
        """Pull a device: first what hangs on it, the last first, as the kernel does."""
        for path in (*under, place(port)):
            await self.do(remove=f"/sys{path}")

    async def pull_drive(self, port: str, name: str, *parts: int) -> None:
        disk = disk_path(port, name)
        await self.pull(port, *(f"{disk}/{name}{part}" for part in parts), disk, f"{place(port)}/{port}:1.0")

    async def told(self, seconds: float = DEADLINE_S) -> tuple[str, str]:
        """The next thing that the socket tells: device and reason."""
        now = await self.said(seconds)
        return now["device"], now["reason"]

    async def said(self, seconds: float = DEADLINE_S) -> dict[str, Any]:
        """The next line of the machine."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), seconds)
        assert line, "the pretended machine ended"
        now: dict[str, Any] = json.loads(line)
        return now

    async def silent(self, seconds: float) -> bool:
        try:
            await self.told(seconds)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def machine(*at_start: str, what: str = "socket") -> AsyncIterator[Bench]:
    """A machine on which these devices are plugged in before the station starts."""
    preload = {**os.environ, "LD_PRELOAD": "libumockdev-preload.so.0"}
    command = [sys.executable, "-m", "tests.integration.pretended_usb", what, PORTS]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env=preload)
    bench = Bench(process)
    try:
        await bench.do(add=ROOTS + "".join(at_start))
        yield bench
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


EMPTY = ("", "")
DRIVE = device("1-1.4", PLAIN_DRIVE)


async def test_a_drive_comes_goes_and_comes_again() -> None:
    async with machine() as bench:
        assert await bench.told() == EMPTY
        await bench.do(add=DRIVE + disk("1-1.4", "sda", 1))
        assert await bench.told() == ("/dev/sda", "")
        await bench.pull_drive("1-1.4", "sda", 1)
        assert await bench.told() == EMPTY
        await bench.do(add=device("1-1.4", PLAIN_DRIVE, 8) + disk("1-1.4", "sda", seq=10))
        assert await bench.told() == ("/dev/sda", "")


async def test_a_drive_that_is_there_at_the_start_is_told_first_as_nothing_and_then_by_its_whole_disk() -> None:
    async with machine(DRIVE + disk("1-1.4", "sdb", 1, 2, 5)) as bench:
        assert await bench.told() == EMPTY
        assert await bench.told() == ("/dev/sdb", "")


async def test_a_file_system_without_a_partition_table_is_a_drive_too() -> None:
    async with machine() as bench:
        assert await bench.told() == EMPTY
        await bench.do(add=DRIVE + disk("1-1.4", "sda"))
        assert await bench.told() == ("/dev/sda", "")


async def test_the_other_bus_of_the_same_socket_counts_and_other_sockets_do_not() -> None:
    async with machine(device("1-1.3", PLAIN_DRIVE) + disk("1-1.3", "sda", 1)) as bench:
        assert await bench.told() == EMPTY
        await bench.do(add=device("1-1.40", PLAIN_DRIVE, 9) + disk("1-1.40", "sdb", 1))
        await bench.do(add=page("/devices/virtual/block/loop0", "block", "disk", "loop0", size=4096))
        await bench.do(add=device("2-1.4", PLAIN_DRIVE) + disk("2-1.4", "sdc", 1))
        assert await bench.told() == ("/dev/sdc", "")


async def test_two_drives_on_a_hub_are_too_many_until_one_is_pulled() -> None:
    hub = device("1-1.4", HUB)
    async with machine() as bench:
        assert await bench.told() == EMPTY
        await bench.do(add=hub + device("1-1.4.1", PLAIN_DRIVE, 8) + disk("1-1.4.1", "sda", 1))
        assert await bench.told() == ("/dev/sda", "")
        await bench.do(add=device("1-1.4.2", PLAIN_DRIVE, 9) + disk("1-1.4.2", "sdb", 1))
        assert await bench.told() == EMPTY
        assert await bench.told() == ("", "several")
        await bench.pull_drive("1-1.4.1", "sda", 1)
        assert await bench.told() == ("/dev/sdb", "")


async def test_a_card_reader_tells_of_the_card_in_it_and_when_it_is_changed() -> None:
    empty, full = disk("1-1.4", "sda", size=0), disk("1-1.4", "sdb", size=0, lun=1)
    async with machine(DRIVE + empty + full) as bench:
        assert await bench.told() == EMPTY
        path = "/sys" + disk_path("1-1.4", "sdb", 1)
        await bench.do(set=[path, "size", "62333952"])
        assert await bench.told() == ("/dev/sdb", "")
        # Another card, so quickly that nobody saw the reader empty: the kernel counts it.
        await bench.do(set=[path, "diskseq", "10"])
        assert await bench.told() == EMPTY
        assert await bench.told() == ("/dev/sdb", "")
        await bench.do(set=["/sys" + disk_path("1-1.4", "sda"), "size", "1024"])
        assert await bench.told() == EMPTY
        assert await bench.told() == ("", "several")


@pytest.mark.parametrize(
    "stranger",
    [
        device("1-1.4", UsbDevice("keyboard", 0x046D, 0xC31C, (KEYBOARD,))),
        device("1-1.4", UsbDevice("phone", 0x18D1, 0x4EE1, ((0x06, 1, 1),))),
        # One that USBGuard has not let in has no interfaces.
        replace(PLAIN_DRIVE, interfaces=(BULK_ONLY, KEYBOARD)).page(place("1-1.4"), 7),
        device("1-1.4", replace(PLAIN_DRIVE, interfaces=(BULK_ONLY, KEYBOARD))) + disk("1-1.4", "sda", 1),
    ],
    ids=["keyboard", "phone", "blocked by USBGuard", "drive with a keyboard, let in"],
)
async def test_what_is_no_drive_is_said_to_be_none(stranger: str) -> None:
    async with machine() as bench:
        assert await bench.told() == EMPTY
        await bench.do(add=stranger)
        assert await bench.told() == ("", "not_storage")
        paths = [line.removeprefix("P: ") for line in stranger.splitlines() if line.startswith("P: ")]
        await bench.pull("1-1.4", *reversed(paths[1:]))
        assert await bench.told() == EMPTY


async def test_a_drive_that_wakes_up_slowly_is_not_taken_for_a_stranger() -> None:
    async with machine() as bench:
        assert await bench.told() == EMPTY
        await bench.do(add=PLAIN_DRIVE.page(place("1-1.4"), 7))
        assert await bench.silent(STRANGER_S / 2)
        await bench.do(add=page(f"{place('1-1.4')}/1-1.4:1.0", "usb", "usb_interface", bInterfaceClass="08"))
        assert await bench.silent(STRANGER_S / 2 + 0.5)
        await bench.do(add=disk("1-1.4", "sda", 1))
        assert await bench.told() == ("/dev/sda", "")


async def test_without_udev_the_port_is_said_to_be_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library() -> None:
        raise ImportError("no udev library")

    monkeypatch.setattr("pyudev.Context", no_library)
    assert await UdevSocket(frozenset({"1-1.4"})).change(0) == Plugged(1, None, "port_broken")


def test_the_station_file_names_one_port_or_both_of_a_socket() -> None:
    assert isinstance(open_socket("usb:1-1.4"), UdevSocket)
    assert isinstance(open_socket("usb:1-1.4,2-1.4"), UdevSocket)
    assert not isinstance(open_socket("usb-drive.img"), UdevSocket)
    assert UsbDriveConfig(port="usb:1-1.4,2-1.4").port == "usb:1-1.4,2-1.4"
    for wrong in ("usb:1-1.4,", "usb:", "usb:sda", "usb:1-1.4;2-1.4"):
        with pytest.raises(ValidationError):
            UsbDriveConfig(port=wrong)


async def _sees(bench: Bench, state: str) -> dict[str, Any]:
    """What the driver sees once it is in this state; it may say the one before more than once."""
    while (seen := await bench.said()).get("state") != state:
        assert seen.get("state") in ("absent", "reading"), seen
    return seen


async def test_from_the_event_to_the_files_and_back_to_an_empty_socket(tmp_path: Path) -> None:
    image = tmp_path / "drive.img"
    image.write_bytes(write_image("fat12", {"照片/店面.jpg": as_jpg(shop_photo().resize((400, 300)))}))
    async with machine(what="drive") as bench:
        await _sees(bench, "absent")
        await bench.do(add=DRIVE + disk("1-1.4", "sda", 1, size=8192))
        await bench.do(content=["/dev/sda", str(image)])
        assert (await _sees(bench, "ready"))["names"] == ["店面.jpg"]
        assert await bench.said() == {"fetched": "image/jpeg"}
        await bench.pull_drive("1-1.4", "sda", 1)
        await _sees(bench, "absent")
        await bench.do(add=device("1-1.4", UsbDevice("phone", 0x18D1, 0x4EE1, ((0x06, 1, 1),)), 9))
        assert (await _sees(bench, "refused"))["reason"] == "not_storage"
