"""A printer's device file: a raw pseudo-terminal stands in for usblp, which cannot exist here; a FIFO is no line."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.errors import LinkError
from edge.links.printer_port import PrinterPort
from edge.links.wire import SerialLink, open_link


@pytest.fixture
async def wire() -> AsyncIterator[tuple[PrinterPort, int]]:
    printer, line = os.openpty()
    tty.setraw(line)
    link = await PrinterPort.open(os.ttyname(line))
    os.close(line)
    yield link, printer
    await link.close()
    try:
        os.close(printer)
    except OSError:
        return  # the test has closed it already


async def test_bytes_go_both_ways(wire: tuple[PrinterPort, int]) -> None:
    link, printer = wire
    await link.write(b"\x10\x04\x01")
    assert os.read(printer, 10) == b"\x10\x04\x01"
    os.write(printer, b"\x16\x12")
    assert await link.read(1, 2) + await link.read(9, 2) == b"\x16\x12"
    assert await link.read(9, 0.02) == b""
    os.write(printer, b"late")
    await link.arrived()
    assert await link.discard_input() == b"late"


async def test_a_long_slip_goes_out_whole_to_a_slow_printer(wire: tuple[PrinterPort, int]) -> None:
    link, printer = wire
    slip = bytes(range(256)) * 800
    got = bytearray()
    writing = asyncio.create_task(link.write(slip))
    while len(got) < len(slip):
        await asyncio.sleep(0)
        got += await asyncio.to_thread(os.read, printer, 3000)
    await writing
    assert bytes(got) == slip


async def test_a_printer_that_takes_nothing_or_is_pulled_out_is_an_error(
    wire: tuple[PrinterPort, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.links.printer_port._WRITE_SECONDS", 0.1)
    link, _ = wire
    with pytest.raises(LinkError, match="takes no bytes"):
        await link.write(bytes(300_000))
    assert not link.is_open
    with pytest.raises(LinkError):
        await link.read(1, 1)


async def test_pulled_out(wire: tuple[PrinterPort, int]) -> None:
    link, printer = wire
    os.close(printer)
    await asyncio.wait_for(link.closed(), 2)
    with pytest.raises(LinkError, match="gone"):
        await link.write(b"x")


async def test_the_kind_of_file_says_how_it_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "lp0")
    link = await open_link(str(tmp_path / "lp0"), 9600)
    assert isinstance(link, PrinterPort)
    await link.write(b"around")
    assert await link.read(10, 2) == b"around"
    await link.close()
    printer, line = os.openpty()
    serial = await open_link(os.ttyname(line), 9600)
    assert isinstance(serial, SerialLink)
    await serial.close()
    for file in (printer, line):
        os.close(file)
    for nothing in (tmp_path / "nothing", Path("/dev/usb/lp77")):
        with pytest.raises(LinkError):
            await open_link(str(nothing), 9600)
