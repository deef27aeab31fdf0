"""The part of the desk that a code reader speaks to: what it reads acts as if it had been typed into the form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from edge.errors import AskCitizenError, LinkError, NightdeskError, TryAgainError
from edge.services.asking import LONG_S, Asked, while_asked
from edge.services.changes import Changes
from edge.services.desk_pickup import DeskPickup
from edge.services.desk_trolley import DeskTrolley
from edge.services.parts import Services
from edge.services.refusals import RefusedError
from edge.services.view import Message

# A label is a case number with hyphens and spaces; what is longer was something else.
_LONGEST_LABEL = 64


class Counter(Protocol):
    """What the desk lends: the form that is shown, and who takes what is typed into it."""

    changes: Changes
    pickup: DeskPickup
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


def _label(take: Callable[[str], Awaitable[None]]) -> Callable[[str], Awaitable[None]]:
    async def taken(code: str) -> None:
        plain = code.strip()
        if len(plain) > _LONGEST_LABEL or not plain.isprintable():
            raise RefusedError("bad_label")
        await take(plain)

    return taken
