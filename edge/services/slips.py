"""Slips: kept with the commit that they speak of, printed after it, printed later (marked) when the printer was dead.

A slip is never the only place of a receipt number: the screen shows it as well, whatever the printer does.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from contract.events import EventData, PrintDone, PrintFailed, PrintRequested, PrintUnverified
from edge.core.visit import Slip
from edge.errors import (
    LayoutRefusedError,
    LinkError,
    NoAnswerError,
    PressError,
    PrinterNotReadyError,
    TryAgainError,
)
from edge.paper_ports import DotsPrinter, ReceiptPrinter
from edge.services.changes import Changes
from edge.services.devices import Devices
from edge.services.paper_roll import PaperRoll
from edge.services.slip_texts import SlipText, layout_of, reprint, test_lines
from edge.services.view import SlipStatus
from edge.store.papers import SlipState, StoredSlip
from edge.store.unit_of_work import Store, Transaction

TEST_LAYOUT = "test"
PRINTER = "printer-receipt"
RETRY_SECONDS = 20.0
_log = logging.getLogger(__name__)


class Slips:
    """One printer's queue. `status` follows the newest slip, for the screen of the visit it belongs to."""

    def __init__(
        self,
        store: Store,
        printer: ReceiptPrinter | None,
        devices: Devices,
        *,
        names: tuple[str, str],
        new_id: Callable[[], UUID],
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._store, self._printer, self._devices = store, printer, devices
        self._names, self._new_id, self._retry_seconds = names, new_id, retry_seconds
        self._fresh: asyncio.Queue[StoredSlip] = asyncio.Queue()
        self._status: dict[UUID, SlipStatus] = {}
        self.changes = Changes()
        self.roll = PaperRoll(store, printer, devices)

    def add(self, tx: Transaction, visit: UUID, slip: Slip) -> StoredSlip:
        """Keep a slip in the transaction of what it speaks of; hand it to `print_soon` after the commit."""
        stored = tx.add_slip(self._new_id(), visit, slip)
        tx.emit(
            PrintRequested(job=stored.id, layout=layout_of(slip.occasion), receipt_number=slip.receipt_number), visit
        )
        return stored

    def print_soon(self, stored: StoredSlip) -> None:
        """Print it as soon as the printer is free."""
        # Only the visit on the screen needs its slip's fate; older ones are in the store.
        self._status = {stored.visit: "printing"}
        self._fresh.put_nowait(stored)

    @property
    def has_printer(self) -> bool:
        """Whether the station has a printer of slips."""
        return self._printer is not None

    @property
    def names(self) -> tuple[str, str]:
        """What the station is called on papers."""
        return self._names

    async def check(self) -> str:
        """Ask the printer's status; return what is wrong, or an empty text.

        Raises:
            StoreBusyError: what was found is not on record.
        """
        if self._printer is None:
            return "no printer"
        try:
            await self._printer.check()
        except (LinkError, PrinterNotReadyError) as error:
            fault = "no_answer" if isinstance(error, NoAnswerError) else str(error)[:200]
            await self._devices.failed(PRINTER, fault)
            await self.roll.heard()
            return fault
        await self._devices.recovered(PRINTER)
        await self.roll.heard()
        return ""

    async def print_test(self, at: datetime, correlation: UUID | None = None) -> str:
        """Print a slip that says that it is a test; return `printed`, `unverified` or what is wrong.

        Raises:
            StoreBusyError: what was printed is not on record.
        """
        return await self.print_lines(TEST_LAYOUT, test_lines(*self._names, at), correlation)

    async def print_lines(self, layout: str, lines: list[str], correlation: UUID | None = None) -> str:
        """Print a paper of staff, never a citizen's, as lines of text; returns and raises as `print_test`."""
        job = self._new_id()
        await self._store.transact(lambda tx: tx.emit(PrintRequested(job=job, layout=layout), correlation))
        state, fault = await self._try(lambda printer: printer.print_text(lines))
        event: EventData
        match state:
            case "printed":
                event = PrintDone(job=job, layout=layout)
            case "unverified":
                event = PrintUnverified(job=job, layout=layout)
            case _:
                event = PrintFailed(job=job, layout=layout, reason=fault)

        def work(tx: Transaction) -> None:
            self.roll.count(tx)
            tx.emit(event, correlation)

        await self._store.transact(work)
        await self.roll.watch()
        return fault if state in {"waiting", "failed"} else state

    def status(self, visit: UUID) -> SlipStatus:
        """Return what became of the slip of a visit that is on the screen."""
        return self._status.get(visit, "none")

    async def run(self) -> None:
        """Print what comes, and now and then what could not be printed before; for ever."""
        while True:
            try:
                async with asyncio.timeout(self._retry_seconds):
                    stored = await self._fresh.get()
            except TimeoutError:
                with contextlib.suppress(TryAgainError):
                    await self._print_left_over()
                continue
            with contextlib.suppress(TryAgainError):
                await self._print_fresh(stored)

    async def _print_fresh(self, stored: StoredSlip) -> None:
        state, fault = await self._try(lambda printer: self._print(printer, stored))
        self._status[stored.visit] = state if state != "waiting" else "failed"
        self.changes.notify()
        number, layout = stored.slip.receipt_number, layout_of(stored.slip.occasion)
        event: EventData
        match state:
            case "printed":
                event = PrintDone(job=stored.id, layout=layout, receipt_number=number)
            case "unverified":
                event = PrintUnverified(job=stored.id, layout=layout, receipt_number=number)
            case _:
                event = PrintFailed(job=stored.id, layout=layout, reason=fault, receipt_number=number)
        await self._record(stored, state, event)

    async def _print_left_over(self) -> None:
        for stored in await self._store.read(lambda tx: tx.waiting_slips()):
            if not self._fresh.empty():
                return
            state, _ = await self._try(functools.partial(self._print, stored=stored, again=True))
            if state not in {"printed", "unverified"}:
                return
            kind = PrintDone if state == "printed" else PrintUnverified
            layout = layout_of(stored.slip.occasion)
            event = kind(job=stored.id, layout=layout, receipt_number=stored.slip.receipt_number)
            await self._record(stored, state, event)

    async def _record(self, stored: StoredSlip, state: SlipState, event: EventData) -> None:
        def work(tx: Transaction) -> None:
            tx.mark_slip(stored.id, state)
            self.roll.count(tx)
            tx.emit(event, stored.visit)

        await self._store.transact(work)
        await self.roll.watch()

    async def _try(self, work: Callable[[ReceiptPrinter], Awaitable[None]]) -> tuple[SlipState, str]:
        """Print once. A slip that certainly did not come stays `waiting`; one that may have come is `unverified`."""
        if self._printer is None:
            return "failed", "no printer"
        try:
            await work(self._printer)
        except NoAnswerError as error:
            _log.warning("slip unverified: %s", error)
            await self._devices.failed(PRINTER, "no_answer")
            return "unverified", "no_answer"
        except (LinkError, PrinterNotReadyError) as error:
            _log.warning("slip not printed: %s", error)
            await self._devices.failed(PRINTER, str(error)[:200])
            return "waiting", str(error)[:200]
        await self._devices.recovered(PRINTER)
        return "printed", ""

    async def _print(self, printer: ReceiptPrinter, stored: StoredSlip, *, again: bool = False) -> None:
        said = self._said(stored)
        if isinstance(printer, DotsPrinter):
            try:
                await printer.print_paper(said.layout, said.facts(again=again))
            except (PressError, LayoutRefusedError) as error:
                # A plain slip is better than none: nothing was printed so far.
                _log.warning("slip printed as text: %s", error)
            else:
                return
        lines = said.lines()
        await printer.print_text(reprint(lines) if again else lines)

    def _said(self, stored: StoredSlip) -> SlipText:
        slip = stored.slip
        return SlipText(
            slip.occasion,
            *self._names,
            slip.compartment,
            stored.made_at,
            slip.receipt_number,
            slip.count,
            slip.detail,
        )
