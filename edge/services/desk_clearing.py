"""The part of the desk for clearing: deposits by one person, overdue items by two. Composed by `desk.py`."""

from __future__ import annotations

from typing import Literal, Protocol

from contract.events import Purpose
from edge.core.visit import Destination
from edge.services.parts import Services
from edge.services.refusals import RefusedError


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
    """What staff with the right `clear` may ask for."""

    def __init__(self, counter: Counter, services: Services) -> None:
        self._desk, self._its = counter, services

    async def start(self, number: int) -> None:
        """Begin to clear a compartment; an overdue item waits for the second person.

        Raises:
            AskCitizenError, TryAgainError: nothing was opened, and why.
        """
        staff = self._its.staff.require("clear")
        if self._its.clear.needs_two(number):
            self._desk.show("witness", number)
            return
        await self._its.clear.start(number, Purpose.CLEAR, staff)
        self._desk.show("list")

    async def start_with_witness(self, badge: str, pin: str, destination: Destination) -> None:
        """Begin to clear an overdue item, now that a second person has shown badge and PIN; raises as `start`."""
        number = self._desk.number
        if self._desk.form != "witness" or number is None:
            return
        staff = self._its.staff.require("clear")
        witness = await self._its.staff.vouch(badge, pin)
        if "clear" not in witness.rights:
            raise RefusedError("not_allowed")
        await self._its.clear.start(number, Purpose.CLEAR, staff, witness.badge, destination)
        self._desk.show("list")

    def back(self) -> None:
        """Leave it for later."""
        if self._desk.form == "witness":
            self._desk.show("list")
