"""The part of the desk for papers that are printed here: whose, which one, how it comes out, whether it was taken.

A citizen begins with a card; staff print what is to lie in a compartment, and load it as they load everything. A job
goes on by itself once it was asked for (`issue_papers.py`): this part follows it, says what a person can do, and gives
a slip when nothing came out or nobody can tell. Composed by `desk.py`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol
from uuid import UUID

from contract.ids import card_hash, mask_name
from contract.print_orders import PrintOrder
from edge.core.printing import PrintStep
from edge.errors import AskCitizenError, NightdeskError, TryAgainError
from edge.ports import IdCard
from edge.services.changes import Changes
from edge.services.paper_parts import PATIENT, JobView
from edge.services.parts import PrintParts, Services
from edge.services.print_view import LIVE, PaperView, Phase, PrintView, as_view
from edge.services.refusals import RefusedError
from edge.services.view import KioskView

PrintForm = Literal["print_identity", "print_list", "print_paper", "print_job"]
FORMS: frozenset[str] = frozenset({"print_identity", "print_list", "print_paper", "print_job"})
_PHASES: dict[PrintStep, Phase] = {
    PrintStep.PRINTED: "take",
    PrintStep.TAKEN: "thanks",
    PrintStep.LEFT: "left",
    PrintStep.FAILED: "failed",
    PrintStep.UNVERIFIED: "doubtful",
}


class Counter(Protocol):
    """What the desk lends: the form that is shown, and how to show another one."""

    changes: Changes

    @property
    def form(self) -> str:
        """The form on the screen."""

    def show(self, form: PrintForm | Literal["home", "list"]) -> None:
        """Show another form."""

    def say(self, error: NightdeskError) -> None:
        """Show what a person can do about an error."""


@dataclass(slots=True)
class _Attempt:
    """One paper that was asked for; `visit` is the correlation of everything that is said about it."""

    order: PrintOrder
    visit: UUID
    phase: Phase = "preparing"
    reason: str = ""
    faults: tuple[str, ...] = ()
    job: UUID | None = None
    receipt_number: str | None = None


@dataclass(slots=True)
class _Person:
    """Whose papers are on the screen; `card` None: staff, for a compartment."""

    card: str | None
    name: str = field(default="", repr=False)
    papers: tuple[PrintOrder, ...] = ()
    chosen: PrintOrder | None = None
    preview: list[bytes] = field(default_factory=list, repr=False)
    attempt: _Attempt | None = None


class DeskPrint:
    """What a person may ask for who prints a paper."""

    def __init__(self, counter: Counter, services: Services) -> None:
        self._desk, self._its = counter, services
        self._who = _Person(None)
        self._asked: asyncio.Queue[_Attempt] = asyncio.Queue()

    @property
    def offered(self) -> bool:
        """Whether citizens print papers here: there is a printer, and cards are read."""
        prints = self._its.prints
        return prints is not None and prints.papers.has_printer and "card" in self._its.pickup.ways()

    @property
    def busy(self) -> bool:
        """Whether a paper is on its way; nobody is sent home then."""
        attempt = self._who.attempt
        return self._desk.form == "print_job" and attempt is not None and attempt.phase in LIVE

    def dress(self, frame: KioskView) -> KioskView:
        """Return a form's screen with what printing shows there."""
        if frame.step not in FORMS:
            return replace(frame, prints=self.offered)
        who, attempt, prints = self._who, self._who.attempt, self._its.prints
        view = PrintView(
            papers=tuple(as_view(each) for each in who.papers),
            chosen=None if who.chosen is None else as_view(who.chosen),
            name=who.name,
            pages=len(who.preview),
            take_s=round(PATIENT.take_s),
            senses=prints is not None and prints.papers.senses,
        )
        if frame.step != "print_job" or attempt is None:
            return replace(frame, paper=view)
        view = replace(view, phase=attempt.phase, reason=attempt.reason, faults=attempt.faults)
        slip = "none" if attempt.receipt_number is None else self._its.slips.status(attempt.visit)
        return replace(frame, paper=view, receipt_number=attempt.receipt_number, slip=slip)

    async def to_load(self) -> list[PaperView]:
        """Return what staff print for compartments."""
        prints = self._its.prints
        if prints is None or not prints.papers.has_printer:
            return []
        return [as_view(each) for each in await prints.orders.for_pickup()]

    def picture(self, page: int) -> bytes:
        """Return a page of the preview as PNG; empty when it is not on the screen."""
        shown = self._desk.form == "print_paper" and page < len(self._who.preview)
        return self._who.preview[page] if shown else b""

    # Wishes

    async def name(self, card: IdCard) -> None:
        """Take a card as whose papers are asked for."""
        key, prints = self._its.pickup.proofs.card_key, self._its.prints
        if self._desk.form != "print_identity" or key is None or prints is None:
            return
        hashed = card_hash(key, card.citizen_number)
        papers = tuple(await prints.orders.of_card(hashed))
        self._who = _Person(hashed, mask_name(card.name), papers)
        self._desk.show("print_list")

    async def choose(self, order: UUID) -> None:
        """Show one paper of the list; raises RefusedError for one that is there no more."""
        if self._desk.form == "print_list" and self._who.card is not None:
            await self._choose(next((each for each in self._who.papers if each.order == order), None))

    async def choose_for_compartment(self, order: UUID) -> None:
        """Show one that is to lie in a compartment; raises RefusedError without the right `load`."""
        self._its.staff.require("load")
        prints = self._its.prints
        if self._desk.form == "list" and prints is not None:
            self._who = _Person(None)
            await self._choose(next((each for each in await prints.orders.for_pickup() if each.order == order), None))

    async def _choose(self, order: PrintOrder | None) -> None:
        prints = self._its.prints
        if order is None or prints is None:
            raise RefusedError("print_gone")
        self._who.chosen, self._who.attempt = order, None
        self._who.preview = await prints.papers.preview(order)
        self._desk.show("print_paper")

    def print(self) -> None:
        """Print what is on the screen.

        Raises:
            RefusedError: an older paper must be given back before.
        """
        who, prints = self._who, self._its.prints
        if self._desk.form != "print_paper" or who.chosen is None or prints is None:
            return
        if who.chosen.returns:
            raise RefusedError("print_not_returned")
        who.attempt, who.preview = _Attempt(who.chosen, prints.slips.new_id()), []
        self._asked.put_nowait(who.attempt)
        self._desk.show("print_job")

    async def taken(self) -> None:
        """The person says that the paper is in their hands. Raises StoreBusyError."""
        attempt, prints = self._who.attempt, self._its.prints
        if self._desk.form == "print_job" and attempt is not None and attempt.job is not None and prints is not None:
            await prints.papers.taken(attempt.job)

    async def more(self) -> None:
        """Back to the list after a paper: what else there is, or the same once more when it did not come out."""
        if self._desk.form != "print_job" or self.busy:
            return
        await self._to_list()

    async def back(self) -> bool:
        """Leave a form for the one before it; False when that is the start page."""
        if self._desk.form not in FORMS:
            return False
        if self.busy:
            return True
        if self._desk.form == "print_paper" or self._its.staff.session is not None:
            await self._to_list()
            return True
        return False

    def leave(self) -> None:
        """The person is done or gone: nothing of them stays here."""
        self._who = _Person(None)

    async def _to_list(self) -> None:
        who, prints = self._who, self._its.prints
        who.chosen, who.attempt, who.preview = None, None, []
        if self._its.staff.session is not None or who.card is None or prints is None:
            self.leave()
            self._desk.show("list" if self._its.staff.session is not None else "home")
            return
        who.papers = tuple(await prints.orders.of_card(who.card))
        self._desk.show("print_list")

    # A paper on its way

    async def run(self) -> None:
        """Print what is asked for and follow it, for ever."""
        prints = self._its.prints
        if prints is None:
            return
        while True:
            attempt = await self._asked.get()
            seen = prints.papers.changes.revision
            await self._start(prints, attempt)
            while attempt.phase in LIVE:
                seen = await prints.papers.changes.after(seen)
                await self._follow(prints, attempt)

    async def _start(self, prints: PrintParts, attempt: _Attempt) -> None:
        try:
            attempt.job = await prints.papers.start(attempt.order, attempt.visit)
        except (AskCitizenError, TryAgainError) as error:
            await self._end(prints, attempt, "failed", getattr(error, "text", "") or "print_try_again")
        else:
            await self._follow(prints, attempt)

    async def _follow(self, prints: PrintParts, attempt: _Attempt) -> None:
        assert attempt.job is not None  # it was started
        try:
            view: JobView = await prints.papers.view(attempt.job)
        except TryAgainError:
            return
        phase = _PHASES.get(view.step, "printing")
        if phase in {"failed", "doubtful"}:
            await self._end(prints, attempt, phase, view.reason)
        elif (phase, view.faults) != (attempt.phase, attempt.faults):
            attempt.phase, attempt.faults = phase, view.faults
            self._changed(attempt)

    async def _end(self, prints: PrintParts, attempt: _Attempt, phase: Phase, reason: str) -> None:
        """Nothing came out, or nobody can tell: the person gets a slip, unless the disk refuses even that."""
        occasion: Literal["print_failed", "print_doubtful"]
        occasion = "print_doubtful" if phase == "doubtful" or reason == "print_unverified" else "print_failed"
        try:
            given = prints.slips.give(attempt.visit, occasion, attempt.order.certificate, reason)
            attempt.receipt_number = await given
        except TryAgainError as error:
            self._desk.say(error)
        attempt.phase, attempt.reason = phase, reason
        self._changed(attempt)

    def _changed(self, attempt: _Attempt) -> None:
        if self._who.attempt is attempt and self._desk.form == "print_job":
            self._desk.show("print_job")
