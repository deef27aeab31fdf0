"""The simulated USB socket: what it makes appear, and what it refuses."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from edge.links.simulator_control import RefusedError
from edge.scanner_sections import UsbDriveConfig
from edge.scanners.usb_drive.hotplug import open_socket
from edge.scanners.usb_drive.simulator.drives import DRIVES
from edge.simulate_drive import KINDS, SimulatedSocket, is_simulated_drive


def test_every_kind_can_be_made() -> None:
    assert set(KINDS) == set(DRIVES)


def test_a_real_socket_is_not_simulated() -> None:
    assert is_simulated_drive(UsbDriveConfig(port="drive.img"))
    assert not is_simulated_drive(UsbDriveConfig(port="usb:1-1.4"))
    assert not is_simulated_drive(None)


async def test_a_drive_appears_whole_and_is_pulled(tmp_path: Path) -> None:
    path, news = tmp_path / "drive.img", asyncio.Event()
    socket, seen = SimulatedSocket(UsbDriveConfig(port=str(path)), news.set), open_socket(str(path))
    first = await seen.change(0)
    assert first.device is None
    socket.drive({"on": True, "kind": "locked"})
    assert socket.state()["coming"] == "locked"
    with pytest.raises(RefusedError, match="in the socket"):
        socket.drive({"on": True, "kind": "honest"})
    async with asyncio.timeout(20):
        await news.wait()
        plugged = await seen.change(first.number)
    assert (plugged.device, socket.state()["kind"], path.stat().st_size) == (path, "locked", 4 << 20)
    socket.drive({"on": False})
    assert (await seen.change(plugged.number)).device is None
    assert (socket.state()["kind"], os.listdir(tmp_path)) == ("", [])


async def test_one_that_is_pulled_while_it_is_being_put_in_never_appears(tmp_path: Path) -> None:
    news = asyncio.Event()
    socket = SimulatedSocket(UsbDriveConfig(port=str(tmp_path / "drive.img")), news.set)
    socket.drive({"on": True, "kind": "honest"})
    making = socket.making
    assert making is not None
    socket.drive({"on": False})
    await asyncio.gather(making, return_exceptions=True)
    assert making.cancelled()
    assert (socket.state()["coming"], os.listdir(tmp_path)) == ("", [])


@pytest.mark.parametrize("request_", [{}, {"on": True}, {"on": True, "kind": "a5"}, {"on": "yes", "kind": "honest"}])
def test_what_is_no_drive_is_refused(request_: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        SimulatedSocket(UsbDriveConfig(port=str(tmp_path / "d")), lambda: None).drive(request_)
