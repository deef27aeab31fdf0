"""After a start: adopt the station file's compartments, and judge the visit that a crash interrupted by its door.

Never fires a coil: doors are read, and what nobody observed is in doubt. (Live grants died and lock-outs began again
in full when the store was opened.)
"""

from __future__ import annotations

from collections.abc import Iterable

from edge.services.door_control import Doors
from edge.services.door_watch import DoorWatch
from edge.services.picture import Picture
from edge.services.visits import Visits
from edge.store.compartments import Fitted
from edge.store.unit_of_work import Store

# A wire that is being opened, or an adapter that has just got power, is given time before a door counts as unknown.
BOARDS_WAKE_WITHIN_S = 5.0


async def recover(
    store: Store, doors: Doors, visits: Visits, watch: DoorWatch, picture: Picture, fitted: Iterable[Fitted]
) -> None:
    """Bring what is on the disk and what the doors say together, before anybody may begin."""
    numbers = list(fitted)
    await store.transact(lambda tx: tx.fit(numbers))
    await picture.load()
    await doors.look()
    for visit in await store.read(lambda tx: tx.open_visits()):
        await visits.restart(visit, await doors.read_patiently(visit.compartment, BOARDS_WAKE_WITHIN_S))
    watch.adopt()
