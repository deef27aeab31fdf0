"""Staff take out deposits and overdue items, and look into what is doubtful or out of service."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal
from uuid import UUID

from contract.events import Purpose
from edge.clock import Clock
from edge.core import clear
from edge.core.compartment import NOT_FITTED, Allocation, Compartment, Deposit, Item
from edge.core.visit import Decision
from edge.errors import BugError
from edge.ports import Door
from edge.services.picture import Picture
from edge.services.refusals import RefusedError
from edge.services.view import CompartmentWork
from edge.services.visits import Visits
from edge.store.unit_of_work import Transaction


class ClearDeposits:
    """What staff with the right `clear` (for inspection, `service` as well) may do."""

    def __init__(self, visits: Visits, picture: Picture, clock: Clock, *, new_id: Callable[[], UUID]) -> None:
        self._visits, self._picture, self._clock, self._new_id = visits, picture, clock, new_id

    def to_clear(self) -> list[CompartmentWork]:
        """Return the compartments with a deposit or an overdue item in them."""
        now = self._clock.now()
        return [
            _work(each, now)
            for each in self._picture.all()
            if each.allocation is Allocation.OCCUPIED and each.in_service and _is_to_clear(each, now)
        ]

    def to_inspect(self) -> list[CompartmentWork]:
        """Return the compartments that are doubtful or out of service."""
        now = self._clock.now()
        return [
            _work(each, now)
            for each in self._picture.all()
            if (each.allocation is Allocation.DOUBTFUL or not each.in_service) and each.out_reason != NOT_FITTED
        ]

    async def start(self, number: int, kind: Literal[Purpose.CLEAR, Purpose.INSPECT], staff: str) -> None:
        """Begin a clearing or an inspection.

        Raises:
            RefusedError: there is nothing to do at that number, or another visit has not ended.
        """
        listed = self.to_clear() if kind is Purpose.CLEAR else self.to_inspect()
        if number not in {each.number for each in listed}:
            raise RefusedError("bad_number")

        def work(tx: Transaction, _doors: dict[int, Door]) -> Decision:
            try:
                return clear.begin(
                    self._new_id(),
                    tx.compartment(number),
                    self._new_id(),
                    kind=kind,
                    staff=staff,
                    boot=self._visits.boot,
                )
            except BugError as error:
                # The list was true a moment ago: a door was forced, or a command came in between.
                raise RefusedError("bad_number") from error

        await self._visits.begin(work)


def _is_to_clear(compartment: Compartment, now: datetime) -> bool:
    return isinstance(compartment.content, Deposit) or _overdue(compartment, now)


def _overdue(compartment: Compartment, now: datetime) -> bool:
    content = compartment.content
    return isinstance(content, Item) and content.due is not None and content.due <= now


def _work(compartment: Compartment, now: datetime) -> CompartmentWork:
    content = compartment.content
    return CompartmentWork(
        number=compartment.number,
        receipt_number=content.receipt_number if isinstance(content, Deposit) else None,
        case_number=content.case_number if isinstance(content, Item) else None,
        doubtful=compartment.allocation is Allocation.DOUBTFUL,
        overdue=_overdue(compartment, now),
        reason=compartment.out_reason,
    )
