"""Upkeep of doors by their openings: a lock, a hinge and a contact are made for so many, and no more.

The limit comes from the cabinet's profile. It is called for once; a technician who has looked after the door says so at
the kiosk, and counting begins anew.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from contract.events import DoorServiced, MaintenanceDue
from edge.cabinets import Fitting
from edge.errors import TryAgainError
from edge.services.changes import Changes
from edge.services.refusals import RefusedError
from edge.store.door_counts import DoorCount
from edge.store.unit_of_work import Store, Transaction

PAUSE_S = 1.0


class Upkeep:
    """Watches the counts; doors that stand in no described cabinet are only counted."""

    def __init__(self, store: Store, fittings: Mapping[int, Fitting], opened: Changes) -> None:
        self._store, self._fittings, self._opened = store, fittings, opened

    async def run(self) -> None:
        """Call for upkeep when it falls due, until cancelled."""
        seen = -1
        while True:
            seen = await self._opened.after(seen)
            with contextlib.suppress(TryAgainError):
                if await self._store.read(self._untold):
                    await self._store.transact(self._call)
            # A door that opens changes the picture several times; one look covers them.
            await asyncio.sleep(PAUSE_S)

    async def due(self) -> tuple[DoorCount, ...]:
        """Return the doors whose upkeep is due, by number."""
        counts = await self._store.read(lambda tx: tx.door_counts())
        return tuple(each for each in counts.values() if is_due(each, self._fittings.get(each.number)))

    async def serviced(self, number: int, staff: str) -> None:
        """Take a technician's word that the door was looked after.

        Raises:
            RefusedError: that door never opened, so there is nothing to count from.
        """

        def work(tx: Transaction) -> None:
            count = tx.door_counts().get(number)
            if count is None:
                raise RefusedError("bad_number")
            tx.note_serviced(number)
            tx.emit(DoorServiced(compartment=number, openings=count.openings, staff=staff))

        await self._store.transact(work)
        self._opened.notify()

    def _untold(self, tx: Transaction) -> list[DoorCount]:
        counts = tx.door_counts().values()
        return [each for each in counts if is_due(each, self._fittings.get(each.number)) and not each.told]

    def _call(self, tx: Transaction) -> None:
        for each in self._untold(tx):
            tx.note_told(each.number)
            tx.emit(MaintenanceDue(compartment=each.number, openings=each.openings))


def is_due(count: DoorCount, fitting: Fitting | None) -> bool:
    """Whether a door has opened as often since its last upkeep as its cabinet allows."""
    return fitting is not None and count.since_service >= fitting.maintenance_openings
