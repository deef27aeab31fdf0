"""The compartments as last committed, in memory: what pages and the hub's live picture are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from edge.cabinets import Fitting
from edge.core.compartment import SIZES, Allocation, Compartment
from edge.ports import Door
from edge.services.changes import Changes
from edge.services.door_control import Doors
from edge.services.upkeep import is_due
from edge.services.view import CompartmentPicture
from edge.store.door_counts import DoorCount
from edge.store.unit_of_work import Store


class Picture:
    """Follows every commit of compartments; `changes` tells when allocation, service or a door is not what it was."""

    def __init__(self, store: Store, doors: Doors, fittings: Mapping[int, Fitting] = MappingProxyType({})) -> None:
        self._store, self._doors, self._fittings = store, doors, fittings
        self._compartments: dict[int, Compartment] = {}
        self.changes = Changes()

    async def load(self) -> None:
        """Read all compartments from the store."""
        self.note(await self._store.read(lambda tx: tx.compartments()))

    def note(self, compartments: Iterable[Compartment]) -> None:
        """Take over what was just committed."""
        news = {each.number: each for each in compartments}
        if news:
            self._compartments |= news
            self.changes.notify()

    def all(self) -> list[Compartment]:
        """Return every compartment, by number."""
        return [self._compartments[number] for number in sorted(self._compartments)]

    def get(self, number: int) -> Compartment | None:
        """Return one, or None for a number that the station does not have."""
        return self._compartments.get(number)

    def sizes_free(self) -> frozenset[str]:
        """Return the sizes for which some compartment (perhaps a larger one) is free and shut."""
        free = [
            SIZES.index(each.size)
            for each in self.all()
            if each.allocation is Allocation.FREE
            and each.visit is None
            and each.in_service
            and self._doors.door(each.number) is Door.CLOSED
        ]
        return frozenset(SIZES[: max(free) + 1]) if free else frozenset()

    async def published(self) -> list[CompartmentPicture]:
        """Return the picture for the hub; `StoreBusyError` when the counts can't be read."""
        counts = await self._store.read(lambda tx: tx.door_counts())
        return [self._published(each, counts.get(each.number)) for each in self.all()]

    def _published(self, each: Compartment, count: DoorCount | None) -> CompartmentPicture:
        fitting = self._fittings.get(each.number)
        return CompartmentPicture(
            number=each.number,
            size=each.size,
            allocation=each.allocation.value,
            door=self._doors.door(each.number).value,
            in_service=each.in_service,
            reason=each.out_reason or None,
            openings=0 if count is None else count.openings,
            maintenance_due=count is not None and is_due(count, fitting),
            place=None if fitting is None else fitting.place,
        )
