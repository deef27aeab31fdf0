"""Judging what doors do: the visit's own door, another one, a forced one, one left open, a board that fell silent.

Every sighting is judged and committed in the order it was seen; while the store refuses, it is offered again. Threat:
a coil driven from outside; an open door without a grant is an alarm within one poll.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Literal

from contract.events import DoorClosed, DoorLeftOpen, DoorOpened, EventData
from edge.clock import Clock
from edge.core.advance import forced
from edge.core.compartment import Allocation, Compartment
from edge.core.visit import DoorSeen, OtherDoorOpened, Step
from edge.errors import TryAgainError
from edge.ports import Door
from edge.services.contradictions import Contradictions
from edge.services.devices import Devices
from edge.services.door_control import Doors, Sighting
from edge.services.picture import Picture
from edge.services.visits import AGAIN_S, Visits
from edge.store.unit_of_work import Store, Transaction

LEFT_OPEN_PROMPT_S = 60.0
LEFT_OPEN_ALARM_S = 180.0
TICK_S = 1.0
_LIVE = frozenset({Step.OPENING, Step.OPEN, Step.CLOSED})
Stage = Literal["prompt", "alarm"]


@dataclass(slots=True)
class _Open:
    since: float
    told: Stage | None = None
    forced: bool = False


class DoorWatch:
    """Consumes the sightings of `Doors`; `left_open` is what the screen reminds people of."""

    def __init__(
        self,
        store: Store,
        doors: Doors,
        visits: Visits,
        picture: Picture,
        devices: Devices,
        contradictions: Contradictions,
        clock: Clock,
        *,
        prompt_s: float = LEFT_OPEN_PROMPT_S,
        alarm_s: float = LEFT_OPEN_ALARM_S,
    ) -> None:
        self._store, self._doors, self._visits, self._picture = store, doors, visits, picture
        self._devices, self._contradictions, self._clock = devices, contradictions, clock
        self._prompt_s, self._alarm_s = prompt_s, alarm_s
        self._open: dict[int, _Open] = {}
        self._found: list[Sighting] = []
        self._flickering: frozenset[int] = frozenset()

    @property
    def left_open(self) -> dict[int, Stage]:
        """Doors that stand open for too long, and how far that has gone."""
        return {number: door.told for number, door in self._open.items() if door.told is not None}

    @property
    def forced_open(self) -> list[int]:
        """Doors that stand open although nobody had a grant, in order."""
        return sorted(number for number, door in self._open.items() if door.forced)

    def stands_open(self, number: int) -> bool:
        """Whether a door was seen open and not closed since."""
        return number in self._open

    def adopt(self) -> None:
        """After a start: a door that stands open behind what is in doubt already is no news."""
        for sighting in self._doors.take_sightings():
            compartment = self._picture.get(sighting.number)
            if sighting.door is not Door.OPEN:
                continue
            if compartment is not None and compartment.allocation is Allocation.DOUBTFUL:
                self._open[sighting.number] = _Open(self._clock.monotonic())
            else:
                self._found.append(sighting)

    async def run(self) -> None:
        """Judge what is seen, until cancelled."""
        seen = -1
        while True:
            found, self._found = self._found, []
            for sighting in (*found, *self._doors.take_sightings()):
                await self._insist(sighting)
            with contextlib.suppress(TryAgainError):
                await self._report_flickering()
                await self._remind()
                await self._report_boards()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    seen = await self._doors.changes.after(seen)

    async def _insist(self, sighting: Sighting) -> None:
        while True:
            try:
                await self._judge(sighting)
            except TryAgainError:
                await asyncio.sleep(AGAIN_S)
            else:
                self._picture.changes.notify()
                return

    async def _judge_hinted(self, sighting: Sighting) -> None:
        """An opening that no answer showed: no step of a visit, but an alarm at a door that nobody was given."""
        visit = self._visits.active
        given = visit is not None and visit.compartment == sighting.number
        if sighting.door is Door.OPEN and not given and sighting.number not in self._open:
            await self._forced(sighting.number)

    async def _judge(self, sighting: Sighting) -> None:
        if sighting.hinted:
            await self._judge_hinted(sighting)
            return
        number, door = sighting.number, sighting.door
        known_open = number in self._open
        was_forced = False
        visit = self._visits.active
        mine = visit if visit is not None and visit.compartment == number else None
        if mine is not None and await self._visits.give(mine.id, _LIVE, DoorSeen(door), door=number):
            pass  # the visit's own door
        elif door is Door.OPEN and not known_open:
            was_forced = await self._unexpected(number)
        elif door is Door.CLOSED and known_open:
            await self._emit(DoorClosed(compartment=number))
        if door is Door.OPEN and not known_open:
            self._open[number] = _Open(self._clock.monotonic(), forced=was_forced)
        elif door is Door.CLOSED:
            self._open.pop(number, None)

    async def _unexpected(self, number: int) -> bool:
        """Judge a door that opened although it was not asked for; return whether it was forced."""
        visit = self._visits.active
        if visit is None or visit.step is not Step.OPENING:
            await self._forced(number)
            return True
        await self._visits.call_off()
        mine = await self._doors.read(visit.compartment)

        def another(tx: Transaction, _visit: object) -> OtherDoorOpened:
            tx.emit(DoorOpened(compartment=number))
            return OtherDoorOpened(tx.compartment(number), mine)

        waiting = frozenset({Step.OPENING})
        if await self._visits.give(visit.id, waiting, another, door=visit.compartment):
            return False
        # Its own door has opened meanwhile, or it gave up: nobody was given this one either.
        await self._forced(number)
        return True

    async def _forced(self, number: int) -> None:
        def work(tx: Transaction) -> Compartment:
            compartment, events = forced(tx.compartment(number))
            tx.save(compartment)
            for event in events:
                tx.emit(event)
            return compartment

        self._picture.note([await self._store.transact(work)])

    async def _remind(self) -> None:
        now = self._clock.monotonic()
        for number, door in list(self._open.items()):
            seconds = now - door.since
            stage: Stage | None = (
                "alarm" if seconds >= self._alarm_s else "prompt" if seconds >= self._prompt_s else None
            )
            if stage is None or stage == door.told:
                continue
            event = DoorLeftOpen(compartment=number, stage=stage, seconds=int(seconds))
            await self._emit(event)
            door.told = stage
            self._visits.changes.notify()

    async def _emit(self, event: EventData) -> None:
        await self._store.transact(lambda tx: tx.emit(event))

    async def _report_flickering(self) -> None:
        flapping = self._doors.flapping()
        for number in sorted(flapping - self._flickering):
            await self._contradictions.flickers(number)
        self._flickering = flapping

    async def _report_boards(self) -> None:
        faults = {f"board-{name}": "silent" for name in self._doors.silent_boards()}
        faults |= {f"bus-{name}": "quarantined" for name in self._doors.quarantined_buses()}
        known = {device for device in await self._devices.all_failed() if device.startswith(("board-", "bus-"))}
        for device in sorted(faults.keys() - known):
            await self._devices.failed(device, faults[device])
        for device in sorted(known - faults.keys()):
            await self._devices.recovered(device)
