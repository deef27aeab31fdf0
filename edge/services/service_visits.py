"""Doors that a technician opens in service mode, at the kiosk or by a command: one named door each, never all."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from edge.core import service
from edge.core.compartment import NOT_FITTED, Allocation, Compartment
from edge.core.story import SENSOR_FAULTS, return_to_service
from edge.core.visit import Decision
from edge.ports import Door
from edge.services.door_control import Doors
from edge.services.maintain_station import MaintainStation
from edge.services.picture import Picture
from edge.services.refusals import RefusedError
from edge.services.visits import Visits
from edge.store.unit_of_work import Store, Transaction

Also = Callable[[Transaction], None]
"""Something to write in the transaction that permits the door."""


def _nothing(_tx: Transaction) -> None:
    return None


class ServiceVisits:
    """Begins visits of purpose SERVICE, and brings compartments back after a repair."""

    def __init__(
        self,
        store: Store,
        visits: Visits,
        doors: Doors,
        picture: Picture,
        maintain: MaintainStation,
        *,
        new_id: Callable[[], UUID],
    ) -> None:
        self._store, self._visits, self._doors, self._picture = store, visits, doors, picture
        self._maintain, self._new_id = maintain, new_id

    async def test(self, number: int, staff: str, *, visit: UUID | None = None, also: Also = _nothing) -> None:
        """Unlock one free compartment to see whether its door works.

        Raises:
            RefusedError: service mode is off, the compartment is not free, or another visit has not ended.
        """
        self._maintain.require_armed()
        visit_id = visit or self._new_id()

        def work(tx: Transaction, _doors: dict[int, Door]) -> Decision:
            found = _find(tx, number)
            if found.allocation is not Allocation.FREE:
                raise RefusedError("not_free")
            also(tx)
            return service.begin_test(visit_id, found, self._new_id(), staff=staff, boot=self._visits.boot)

        await self._visits.begin(work)

    async def release(
        self, number: int, reason: str, staff: str, *, command: UUID | None = None, also: Also = _nothing
    ) -> None:
        """Unlock one compartment, whatever lies inside, for two persons; spends the signature of the second.

        Raises:
            RefusedError: service mode is off, the second person is missing, there is no reason, no such compartment,
                or another visit has not ended.
        """
        self._maintain.require_armed()
        witness, why = self._maintain.second, reason.strip()
        if witness is None or witness == staff:
            raise RefusedError("second_person_first")
        if not why:
            raise RefusedError("reason_first")
        visit_id = command or self._new_id()

        def work(tx: Transaction, _doors: dict[int, Door]) -> Decision:
            found = _find(tx, number)
            also(tx)
            return service.begin_release(
                visit_id, found, self._new_id(), staff=staff, witness=witness, reason=why, boot=self._visits.boot,
                command=command,
            )  # fmt: skip

        await self._visits.begin(work)
        self._maintain.spend_second()

    async def bring_back(self, number: int, staff: str) -> None:
        """Put a repaired compartment back in service without opening it.

        Raises:
            RefusedError: it is in service or held, in doubt, out for its sensor (an inspection brings that back), or
                its door is not read CLOSED now.
        """
        if await self._doors.read(number) is not Door.CLOSED:
            raise RefusedError("door_not_closed")

        def work(tx: Transaction) -> Compartment:
            found = _find(tx, number)
            if found.in_service:
                raise RefusedError("bad_number")
            if found.allocation is Allocation.DOUBTFUL or found.out_reason in SENSOR_FAULTS:
                raise RefusedError("look_first")
            returned, events = return_to_service(found, "staff", staff)
            tx.save(returned)
            for event in events:
                tx.emit(event)
            return returned

        self._picture.note([await self._store.transact(work)])


def _find(tx: Transaction, number: int) -> Compartment:
    """Return a compartment that nobody holds; raise RefusedError otherwise."""
    if not tx.has_compartment(number):
        raise RefusedError("bad_number")
    found = tx.compartment(number)
    if found.visit is not None or found.out_reason == NOT_FITTED:
        raise RefusedError("bad_number")
    return found
