"""Staff take out deposits and overdue items, and look into what is doubtful or out of service."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from contract.events import Purpose
from edge.clock import Clock
from edge.core import clear
from edge.core.compartment import NOT_FITTED, Allocation, Compartment, Deposit, Item
from edge.core.visit import Decision, Destination
from edge.errors import BugError
from edge.ports import Door
from edge.services.care_for_items import is_to_clear
from edge.services.pickup_proof import is_overdue
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
        now = self._believed_now()
        return [_work(each, now) for each in self._picture.all() if each.in_service and is_to_clear(each, now)]

    def needs_two(self, number: int) -> bool:
        """Whether two persons must open it together: the item of a recipient who did not come in time."""
        compartment = self._picture.get(number)
        content = None if compartment is None else compartment.content
        return isinstance(content, Item) and is_overdue(content, self._believed_now())

    def to_inspect(self) -> list[CompartmentWork]:
        """Return the compartments that are doubtful or out of service."""
        now = self._believed_now()
        return [
            _work(each, now)
            for each in self._picture.all()
            if (each.allocation is Allocation.DOUBTFUL or not each.in_service) and each.out_reason != NOT_FITTED
        ]

    async def start(
        self,
        number: int,
        kind: clear.Kind,
        staff: str,
        witness: str | None = None,
        destination: Destination = "window",
    ) -> None:
        """Begin a clearing or an inspection; `destination` is where an overdue item goes.

        Raises:
            RefusedError: there is nothing to do at that number, a second person is needed (`witness`), or another
                visit has not ended.
        """
        if self.needs_two(number) and witness in {None, staff}:
            raise RefusedError("two_needed")
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
                    witness=witness,
                    destination=destination,
                )
            except BugError as error:
                # The list was true a moment ago: a door was forced, or a command came in between.
                raise RefusedError("bad_number") from error

        await self._visits.begin(work)

    def _believed_now(self) -> datetime | None:
        return self._clock.now() if self._clock.synced else None


def _work(compartment: Compartment, now: datetime | None) -> CompartmentWork:
    content = compartment.content
    return CompartmentWork(
        number=compartment.number,
        receipt_number=content.receipt_number if isinstance(content, Deposit) else None,
        case_number=content.case_number if isinstance(content, Item) else None,
        doubtful=compartment.allocation is Allocation.DOUBTFUL,
        overdue=isinstance(content, Item) and is_overdue(content, now),
        withdrawn=isinstance(content, Item) and content.withdrawn,
        reason=compartment.out_reason,
        count=content.count if isinstance(content, Deposit) else None,
    )
