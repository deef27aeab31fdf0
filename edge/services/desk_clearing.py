"""The part of the desk for clearing and inspecting: by one person, overdue items by two. Composed by `desk.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from contract.events import Purpose
from edge.core.clear import Kind
from edge.core.visit import Destination
from edge.services.parts import Services
from edge.services.refusals import RefusedError

_RIGHTS: Mapping[Kind, tuple[str, ...]] = {Purpose.CLEAR: ("clear",), Purpose.INSPECT: ("clear", "service")}


class Counter(Protocol):
    """What the desk lends."""

    @property
    def form(self) -> str:
        """The form on the screen."""

    @property
    def number(self) -> int | None:
        """The compartment that was chosen."""

    def show(self, form: Literal["list", "witness"], number: int | None = None) -> None:
        """Show another form."""


class DeskClearing:
    """What staff with the right `clear` (to look into one: or `service`) may ask for."""

    def __init__(self, counter: Counter, services: Services) -> None:
        self._desk, self._its = counter, services
        self._kind: Kind = Purpose.CLEAR

    async def start(self, number: int, kind: Kind) -> None:
        """Begin to clear or look into a compartment; an overdue item waits for the second person.

        Raises:
            AskCitizenError, TryAgainError: nothing was opened, and why.
        """
        staff = self._its.staff.require(*_RIGHTS[kind])
        if self._its.clear.needs_two(number):
            self._kind = kind
            self._desk.show("witness", number)
            return
        await self._its.clear.start(number, kind, staff)
        self._desk.show("list")

    async def start_with_witness(self, badge: str, pin: str, destination: Destination) -> None:
        """Begin at an overdue item, now that a second person has shown badge and PIN; raises as `start`."""
        number = self._desk.number
        if self._desk.form != "witness" or number is None:
            return
        staff = self._its.staff.require(*_RIGHTS[self._kind])
        witness = await self._its.staff.vouch(badge, pin)
        if not witness.rights & set(_RIGHTS[self._kind]):
            raise RefusedError("not_allowed")
        await self._its.clear.start(number, self._kind, staff, witness.badge, destination)
        self._desk.show("list")

    def back(self) -> None:
        """Leave it for later."""
        if self._desk.form == "witness":
            self._desk.show("list")
