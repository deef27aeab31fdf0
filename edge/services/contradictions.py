"""When a door's sensor is not to be believed: a person sees otherwise, or it flickers.

What lies inside is then in doubt, the compartment goes out of service, and a technician gets a task. A person's word
alone never makes a door count as shut or a compartment as free.
"""

from __future__ import annotations

from uuid import UUID

from edge.clock import Clock
from edge.core.advance import contradicted
from edge.core.compartment import Compartment
from edge.core.visit import SensorContradicted, SensorFault, Step
from edge.ports import Door
from edge.services.door_control import Doors
from edge.services.picture import Picture
from edge.services.refusals import RefusedError
from edge.services.visits import Visits
from edge.store.unit_of_work import Store, Transaction

LOOK_AGAIN_S = 3.0
"""A person who has just shut a door is a little faster than the sensor; the second word counts after this."""
_LIVE = frozenset({Step.OPENING, Step.OPEN, Step.CLOSED})


class Contradictions:
    """Settles what a person or a flickering contact says against a sensor."""

    def __init__(self, store: Store, doors: Doors, visits: Visits, picture: Picture, clock: Clock) -> None:
        self._store, self._doors, self._visits, self._picture, self._clock = store, doors, visits, picture, clock
        self._said_shut: tuple[UUID, UUID | None, float] | None = None

    async def says_open(self, visit_id: UUID | None, number: int) -> None:
        """A person sees a door open that was given up as not opened, or that is tried for the second time.

        Raises:
            StoreBusyError: nothing changed.
        """
        current = self._visits.current
        if (
            current is None
            or current.visit.id != visit_id
            or number not in {current.visit.compartment, current.moved_from}
        ):
            return
        if await self._doors.read(number) is Door.OPEN:
            return  # the watch has it
        visit = current.visit
        if number == visit.compartment and not visit.ended:
            if visit.pulses > 1:
                await self._visits.give(visit.id, frozenset({Step.OPENING}), SensorContradicted(), door=number)
        else:
            await self._settle(number, "sensor_stuck", failed_only=True)

    async def says_shut(self, visit_id: UUID | None) -> None:
        """A person says that the door is shut which reads open (or cannot be read).

        Raises:
            RefusedError: asked to push it once more; the same word counts a few seconds later.
            StoreBusyError: nothing changed.
        """
        visit = self._visits.active
        if visit is None or visit.id != visit_id or visit.step is not Step.OPEN:
            return
        if await self._doors.read(visit.compartment) is Door.CLOSED:
            return  # the watch has it
        now, said = self._clock.monotonic(), self._said_shut
        if said is None or said[:2] != (visit.id, visit.grant):
            self._said_shut = (visit.id, visit.grant, now)
            raise RefusedError("still_reads_open")
        if now - said[2] < LOOK_AGAIN_S:
            raise RefusedError("still_reads_open")
        await self._visits.give(visit.id, frozenset({Step.OPEN}), SensorContradicted(), door=visit.compartment)

    async def flickers(self, number: int) -> None:
        """The sensor of a door changes its mind too often.

        Raises:
            StoreBusyError: nothing changed.
        """
        visit = self._visits.active
        if visit is not None and visit.compartment == number:
            given = SensorContradicted("flapping")
            if await self._visits.give(visit.id, _LIVE, given, door=number):
                return
        await self._settle(number, "flapping")

    async def _settle(self, number: int, fault: SensorFault, *, failed_only: bool = False) -> None:
        def work(tx: Transaction) -> Compartment:
            found = tx.compartment(number)
            if found.visit is not None or (failed_only and found.in_service):
                return found
            judged, events = contradicted(found, fault)
            tx.save(judged)
            for event in events:
                tx.emit(event)
            return judged

        self._picture.note([await self._store.transact(work)])
        self._visits.changes.notify()
