"""The real driver against the simulated licence printer: every failure that no tool produces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from edge.errors import LinkError, NoAnswerError
from edge.paper_ports import JobLook, Stock
from edge.printers.licence.driver import IppPrinter, Settings, open_ipp_printer
from edge.printers.licence.simulator import Device, SimulatedLicencePrinter, Tray, sheets_of

A3 = Stock(420_000, 297_000, "tray-1", "stationery-preprinted")
SHEET, NAME = b"%PDF-1.7 made up", "nd-1"


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[Device]:
    device = Device(tmp_path / "printer", {"tray-1": Tray(420_000, 297_000, "stationery-preprinted", 5)})
    device.moods.sheet_seconds = 0.01
    yield device
    device.close()


@pytest.fixture
async def machine(device: Device) -> AsyncIterator[SimulatedLicencePrinter]:
    machine = SimulatedLicencePrinter(device)
    machine.plug()
    yield machine
    machine.unplug()


@pytest.fixture
async def printer(machine: SimulatedLicencePrinter) -> AsyncIterator[IppPrinter]:
    async with open_ipp_printer("licence", machine.uri, Settings(answer_seconds=0.5)) as opened:
        yield opened


async def _seen(
    printer: IppPrinter, number: int, wanted: Callable[[JobLook | None], bool], name: str = NAME
) -> JobLook | None:
    async with asyncio.timeout(5):
        while not wanted(look := await printer.job(number, name)):  # noqa: ASYNC110 - a printer sets no event
            await asyncio.sleep(0.01)
    return look


def _in(*states: str) -> Callable[[JobLook | None], bool]:
    return lambda look: look is not None and look.state in states


async def test_a_sheet_comes_out_and_is_counted(device: Device, printer: IppPrinter, tmp_path: Path) -> None:
    look = await _seen(printer, await printer.send(SHEET, NAME, A3), _in("completed"))
    assert look is not None
    assert look.impressions == 1
    assert sheets_of(tmp_path / "printer") == {NAME: 1}
    assert (device.output, device.trays["tray-1"].sheets) == ([NAME], 4)
    assert device.sees_paper() is True
    assert device.take_output() == [NAME]
    assert device.sees_paper() is False


async def test_a_number_that_another_job_has_now_is_not_its_job(
    machine: SimulatedLicencePrinter, device: Device, printer: IppPrinter
) -> None:
    """A printer that forgot everything with its power counts from one again."""
    device.moods.remembers, device.moods.sheet_seconds = "nothing", 30
    number = await printer.send(SHEET, NAME, A3)
    machine.unplug()
    machine.plug()
    assert await printer.send(SHEET, "nd-2", A3) == number
    assert await printer.job(number, NAME) is None
    assert await printer.find(NAME) is None


async def test_a_jam_stops_it_and_its_sheet_is_spoiled(device: Device, printer: IppPrinter, tmp_path: Path) -> None:
    device.moods.jam = True
    number = await printer.send(SHEET, NAME, A3)
    await _seen(printer, number, _in("stopped"))
    look = await printer.look()
    assert (look.state, look.reasons) == ("stopped", ("media-jam-error",))
    device.moods.jam = False
    device.wake()
    await _seen(printer, number, _in("completed"))
    # The printer helped itself: one blank in shreds, the next one printed, and it counts one impression.
    assert sheets_of(tmp_path / "printer") == {f"{NAME} spoiled": 1, NAME: 1}


@pytest.mark.parametrize("answers", ["not_to_jobs", "cut", "nonsense"])
async def test_a_job_that_was_never_answered_for_is_found(device: Device, printer: IppPrinter, answers: str) -> None:
    device.moods.set("answers", answers)
    with pytest.raises(NoAnswerError):
        await printer.send(SHEET, NAME, A3)
    device.moods.answers = "whole"
    number = await printer.find(NAME)
    assert number is not None
    assert await _seen(printer, number, _in("completed")) is not None


async def test_without_power_nobody_is_there(machine: SimulatedLicencePrinter, printer: IppPrinter) -> None:
    machine.unplug()
    with pytest.raises(LinkError) as told:
        await printer.send(SHEET, NAME, A3)
    assert not isinstance(told.value, NoAnswerError)


async def test_over_a_local_socket(tmp_path: Path) -> None:
    device = Device(tmp_path / "printer", {"main": Tray(210_000, 297_000, "stationery", 1)})
    machine = SimulatedLicencePrinter(device, tmp_path / "s")
    machine.plug()
    async with open_ipp_printer("licence", "ipp://localhost/ipp/print", Settings(), tmp_path / "s") as printer:
        assert (await printer.look()).ready == (Stock(210_000, 297_000, "main", "stationery"),)
    machine.unplug()
    device.close()
