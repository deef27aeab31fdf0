"""The parts of the desk that readers speak to: what a code says acts as if it had been typed into the form.

Cards are asked for by a form, and what one says goes to whoever that form belongs to; it is kept nowhere here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from edge.clock import Clock
from edge.errors import AskCitizenError, CardUnreadableError, LinkError, NightdeskError, TryAgainError
from edge.ports import IdCard
from edge.services.asking import LONG_S, Asked, while_asked
from edge.services.changes import Changes
from edge.services.desk_pickup import DeskPickup
from edge.services.desk_print import DeskPrint
from edge.services.desk_submission import DeskSubmission
from edge.services.desk_trolley import DeskTrolley
from edge.services.parts import Services
from edge.services.refusals import RefusedError
from edge.services.view import Message

# A label is a case number with hyphens and spaces; what is longer was something else.
_LONGEST_LABEL = 64
_INSTEAD = {
    "card_again": "identity_again",
    "card_other_kind": "identity_other_kind",
    "card_window": "identity_not_believed",
    "card_expired": "identity_expired",
}
_TO_PRINT = {
    "card_other_kind": "print_card_other_kind",
    "card_window": "print_card_window",
    "card_expired": "print_card_expired",
}
# A form's own words where "use your code" would be wrong.
_WORDS = {"identity": _INSTEAD, "print_identity": _TO_PRINT}
_FAILED = {"identity": "identity_reader_failed", "print_identity": "print_reader_failed"}


class Counter(Protocol):
    """What the desk lends: the form that is shown, and who takes what is typed into it."""

    changes: Changes
    pickup: DeskPickup
    submission: DeskSubmission
    prints: DeskPrint
    trolley: DeskTrolley

    @property
    def form(self) -> str:
        """The form on the screen."""

    def say(self, error: NightdeskError) -> None:
        """Show what a person can do about an error."""

    def tell(self, message: Message) -> None:
        """Show a message."""


class DeskCodes:
    """Waits for codes while a form with a field for them is shown."""

    def __init__(self, counter: Counter, services: Services) -> None:
        self._desk, self._its = counter, services

    async def run(self) -> None:
        """Read codes while a form asks for one, until cancelled."""
        reader = self._its.pickup.proofs.scanner
        if reader is None:
            return
        asked = Asked(reader.name, self._its.devices, self._desk.changes)
        while True:
            await asked.until(self._wanted)
            try:
                code = await while_asked(self._desk.changes, self._wanted, reader.wait_for_code(LONG_S))
            except LinkError:
                await asked.failed()
                self._desk.tell(Message("code_reader_failed"))
                await asked.until_it_answers(reader.wait_for_code)
                continue
            await asked.recovered()
            if code is not None:
                await self._give(code)

    def _wanted(self) -> bool:
        return self._taker() is not None

    def _taker(self) -> Callable[[str], Awaitable[None]] | None:
        """Return what takes a code on this screen."""
        session = self._its.staff.session
        loads = session is not None and "load" in session.member.rights
        if self._its.visits.current is not None:
            return None
        match self._desk.form:
            case "qr":
                return self._desk.pickup.start_by_token
            case "list" if loads:
                return _label(self._desk.trolley.scan)
            case "trolley" if loads and not self._desk.trolley.planned:
                return _label(self._desk.trolley.scan_on)
        return None

    async def _give(self, code: str) -> None:
        taker = self._taker()
        try:
            if taker is not None:
                await taker(code)
        except (AskCitizenError, TryAgainError) as error:
            self._desk.say(error)


class DeskCards:
    """Waits for cards while a form that asks for one is shown."""

    def __init__(self, counter: Counter, services: Services, clock: Clock) -> None:
        self._desk, self._its, self._clock = counter, services, clock

    async def run(self) -> None:
        """Read cards while a form asks for one, until cancelled."""
        reader = self._its.pickup.proofs.reader
        if reader is None or not self._its.pickup.proofs.reads_cards:
            return
        asked = self._its.pickup.asked = Asked(reader.name, self._its.devices, self._desk.changes)
        while True:
            await asked.until(self._wanted)
            try:
                card = await while_asked(self._desk.changes, self._wanted, reader.wait_for_card(LONG_S))
            except CardUnreadableError as error:
                self._say(error)
                continue
            except LinkError:
                failed_on = self._desk.form
                await asked.failed()
                self._desk.tell(Message(_FAILED.get(failed_on, "card_reader_failed")))
                await asked.until_it_answers(reader.wait_for_card)
                continue
            await asked.recovered()
            if card is not None:
                await self._give(card)

    def _wanted(self) -> bool:
        return self._taker() is not None

    def _taker(self) -> Callable[[IdCard], Awaitable[None]] | None:
        """Return what takes a card on this screen."""
        if self._its.visits.active is not None:
            return None
        match self._desk.form:
            case "card":
                return self._desk.pickup.start_by_card
            case "factor":
                return self._desk.pickup.second_by_card
            case "identity":
                return self._desk.submission.name
            case "print_identity":
                return self._desk.prints.name
        return None

    async def _give(self, card: IdCard) -> None:
        taker = self._taker()
        if taker is None:
            return
        try:
            # A station that booted in 1970 cannot tell; every other one refuses what the authority would refuse.
            if self._clock.synced and card.valid_to is not None and card.valid_to < self._clock.now().date():
                raise RefusedError("card_expired")
            await taker(card)
        except (AskCitizenError, TryAgainError) as error:
            self._say(error)

    def _say(self, error: NightdeskError) -> None:
        """Show it; whoever only hands in has another way to go on than whoever collects."""
        key = getattr(error, "text", "")
        instead = _WORDS.get(self._desk.form, {})
        if key in instead:
            self._desk.tell(Message(instead[key]))
        else:
            self._desk.say(error)


def _label(take: Callable[[str], Awaitable[None]]) -> Callable[[str], Awaitable[None]]:
    async def taken(code: str) -> None:
        plain = code.strip()
        if len(plain) > _LONGEST_LABEL or not plain.isprintable():
            raise RefusedError("bad_label")
        await take(plain)

    return taken
