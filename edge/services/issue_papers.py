"""Papers out of the licence printer: one order, one paper, whatever fails and whenever the power goes.

Each step is committed before it is carried out (`edge/core/printing.py`). After a start, what was never handed to the
printer is given up, what may have been is looked for at the printer by its random name, and never sent again. The PDF
lives in memory from the setting to the answer of the printer, and nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from uuid import UUID

from contract.events import PrintRequested
from contract.print_orders import PrintOrder
from edge.clock import Clock
from edge.core import printing
from edge.core.printer_state import progress_trouble
from edge.core.printing import Found, PrintDecision, PrintJob, PrintStep
from edge.errors import (
    JobAlteredError,
    LinkError,
    NoAnswerError,
    PrinterNotReadyError,
    StockRefusedError,
    TryAgainError,
)
from edge.paper_ports import JobLook, Press, Stock
from edge.services.changes import Changes
from edge.services.devices import Devices
from edge.services.paper_checks import (
    BEFORE,
    OPEN,
    event_of,
    paper_at,
    require_dropped,
    require_wanted,
)
from edge.services.paper_parts import PATIENT, Contents, JobView, Machine, Patience, Watched
from edge.services.printer_alarm import PrinterAlarm
from edge.services.refusals import RefusedError
from edge.services.set_papers import PaperSetter
from edge.store.unit_of_work import Store, Transaction


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
        devices: Devices | None = None,
    ) -> None:
        self._store, self._machine, self._contents, self._clock = store, machine, contents, clock
        self._new_id, self._patience = new_id, patience
        self._turn = asyncio.Lock()
        self._watched: dict[UUID, Watched] = {}
        self._wake = asyncio.Event()
        self._unwiped: set[UUID] = set()
        self._carrying: asyncio.Task[UUID] | None = None
        self._alarm = PrinterAlarm(devices)
        self._setter = PaperSetter(press, contents, clock)
        self.changes = Changes()

    @property
    def has_printer(self) -> bool:
        """Whether the station has a licence printer."""
        return self._machine is not None

    @property
    def senses(self) -> bool:
        """Whether the output tells for itself that a paper was taken."""
        return self._machine is not None and self._machine.sensor is not None

    async def preview(self, order: PrintOrder) -> list[bytes]:
        """Return the pages of a paper as PNG, marked as a specimen; none when it cannot be shown."""
        return await self._setter.preview(order)

    async def start(self, order: PrintOrder, correlation: UUID) -> UUID:
        """Print an order's paper; return the job, which `view` follows from `sent` on.

        Raises:
            RefusedError: nothing was used up; `text` is `print_` and the reason.
            StoreBusyError: the disk refuses; nothing was sent.
        """
        machine = self._machine
        if machine is None:
            raise RefusedError("print_no_printer")
        if order.returns:
            # Nothing here says yet that the older papers were given back.
            raise RefusedError("print_not_returned")
        if self._turn.locked():
            raise RefusedError("print_busy")
        # Whoever asked may be gone in the middle; a paper that was begun is brought to an end.
        self._carrying = asyncio.create_task(self._carry(machine, order, correlation), name="paper")
        return await asyncio.shield(self._carrying)

    async def _carry(self, machine: Machine, order: PrintOrder, correlation: UUID) -> UUID:
        async with self._turn:
            try:
                await self._store.read(lambda tx: require_wanted(tx, order, self._clock))
                stock = machine.trays.get(order.stock)
                if stock is None:
                    raise RefusedError("print_wrong_stock")
                pdf = await self._setter.pdf(order)
                await self._alarm.ready(machine, stock)
                job = await self._reserve(order, stock, hashlib.sha256(pdf).hexdigest(), correlation)
                await self._send(machine, job, pdf, stock)
            finally:
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

    async def decide(
        self,
        job: UUID,
        found: Found,
        staff: tuple[str, str] | None = None,
        *,
        also: Callable[[Transaction], None] = lambda _tx: None,
    ) -> None:
        """A person looked at an unverified paper: they hold it, its sheet is blank, or it is spoiled.

        `also` is done in the same commit.

        A job that the printer still has is dropped there first: what a person calls blank must not come out later.

        Raises:
            RefusedError: `stock_` and the reason, as `edge/core/stock.py` names it; `print_away`, `print_silent` or
                `print_busy`: nobody can say that the printer has dropped it.
        """
        held = await self._store.read(lambda tx: tx.print_job(job))
        if held is not None and self._machine is not None:
            await require_dropped(self._machine.printer, held)

        def work(tx: Transaction) -> PrintJob:
            held = tx.print_job(job)
            if held is None or held.step is not PrintStep.UNVERIFIED:
                raise RefusedError("stock_not_to_inspect")
            held = self._commit(tx, printing.decide(held, tx.blanks(), found, staff))
            also(tx)
            # The person who found it printed has it in their hands.
            return held if found != "printed" else self._commit(tx, printing.handed_over(held, taken=True))

        try:
            decided = await self._store.transact(work)
        except StockRefusedError as error:
            raise RefusedError(f"stock_{error.reason}") from error
        if found == "printed":
            await self._forget(decided)
        self.changes.notify()

    async def run(self) -> None:
        """Look after open jobs, for ever: those of this life, and first those that an earlier one left open."""
        while True:
            self._wake.clear()
            tried = False
            with contextlib.suppress(TryAgainError):
                await self.look_round()
                tried = True
            again = bool(self._watched or self._unwiped) or not tried
            try:
                async with asyncio.timeout(self._patience.poll_s if again else self._patience.idle_s):
                    await self._wake.wait()
            except TimeoutError:
                if not again:
                    await self._look_if_idle()

    async def _look_if_idle(self) -> None:
        if self._machine is not None and not self._turn.locked():
            await self._alarm.look(self._machine.printer)

    # Before the printer has it

    async def _reserve(self, order: PrintOrder, stock: Stock, digest: str, correlation: UUID) -> PrintJob:
        job = PrintJob(
            self._new_id(), order.order, order.layout, order.certificate, order.stock, name=f"nd-{self._new_id().hex}"
        )

        def work(tx: Transaction) -> PrintJob:
            require_wanted(tx, order, self._clock)
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
        except JobAlteredError:
            await self._step(job, lambda each, tx: printing.doubt(each, tx.blanks(), "altered"))
        except NoAnswerError:
            await self._look_for(job)
        except LinkError:
            await self._step(job, lambda each, tx: printing.never_moved(each, tx.blanks(), "away"))
        except PrinterNotReadyError as error:
            await self._refused(machine, job, error.reason)
        else:
            await self._step(job, lambda each, _tx: printing.sent(each, number))

    async def _refused(self, machine: Machine, job: PrintJob, reason: str) -> None:
        """A refusal is believed unless the printer has the job nevertheless."""
        number = None
        with contextlib.suppress(LinkError, PrinterNotReadyError):
            number = await machine.printer.find(job.name)
        if number is None:
            await self._step(job, lambda each, tx: printing.never_moved(each, tx.blanks(), reason))
        else:
            known = number
            await self._step(job, lambda each, _tx: printing.sent(each, known))

    async def _look_for(self, job: PrintJob) -> None:
        """Whether the printer has a job that it never answered for. If that cannot be told, a person looks."""
        watched, number = self._watched.setdefault(job.id, Watched(self._clock.monotonic())), None
        try:
            if self._machine is not None:
                number = await self._machine.printer.find(job.name)
        except (LinkError, PrinterNotReadyError):
            # It may only be starting, as the station is: after a power cut both are.
            watched.faults, watched.troubled = ("away",), "was_away"
            if self._clock.monotonic() - watched.since <= self._patience.print_s:
                return
        if number is None:
            await self._step(job, lambda each, tx: printing.doubt(each, tx.blanks(), "not_answered"))
        else:
            known = number
            await self._step(job, lambda each, _tx: printing.sent(each, known))

    # Once it has it

    async def look_round(self) -> None:
        """Look once at every job that is not over. Raises `StoreBusyError`."""
        for order in tuple(self._unwiped):
            await self._contents.wipe(order)
            self._unwiped.discard(order)
        for job in await self._store.read(lambda tx: tx.open_print_jobs()):
            if job.step in BEFORE:
                await self._give_up(job.id)
            elif job.step is PrintStep.SENT:
                await self._look_at(job, self._watched.setdefault(job.id, Watched(self._clock.monotonic())))
            elif job.step is PrintStep.PRINTED:
                await self._wait_for_hands(job, self._watched.get(job.id))

    async def _give_up(self, job: UUID) -> None:
        """End what nobody carries any more: an earlier life of the station, or one whose commit the disk refused."""
        if self._turn.locked():
            return
        async with self._turn:
            held = await self._store.read(lambda tx: tx.print_job(job))
            if held is None or held.step not in BEFORE:
                return
            if held.step is PrintStep.SENDING:
                await self._look_for(held)
            else:
                await self._step(held, lambda each, tx: printing.never_moved(each, tx.blanks(), "restarted"))

    async def _look_at(self, job: PrintJob, watched: Watched) -> None:
        assert job.number is not None
        paper, over = await paper_at(self._machine), self._clock.monotonic() - watched.since > self._patience.print_s
        watched.seen = True if watched.seen or paper else paper
        look, told = await self._ask(job, watched)
        if not told and not over:
            self.changes.notify()
            return
        sensor = self._machine is not None and self._machine.sensor is not None
        word = "away" if not told else printing.judge(
            look, paper=watched.seen, sensor=sensor, patience_over=over, troubled=watched.troubled
        )  # fmt: skip
        if word == "printed":
            watched.printed_at = self._clock.monotonic()
            await self._step(job, lambda each, tx: printing.printed(each, tx.blanks()))
        elif word != "wait":
            await self._cancel(job.number)
            await self._step(job, lambda each, tx: printing.doubt(each, tx.blanks(), word))
        self.changes.notify()

    async def _ask(self, job: PrintJob, watched: Watched) -> tuple[JobLook | None, bool]:
        """Return the printer's word of a job, and whether it said one."""
        if self._machine is None or job.number is None:
            return None, False
        try:
            faults = (await self._machine.printer.look()).reasons
            look = await self._machine.printer.job(job.number, job.name)
        except (LinkError, PrinterNotReadyError) as error:
            watched.faults = ("away",)
            await self._alarm.tell("away")
            if not isinstance(error, NoAnswerError):
                # It was switched off in the middle: what it prints, or printed, when it is back, nobody watched.
                watched.troubled = "was_away"
            return None, False
        watched.faults = faults if look is None else (*look.reasons, *faults)
        watched.troubled = watched.troubled or printing.trouble(watched.faults)
        if fault := progress_trouble(faults):
            await self._alarm.tell(fault)
        return look, True

    async def _cancel(self, number: int) -> None:
        if self._machine is not None:
            with contextlib.suppress(LinkError, PrinterNotReadyError):
                await self._machine.printer.cancel(number)

    async def _wait_for_hands(self, job: PrintJob, watched: Watched | None) -> None:
        """`watched` None: it was printed in an earlier life; who asked for it is gone."""
        if await paper_at(self._machine) is False:
            await self._hand_over(job.id, taken=True)
        elif (
            watched is None
            or watched.printed_at is None
            or self._clock.monotonic() - watched.printed_at > self._patience.take_s
        ):
            await self._hand_over(job.id, taken=False)
        self.changes.notify()

    async def _hand_over(self, job: UUID, *, taken: bool) -> None:
        def work(tx: Transaction) -> PrintJob | None:
            held = tx.print_job(job)
            if held is None or held.step is not PrintStep.PRINTED:
                return None
            return self._commit(tx, printing.handed_over(held, taken=taken))

        over = await self._store.transact(work)
        if over is not None:
            await self._forget(over)

    async def _forget(self, over: PrintJob) -> None:
        """Nothing of a paper that is out stays here; a disk that refuses is asked again."""
        self._watched.pop(over.id, None)
        self._unwiped.add(over.order)
        self.changes.notify()
        try:
            await self._contents.wipe(over.order)
        except TryAgainError:
            self._wake.set()
        else:
            self._unwiped.discard(over.order)

    # Commits

    async def _step(self, job: PrintJob, rule: Callable[[PrintJob, Transaction], PrintDecision]) -> PrintJob:
        def work(tx: Transaction) -> PrintJob:
            held = tx.print_job(job.id)
            assert held is not None  # it was committed before
            return self._commit(tx, rule(held, tx))

        now = await self._store.transact(work)
        if now.step not in {*OPEN, PrintStep.PRINTED}:
            self._watched.pop(now.id, None)
        self._wake.set()
        self.changes.notify()
        return now

    def _commit(self, tx: Transaction, decision: PrintDecision) -> PrintJob:
        tx.carry_out_print(decision)
        event = event_of(decision.job)
        if event is not None:
            tx.emit(event)
        return decision.job
