"""Papers out of the licence printer: one order, one paper, whatever fails and whenever the power goes.

Each step is committed before it is carried out (`edge/core/printing.py`). After a start, what was never handed to the
printer is given up, what may have been is looked for at the printer by its random name, and never sent again. The PDF
lives in memory from the setting to the answer of the printer, and nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from contract.events import EventData, PaperLeft, PaperTaken, PrintDone, PrintFailed, PrintRequested, PrintUnverified
from contract.print_orders import PrintOrder
from edge.clock import Clock
from edge.core import printing
from edge.core.printing import Found, PrintDecision, PrintJob, PrintStep
from edge.errors import (
    LayoutRefusedError,
    LinkError,
    NoAnswerError,
    PressError,
    PrinterNotReadyError,
    StockRefusedError,
    TryAgainError,
)
from edge.paper_ports import JobLook, Press, Stock
from edge.services.changes import Changes
from edge.services.paper_parts import Contents, JobView, Machine, Patience
from edge.services.refusals import RefusedError
from edge.store.unit_of_work import Store, Transaction

DEVICE = "printer-licence"
PATIENT = Patience()
_OPEN = frozenset({PrintStep.REQUESTED, PrintStep.RESERVED, PrintStep.SENDING, PrintStep.SENT})
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Watched:
    """What is remembered of an open job while this process lives."""

    since: float
    seen: bool | None = None
    faults: tuple[str, ...] = ()
    printed_at: float | None = None


class IssuePapers:
    """The queue of one licence printer; one paper at a time."""

    def __init__(
        self,
        store: Store,
        machine: Machine | None,
        press: Press,
        contents: Contents,
        clock: Clock,
        *,
        new_id: Callable[[], UUID],
        patience: Patience = PATIENT,
    ) -> None:
        self._store, self._machine, self._press, self._contents, self._clock = store, machine, press, contents, clock
        self._new_id, self._patience = new_id, patience
        self._turn = asyncio.Lock()
        self._watched: dict[UUID, _Watched] = {}
        self._wake = asyncio.Event()
        self._recovered = False
        self.changes = Changes()

    @property
    def has_printer(self) -> bool:
        """Whether the station has a licence printer."""
        return self._machine is not None

    async def start(self, order: PrintOrder, correlation: UUID) -> UUID:
        """Print an order's paper; return the job, which `view` follows from `sent` on.

        Raises:
            RefusedError: nothing was used up; `text` is `print_` and the reason.
            StoreBusyError: the disk refuses; nothing was sent.
        """
        machine = self._machine
        if machine is None:
            raise RefusedError("print_no_printer")
        if self._turn.locked():
            raise RefusedError("print_busy")
        async with self._turn:
            await self._store.read(lambda tx: _still_wanted(tx, order, self._clock))
            stock = machine.trays.get(order.stock)
            if stock is None:
                raise RefusedError("print_wrong_stock")
            pdf = await self._set(order)
            await self._ready(machine, stock)
            job = await self._reserve(order, stock, hashlib.sha256(pdf).hexdigest(), correlation)
            await self._send(machine, job, pdf, stock)
        self._wake.set()
        return job.id

    async def view(self, job: UUID) -> JobView:
        """Return how far a job is."""
        found = await self._store.read(lambda tx: tx.print_job(job))
        if found is None:
            return JobView(PrintStep.FAILED, "unknown")
        watched, left = self._watched.get(job), None
        if found.step is PrintStep.PRINTED and watched is not None and watched.printed_at is not None:
            left = max(0, round(watched.printed_at + self._patience.take_s - self._clock.monotonic()))
        faults = () if watched is None else watched.faults
        return JobView(found.step, found.reason, faults, found.blank, found.certificate, left)

    async def taken(self, job: UUID) -> None:
        """The person says that the paper is in their hands."""
        await self._hand_over(job, taken=True)

    async def left(self, job: UUID) -> None:
        """Nobody is there any more who could take it."""
        await self._hand_over(job, taken=False)

    async def decide(self, job: UUID, found: Found, staff: tuple[str, str] | None = None) -> None:
        """A person looked at an unverified paper: it is there, its sheet is blank, or it is spoiled.

        Raises:
            RefusedError: `stock_` and the reason, as `edge/core/stock.py` names it.
        """

        def work(tx: Transaction) -> None:
            held = tx.print_job(job)
            if held is None or held.step is not PrintStep.UNVERIFIED:
                raise RefusedError("stock_not_to_inspect")
            self._commit(tx, printing.decide(held, tx.blanks(), found, staff))

        try:
            await self._store.transact(work)
        except StockRefusedError as error:
            raise RefusedError(f"stock_{error.reason}") from error
        self.changes.notify()

    async def recover(self) -> None:
        """Judge what an earlier life of the station left open; before anything else is printed."""
        for job in await self._store.read(lambda tx: tx.open_print_jobs()):
            if job.step in {PrintStep.REQUESTED, PrintStep.RESERVED}:
                await self._step(job, lambda each, tx: printing.never_moved(each, tx.blanks(), "restarted"))
            elif job.step is PrintStep.SENDING:
                await self._look_for(job)
            elif job.step is PrintStep.SENT:
                self._watch(job)
            elif job.step is PrintStep.PRINTED:
                await self._hand_over(job.id, taken=await self._paper() is False)
        self._recovered = True

    async def run(self) -> None:
        """Look after open jobs, for ever."""
        while True:
            with contextlib.suppress(TryAgainError):
                if not self._recovered:
                    await self.recover()
                await self._look_round()
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience.poll_s if self._watched else None):
                    await self._wake.wait()

    # Before the printer has it

    async def _set(self, order: PrintOrder) -> bytes:
        content = await self._contents.content(order.order)
        if content.pdf is not None:
            return content.pdf
        try:
            return await self._press.pdf(order.layout, content.facts or {}, self._clock.now())
        except LayoutRefusedError as error:
            _log.warning("paper refused: %s", error)
            raise RefusedError(f"print_layout_{error.reason}") from error
        except PressError as error:
            raise RefusedError("print_press") from error

    async def _ready(self, machine: Machine, stock: Stock) -> None:
        """Ask before a sheet is reserved: is the printer there, does it print, does the right stock lie in the tray."""
        try:
            look = await machine.printer.look()
        except NoAnswerError as error:
            raise RefusedError("print_silent") from error
        except (LinkError, PrinterNotReadyError) as error:
            raise RefusedError("print_away") from error
        if look.state == "stopped" or not look.accepting:
            raise RefusedError("print_stopped")
        if look.ready and stock not in look.ready:
            raise RefusedError("print_wrong_stock")
        if await self._paper():
            raise RefusedError("print_output_full")

    async def _reserve(self, order: PrintOrder, stock: Stock, digest: str, correlation: UUID) -> PrintJob:
        job = PrintJob(
            self._new_id(), order.order, order.layout, order.certificate, order.stock, name=f"nd-{self._new_id().hex}"
        )

        def work(tx: Transaction) -> PrintJob:
            _still_wanted(tx, order, self._clock)
            decision = printing.reserve(job, tx.blanks(), stock.tray)
            tx.carry_out_print(decision)
            held = decision.job
            asked = PrintRequested(job=job.id, layout=job.layout, blank=held.blank, order=job.order, sha256=digest)
            tx.emit(asked, correlation)
            return held

        try:
            return await self._store.transact(work)
        except StockRefusedError as error:
            raise RefusedError(f"stock_{error.reason}") from error

    async def _send(self, machine: Machine, job: PrintJob, pdf: bytes, stock: Stock) -> None:
        job = await self._step(job, lambda each, _tx: printing.sending(each))
        try:
            number = await machine.printer.send(pdf, job.name, stock)
        except NoAnswerError:
            await self._look_for(job)
        except LinkError:
            await self._step(job, lambda each, tx: printing.never_moved(each, tx.blanks(), "away"))
        except PrinterNotReadyError:
            await self._step(job, lambda each, tx: printing.never_moved(each, tx.blanks(), "refused"))
        else:
            self._watch(await self._step(job, lambda each, _tx: printing.sent(each, number)))

    async def _look_for(self, job: PrintJob) -> None:
        """Whether the printer has a job that it never answered for. If that cannot be told, a person looks."""
        number = None
        if self._machine is not None:
            with contextlib.suppress(LinkError, PrinterNotReadyError):
                number = await self._machine.printer.find(job.name)
        if number is None:
            await self._step(job, lambda each, tx: printing.doubt(each, tx.blanks(), "not_answered"))
        else:
            known = number
            self._watch(await self._step(job, lambda each, _tx: printing.sent(each, known)))

    # Once it has it

    async def _look_round(self) -> None:
        for job in await self._store.read(lambda tx: tx.open_print_jobs()):
            watched = self._watched.get(job.id)
            if watched is None:
                continue
            if job.step is PrintStep.SENT:
                await self._look_at(job, watched)
            elif job.step is PrintStep.PRINTED:
                await self._wait_for_hands(job, watched)

    async def _look_at(self, job: PrintJob, watched: _Watched) -> None:
        assert self._machine is not None and job.number is not None  # noqa: PT018 - a sent job has both
        paper, over = await self._paper(), self._clock.monotonic() - watched.since > self._patience.print_s
        watched.seen = True if watched.seen or paper else paper
        look: JobLook | None = None
        try:
            look = await self._machine.printer.job(job.number, job.name)
            watched.faults = () if look is None else (*look.reasons, *(await self._machine.printer.look()).reasons)
        except (LinkError, PrinterNotReadyError):
            watched.faults = ("away",)
            if not over:
                self.changes.notify()
                return
        sensor = self._machine.sensor is not None
        word = "away" if watched.faults == ("away",) else ""
        word = word or printing.judge(look, paper=watched.seen, sensor=sensor, patience_over=over)
        if word == "printed":
            watched.printed_at = self._clock.monotonic()
            await self._step(job, lambda each, tx: printing.printed(each, tx.blanks()))
        elif word != "wait":
            with contextlib.suppress(LinkError, PrinterNotReadyError):
                await self._machine.printer.cancel(job.number)
            await self._step(job, lambda each, tx: printing.doubt(each, tx.blanks(), word))
        self.changes.notify()

    async def _wait_for_hands(self, job: PrintJob, watched: _Watched) -> None:
        if await self._paper() is False:
            await self._hand_over(job.id, taken=True)
        elif watched.printed_at is None or self._clock.monotonic() - watched.printed_at > self._patience.take_s:
            await self._hand_over(job.id, taken=False)
        self.changes.notify()

    async def _hand_over(self, job: UUID, *, taken: bool) -> None:
        def work(tx: Transaction) -> PrintJob | None:
            held = tx.print_job(job)
            if held is None or held.step is not PrintStep.PRINTED:
                return None
            self._commit(tx, printing.handed_over(held, taken=taken))
            return held

        over = await self._store.transact(work)
        if over is not None:
            self._watched.pop(job, None)
            await self._contents.wipe(over.order)
            self.changes.notify()

    async def _paper(self) -> bool | None:
        if self._machine is None or self._machine.sensor is None:
            return None
        try:
            return await self._machine.sensor.paper()
        except LinkError:
            return None

    # Commits

    async def _step(self, job: PrintJob, rule: Callable[[PrintJob, Transaction], PrintDecision]) -> PrintJob:
        def work(tx: Transaction) -> PrintJob:
            held = tx.print_job(job.id)
            assert held is not None  # it was committed before
            return self._commit(tx, rule(held, tx))

        now = await self._store.transact(work)
        if now.step not in {*_OPEN, PrintStep.PRINTED}:
            self._watched.pop(now.id, None)
        self.changes.notify()
        return now

    def _commit(self, tx: Transaction, decision: PrintDecision) -> PrintJob:
        tx.carry_out_print(decision)
        event = _event(decision.job)
        if event is not None:
            tx.emit(event)
        return decision.job

    def _watch(self, job: PrintJob) -> None:
        self._watched[job.id] = _Watched(self._clock.monotonic())
        self._wake.set()


def _still_wanted(tx: Transaction, order: PrintOrder, clock: Clock) -> None:
    steps = {job.step for job in tx.jobs_of_order(order.order)} - {PrintStep.FAILED}
    if PrintStep.UNVERIFIED in steps:
        raise RefusedError("print_unverified")
    if steps & _OPEN:
        raise RefusedError("print_busy")
    if steps:
        raise RefusedError("print_already")
    if order.expires_at <= clock.now():
        raise RefusedError("print_expired")


def _event(job: PrintJob) -> EventData | None:
    match job.step:
        case PrintStep.PRINTED:
            return PrintDone(job=job.id, layout=job.layout)
        case PrintStep.UNVERIFIED:
            return PrintUnverified(job=job.id, layout=job.layout)
        case PrintStep.FAILED:
            return PrintFailed(job=job.id, layout=job.layout, reason=job.reason)
        case PrintStep.TAKEN:
            return PaperTaken(job=job.id, layout=job.layout)
        case PrintStep.LEFT:
            return PaperLeft(job=job.id, layout=job.layout)
        case _:
            return None
