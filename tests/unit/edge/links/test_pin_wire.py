"""Mock pins over a real pseudo-terminal, against lines spelled by hand."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from gpiozero import DigitalInputDevice, DigitalOutputDevice

from edge.errors import LinkError
from edge.links.gpio import OpenPins, open_pins
from edge.links.simulator import Pty
from tests.conformance.bench import eventually


class FarEnd:
    """Hears everything and greets back with some levels."""

    def __init__(self, path: Path) -> None:
        self.heard = b""
        self.greeting = b"level 5 0\nlevel 6 1\nhello\n"
        self.pty = Pty(path, self._take)

    def _take(self, data: bytes) -> None:
        self.heard += data
        if data == b"hello\n":
            self.pty.send(self.greeting)


@pytest.fixture
async def far(tmp_path: Path) -> AsyncIterator[FarEnd]:
    end = FarEnd(tmp_path / "pins")
    end.pty.plug()
    yield end
    end.pty.unplug()


@pytest.fixture
async def pins(far: FarEnd, tmp_path: Path) -> AsyncIterator[OpenPins]:
    opened = await open_pins(str(tmp_path / "pins"))
    yield opened
    await opened.close()


async def test_a_level_from_outside_is_stronger_than_a_pull(pins: OpenPins) -> None:
    low = DigitalInputDevice(5, pull_up=True, pin_factory=pins.factory)
    high = DigitalInputDevice(6, pull_up=False, pin_factory=pins.factory)
    free = DigitalInputDevice(13, pull_up=True, pin_factory=pins.factory)
    assert (low.pin.state, high.pin.state, free.pin.state) == (0, 1, 1)


async def test_an_input_moves_and_strange_lines_are_nothing(pins: OpenPins, far: FarEnd) -> None:
    device = DigitalInputDevice(5, pull_up=True, pin_factory=pins.factory)
    far.pty.send(b"level x 1\nlevel 5 2\nlevel 5\n\xff\xfe\n\nlevel 99 1\nlev")
    far.pty.send(b"el 5 1\n")
    await eventually(lambda: bool(device.pin.state))


async def test_outputs_are_told_in_order_from_any_thread(pins: OpenPins, far: FarEnd) -> None:
    device = DigitalOutputDevice(17, active_high=False, pin_factory=pins.factory)
    device.on()
    thread = threading.Thread(target=device.off)
    thread.start()
    thread.join()
    device.close()
    await eventually(lambda: far.heard.endswith(b"in 17\n"))
    told = far.heard.removeprefix(b"hello\n").split(b"\n")
    assert told == [b"out 17 1", b"out 17 0", b"out 17 1", b"in 17", b""]


async def test_closing_makes_every_pin_an_input(far: FarEnd, tmp_path: Path) -> None:
    opened = await open_pins(str(tmp_path / "pins"))
    DigitalOutputDevice(17, pin_factory=opened.factory).on()
    await opened.close()
    await opened.close()
    await eventually(lambda: far.heard.endswith(b"out 17 1\nin 17\n"))


async def test_a_far_end_that_does_not_answer_is_no_chip(far: FarEnd, tmp_path: Path) -> None:
    far.greeting = b""
    with pytest.raises(LinkError, match="no simulated pins answer"):
        await open_pins(str(tmp_path / "pins"))
    with pytest.raises(LinkError):
        await open_pins(str(tmp_path / "nothing"))
