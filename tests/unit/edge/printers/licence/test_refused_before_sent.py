"""What the driver sees before anything is sent: no job exists afterwards, and the reason is told apart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.errors import JobAlteredError, LinkError, NoAnswerError, PrinterNotReadyError
from edge.paper_ports import Stock
from edge.printers.licence.driver import IppPrinter, Settings, open_ipp_printer
from edge.printers.licence.simulator import Device, SimulatedLicencePrinter, Tray

A3 = Stock(420_000, 297_000, "tray-1", "preprinted")


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[Device]:
    device = Device(tmp_path / "printer", {"tray-1": Tray(420_000, 297_000, "preprinted", 5)})
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
    async with open_ipp_printer("licence", machine.uri, Settings(answer_seconds=0.3)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("moods", "reason"),
    [
        ({"cover_open": True}, "cover_open"),
        ({"toner": "empty"}, "toner_empty"),
        ({"output_full": True}, "output_full"),
        ({"paused": True}, "paused"),
        ({"accepting": False}, "not_accepting"),
        ({"tells_media": False}, "trays_untold"),
        ({"ignores": ["sides"]}, "ignores"),
        ({"ignores": ["media-col", "copies"]}, "ignores"),
    ],
)
async def test_a_printer_that_would_not_print_gets_nothing(
    device: Device, printer: IppPrinter, moods: dict[str, object], reason: str
) -> None:
    for name, value in moods.items():
        device.moods.set(name, value)
    with pytest.raises(PrinterNotReadyError) as told:
        await printer.send(b"%PDF", "nd-1", A3)
    assert (told.value.reason, device.jobs) == (reason, {})


@pytest.mark.parametrize(
    ("tray", "reason"),
    [
        (Tray(420_000, 297_000, "preprinted", 0), "tray_empty"),
        (Tray(210_000, 297_000, "preprinted", 5), "wrong_size"),
        (Tray(420_000, 297_000, "stationery", 5), "wrong_type"),
    ],
)
async def test_wrong_paper_in_the_tray_gets_nothing(
    device: Device, printer: IppPrinter, tray: Tray, reason: str
) -> None:
    device.trays["tray-1"] = tray
    with pytest.raises(PrinterNotReadyError) as told:
        await printer.send(b"%PDF", "nd-1", A3)
    assert (told.value.reason, device.jobs) == (reason, {})


async def test_silence_before_a_job_is_no_doubt_about_one(device: Device, printer: IppPrinter) -> None:
    device.moods.answers = "never"
    with pytest.raises(LinkError) as told:
        await printer.send(b"%PDF", "nd-1", A3)
    assert not isinstance(told.value, NoAnswerError)
    assert device.jobs == {}


async def test_a_job_that_was_taken_otherwise_is_dropped_and_told(device: Device, printer: IppPrinter) -> None:
    """It said that it would do all, and ignores the tray when the job is there: the sheet may be any sheet."""
    device.moods.ignores, device.moods.validates, device.moods.sheet_seconds = ("media-col",), False, 5
    with pytest.raises(JobAlteredError) as told:
        await printer.send(b"%PDF", "nd-1", A3)
    assert told.value.attributes == ("media-col",)
    assert [job.state for job in device.jobs.values()] == [7]


async def test_what_a_model_may_ignore_is_a_setting(device: Device, machine: SimulatedLicencePrinter) -> None:
    device.moods.ignores = ("print-scaling",)
    async with open_ipp_printer("licence", machine.uri, Settings(may_ignore="sides, print-scaling")) as printer:
        assert await printer.send(b"%PDF", "nd-1", A3) == 1


async def test_a_printer_that_never_tells_its_trays_can_be_trusted(
    device: Device, machine: SimulatedLicencePrinter
) -> None:
    device.moods.tells_media = False
    async with open_ipp_printer("licence", machine.uri, Settings(blind_trays=True)) as printer:
        assert await printer.send(b"%PDF", "nd-1", A3) == 1
