"""The licence printer's driver on a queue of a real CUPS, CUPS' own printer behind it, and CUPS killed meanwhile."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest

from edge.core.printing import judge
from edge.errors import LinkError, PrinterNotReadyError
from edge.paper_ports import JobLook, Stock
from edge.printers.licence.driver import IppPrinter, Settings, open_ipp_printer
from tests.cupsd import Cups, cups_queue
from tests.ippeve import IppEve, ippeveprinter

A4 = Stock(210_000, 297_000, "main", "stationery")
NAME = "nd-1"
COUNTED = "ATTR: job-impressions-completed=1"
ENDED = {"completed", "aborted", "canceled"}


def _sheet() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595.276, 841.89))
        pdf.save(out)
    return out.getvalue()


@dataclass
class Stand:
    """A printer, its queue, and the driver on the queue."""

    device: IppEve
    cups: Cups
    queue: IppPrinter
    itself: IppPrinter

    async def job(self, number: int, wanted: Callable[[JobLook], bool]) -> JobLook:
        async with asyncio.timeout(20):
            while True:
                look = await self.queue.job(number, NAME)
                if look is not None and wanted(look):
                    return look
                await asyncio.sleep(0.05)

    async def ended(self, number: int) -> JobLook:
        return await self.job(number, lambda look: look.state in ENDED)

    async def says(self, reason: str) -> None:
        async with asyncio.timeout(20):
            while not any(each.startswith(reason) for each in (await self.queue.look()).reasons):  # noqa: ASYNC110 - a queue sets no event
                await asyncio.sleep(0.05)

    async def printing(self) -> int:
        """Send a sheet, and return its job when the printer itself has begun it and holds it."""
        self.device.hold(on=True)
        number = await self.queue.send(_sheet(), NAME, A4)
        async with asyncio.timeout(20):
            while (await self.itself.look()).state != "processing":
                look = await self.queue.job(number, NAME)
                assert look is None or look.state not in ENDED, (look, self.cups.log())
                await asyncio.sleep(0.05)
        return number


@asynccontextmanager
async def _stand(folder: Path, policy: str = "abort-job") -> AsyncIterator[Stand]:
    async with ippeveprinter(folder / "printer") as device, cups_queue(folder / "cups", device.uri, policy) as cups:
        device.says(COUNTED)
        settings = Settings(printer_uri=device.uri)
        async with (
            open_ipp_printer("licence", cups.uri, settings) as queue,
            open_ipp_printer("itself", device.uri, Settings()) as itself,
        ):
            yield Stand(device, cups, queue, itself)


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    async with _stand(tmp_path) as stand:
        yield stand


def _word(look: JobLook | None) -> str:
    return judge(look, paper=None, sensor=False, patience_over=False)


async def test_a_sheet_through_a_queue_is_printed_once_and_counted(stand: Stand) -> None:
    look = await stand.ended(await stand.queue.send(_sheet(), NAME, A4))
    assert (_word(look), len(stand.device.sheets)) == ("printed", 1)
    with pikepdf.open(stand.device.sheets[0]) as pdf:
        assert len(pdf.pages) == 1


async def test_paper_out_while_it_prints_waits_and_goes_on(stand: Stand) -> None:
    number = await stand.printing()
    stand.device.load(sheets=0)
    await stand.says("media-empty")
    with pytest.raises(PrinterNotReadyError) as told:
        await stand.queue.send(_sheet(), "nd-2", A4)
    assert told.value.reason == "tray_empty"
    assert _word(await stand.queue.job(number, NAME)) == "wait"
    stand.device.load()
    stand.device.hold(on=False)
    assert _word(await stand.ended(number)) == "printed"
    assert len(stand.device.sheets) == 1


async def test_empty_toner_is_seen_through_the_queue(stand: Stand) -> None:
    stand.device.toner(0)
    with pytest.raises(PrinterNotReadyError) as told:
        await stand.queue.send(_sheet(), NAME, A4)
    assert told.value.reason == "toner_empty"
    assert stand.device.sheets == []


async def test_wrong_paper_is_seen_through_the_queue(stand: Stand) -> None:
    stand.device.load("iso_dl_110x220mm", kind="envelope")
    with pytest.raises(PrinterNotReadyError) as told:
        await stand.queue.send(_sheet(), NAME, A4)
    assert told.value.reason == "wrong_size"
    assert stand.device.sheets == []


async def test_a_job_that_jams_is_aborted_and_not_tried_again(stand: Stand) -> None:
    stand.device.says("STATE: +media-jam-error")
    stand.device.abort()
    look = await stand.ended(await stand.queue.send(_sheet(), NAME, A4))
    assert _word(look) in {"job_aborted", "job_canceled"}
    with pytest.raises(PrinterNotReadyError) as told:
        await stand.queue.send(_sheet(), "nd-2", A4)
    assert (told.value.reason, stand.device.sheets) == ("jam", [])


async def test_a_printer_that_is_gone_behind_its_queue_is_told(stand: Stand) -> None:
    number = await stand.printing()
    stand.device.process.kill()
    await stand.device.process.wait()
    with pytest.raises(LinkError):
        await stand.queue.look()
    with pytest.raises(LinkError):
        await stand.queue.send(_sheet(), "nd-2", A4)
    assert _word(await stand.queue.job(number, NAME)) == "wait"
    assert stand.device.sheets == []


async def test_a_queue_of_which_nobody_tells_the_trays_gets_nothing(stand: Stand) -> None:
    async with open_ipp_printer("licence", stand.cups.uri, Settings()) as blind:
        with pytest.raises(PrinterNotReadyError) as told:
            await blind.send(_sheet(), NAME, A4)
    assert told.value.reason == "trays_untold"


async def test_a_queue_that_would_print_again_by_itself_gets_nothing(tmp_path: Path) -> None:
    async with _stand(tmp_path, policy="retry-current-job") as stand:
        with pytest.raises(PrinterNotReadyError) as told:
            await stand.queue.send(_sheet(), NAME, A4)
        assert (told.value.reason, stand.device.sheets) == ("repeats", [])


@pytest.mark.parametrize("filters", [True, False], ids=["with its programs", "alone"])
async def test_killed_in_the_middle_of_a_job_it_prints_no_second_sheet(stand: Stand, filters: bool) -> None:
    """Its spool is wiped before it starts, as docs/setup-station.md has it done: the job is aborted, a person looks."""
    number = await stand.printing()
    await stand.cups.kill(filters=filters)
    with pytest.raises(LinkError):
        await stand.queue.job(number, NAME)
    stand.device.hold(on=False)
    stand.cups.wipe_spool()
    await stand.cups.start()
    assert _word(await stand.ended(number)) == "job_aborted"
    async with asyncio.timeout(20):
        while not stand.device.sheets or (await stand.itself.look()).state != "idle":  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)
    assert len(stand.device.sheets) == 1


async def test_with_its_spool_kept_it_prints_twice_and_is_not_believed(stand: Stand) -> None:
    """Why the spool is wiped: CUPS begins an unfinished job anew. Two sheets are counted, so nothing is `printed`."""
    number = await stand.printing()
    await stand.cups.kill()
    stand.device.hold(on=False)
    await stand.cups.start()
    assert _word(await stand.ended(number)) == "several_sheets"
    assert len(stand.device.sheets) == 2
