"""The licence printer's driver against a printer that this project did not write: CUPS' ippeveprinter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest

from edge.errors import LinkError, PrinterNotReadyError
from edge.paper_ports import JobLook, LicencePrinter, Stock
from edge.printers.licence.driver import IppPrinter, Settings, open_ipp_printer
from tests.ippeve import IppEve, ippeveprinter

A4 = Stock(210000, 297000, "main", "stationery")


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[IppEve]:
    async with ippeveprinter(tmp_path / "printer") as printer:
        yield printer


@pytest.fixture
async def printer(device: IppEve) -> AsyncIterator[IppPrinter]:
    async with open_ipp_printer("licence", device.uri, Settings()) as opened:
        yield opened


def _sheet(folder: Path) -> bytes:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595.276, 841.89))
        pdf.save(folder / "sheet.pdf")
    return (folder / "sheet.pdf").read_bytes()


async def _ended(printer: IppPrinter, number: int, name: str) -> JobLook:
    async with asyncio.timeout(20):
        while (job := await printer.job(number, name)) is None or job.state in {"pending", "processing"}:  # noqa: ASYNC110 - a printer sets no event
            await asyncio.sleep(0.05)
    return job


async def test_a_sheet_is_printed_as_it_was_sent_and_told(device: IppEve, printer: IppPrinter, tmp_path: Path) -> None:
    assert isinstance(printer, LicencePrinter)
    device.says("ATTR: job-impressions-completed=1")
    sheet, name = _sheet(tmp_path), uuid4().hex
    number = await printer.send(sheet, name, A4)
    assert await printer.find(name) == number
    job = await _ended(printer, number, name)
    assert (job.state, job.impressions) == ("completed", 1)
    assert [path.read_bytes() for path in device.sheets] == [sheet]


async def test_what_it_says_of_itself_is_read(printer: IppPrinter) -> None:
    said = await printer.look()
    assert (said.state, said.accepting) == ("idle", True)
    assert said.ready is not None
    assert {stock.tray for stock in said.ready} >= {"main"}
    assert all(stock.width_um > 10000 and stock.height_um > 10000 for stock in said.ready)


async def test_a_jam_is_seen_in_its_reasons(device: IppEve, printer: IppPrinter, tmp_path: Path) -> None:
    device.says("STATE: +media-jam-error")
    device.hold(on=True)
    name = uuid4().hex
    number = await printer.send(_sheet(tmp_path), name, A4)
    async with asyncio.timeout(20):
        while (await printer.look()).state != "processing":  # noqa: ASYNC110 - a printer sets no event
            await asyncio.sleep(0.05)
    device.hold(on=False)
    await _ended(printer, number, name)
    assert any(reason.startswith("media-jam") for reason in (await printer.look()).reasons)


async def test_a_job_that_fails_is_aborted(device: IppEve, printer: IppPrinter, tmp_path: Path) -> None:
    device.abort()
    name = uuid4().hex
    job = await _ended(printer, await printer.send(_sheet(tmp_path), name, A4), name)
    assert job.state == "aborted"
    assert device.sheets == []


async def test_a_second_job_is_refused_while_one_prints(device: IppEve, printer: IppPrinter, tmp_path: Path) -> None:
    """facts/toolbox: one job at a time; the second Print-Job is answered with server-error-busy."""
    device.hold(on=True)
    await printer.send(_sheet(tmp_path), uuid4().hex, A4)
    with pytest.raises(PrinterNotReadyError, match="0x0507"):
        await printer.send(_sheet(tmp_path), uuid4().hex, A4)


async def test_a_canceled_job_ends_as_such(device: IppEve, printer: IppPrinter, tmp_path: Path) -> None:
    device.hold(on=True)
    name = uuid4().hex
    number = await printer.send(_sheet(tmp_path), name, A4)
    await printer.cancel(number)
    # This printer lets what runs come to its end before it says so.
    device.hold(on=False)
    assert (await _ended(printer, number, name)).state == "canceled"


async def test_jobs_that_it_does_not_know(printer: IppPrinter) -> None:
    assert await printer.job(4711, "x") is None
    assert await printer.find(uuid4().hex) is None
    with pytest.raises(PrinterNotReadyError, match="0x0406"):
        await printer.cancel(4711)


async def test_a_printer_that_vanished_is_told(device: IppEve, printer: IppPrinter, tmp_path: Path) -> None:
    device.process.kill()
    await device.process.wait()
    with pytest.raises(LinkError):
        await printer.look()
    with pytest.raises(LinkError):
        await printer.send(_sheet(tmp_path), uuid4().hex, A4)
