"""An adapter that comes back under another name: real pseudo-terminals stand for it, the list of adapters is ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from edge.errors import LinkError
from edge.links.bus import SharedBus
from edge.links.identity import adapter_name, adapter_path
from edge.links.simulator import Pty


def _adapter(device: Path, vid: int, pid: int, serial: str | None) -> ListPortInfo:
    info = ListPortInfo(str(device))
    info.vid, info.pid, info.serial_number = vid, pid, serial
    return info


FTDI, OTHER = (
    _adapter(Path("/dev/ttyUSB1"), 0x0403, 0x6001, "A10K3XYZ"),
    _adapter(Path("/dev/ttyUSB0"), 0x0403, 0x6001, "B"),
)
CH340 = _adapter(Path("/dev/ttyUSB2"), 0x1A86, 0x7523, None)
BUILT_IN = ListPortInfo("/dev/ttyS0")


def test_the_adapter_that_is_named_is_found_among_others() -> None:
    plugged = [BUILT_IN, OTHER, FTDI, CH340]
    assert adapter_path("usb:0403:6001:A10K3XYZ", plugged) == "/dev/ttyUSB1"
    assert adapter_path("usb:1A86:7523", plugged) == "/dev/ttyUSB2"
    for name, complaint in (
        ("usb:0403:6001", "2 such adapters"),
        ("usb:0403:6001:C", "no such"),
        ("usb:1a86:7523:1", "no"),
    ):
        with pytest.raises(LinkError, match=complaint):
            adapter_path(name, plugged)


def test_every_adapter_is_found_by_its_own_name() -> None:
    assert adapter_name(BUILT_IN) is None
    for adapter in (FTDI, OTHER, CH340):
        name = adapter_name(adapter)
        assert name is not None
        assert adapter_path(name, [BUILT_IN, FTDI, OTHER, CH340]) == adapter.device


class Sockets:
    """Two sockets for one adapter, each with a terminal at its own path; what was received where."""

    def __init__(self, folder: Path) -> None:
        self.heard: dict[int, bytes] = {0: b"", 1: b""}
        self.ptys = [Pty(folder / f"ttyUSB{n}", self._hearer(n)) for n in (0, 1)]
        self.paths = [folder / f"ttyUSB{n}" for n in (0, 1)]

    def _hearer(self, number: int) -> Callable[[bytes], None]:
        def heard(data: bytes) -> None:
            self.heard[number] += data

        return heard

    async def move(self, bus: SharedBus, to: int) -> None:
        self.ptys[1 - to].unplug()
        await _until(lambda: not bus.is_open)
        self.ptys[to].plug()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - terminals and buses set no event for tests
            await asyncio.sleep(0.005)


async def _say(bus: SharedBus, what: bytes) -> None:
    async with bus.conversation(urgent=True) as link:
        await link.write(what)


async def _moves(sockets: Sockets, port: str, follow: Callable[[int], None]) -> None:
    """Plug the adapter into the first socket, then into the second: the same port name finds it both times."""
    sockets.ptys[0].plug()
    follow(0)
    try:
        async with SharedBus(port, 9600, quiet=0.001, late=0.001) as bus:
            await _say(bus, b"first")
            await _until(lambda: sockets.heard[0] == b"first")
            await sockets.move(bus, 1)
            follow(1)
            await _until(lambda: bus.is_open)
            assert sockets.heard == {0: b"first", 1: b""}, "nothing is sent again by itself"
            await _say(bus, b"second")
            await _until(lambda: sockets.heard == {0: b"first", 1: b"second"})
    finally:
        for pty in sockets.ptys:
            pty.unplug()


async def test_a_link_of_udev_is_followed_anew_at_each_opening(tmp_path: Path) -> None:
    sockets, link = Sockets(tmp_path), tmp_path / "by-id-usb-lock-main"

    def follow(to: int) -> None:
        link.unlink(missing_ok=True)
        link.symlink_to(sockets.paths[to])

    await _moves(sockets, str(link), follow)


async def test_an_adapter_is_found_by_its_numbers_at_each_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sockets, plugged = Sockets(tmp_path), list[ListPortInfo]()
    monkeypatch.setattr(list_ports, "comports", lambda: list(plugged))

    def follow(to: int) -> None:
        plugged[:] = [BUILT_IN, _adapter(sockets.paths[to], 0x0403, 0x6001, "A10K3XYZ")]

    await _moves(sockets, "usb:0403:6001:A10K3XYZ", follow)
