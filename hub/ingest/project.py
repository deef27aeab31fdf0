"""Projection: understood events of one station, in `seq` order, become changes of the picture.

Runs under the station's row lock. What cannot be projected parks its station before that event: appending goes on, the
desk shows it, and it is tried again. Writing has a savepoint, so that a refusal by the database undoes the picture of
this attempt alone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.engine import is_away
from hub.ingest.arrived import Arrived, State
from hub.ingest.changes import Change
from hub.ingest.handlers.registry import HANDLERS
from hub.ingest.locked import EpochRow, Locked
from hub.ingest.lookup import Key, Primary, stored_ids
from hub.ingest.stored import waiting_rows
from hub.ingest.write import write_changes

log = logging.getLogger(__name__)

AT_ONCE = 1000
"""So many events of one epoch are projected in one transaction; the rest follows in the next."""


@dataclass(frozen=True, slots=True)
class Step:
    """`event` is projected when `turn` is due: itself, or a later number under which it came again."""

    turn: Arrived
    event: Arrived
    changes: list[Change]


@dataclass
class Projected:
    """What one transaction projected. `relabelled` are rows of earlier transactions whose state changed."""

    steps: list[Step] = field(default_factory=list)
    relabelled: list[Arrived] = field(default_factory=list)
    more: bool = False


class Projector:
    """Projects epochs of locked stations; for one transaction."""

    def __init__(self, locked: Locked, now: datetime, new: Iterable[Arrived] = ()) -> None:
        self._locked, self._now = locked, now
        self._new: dict[Key, Arrived] = {}
        self._firsts: dict[tuple[str, str], Arrived] = {}
        for event in new:
            self._new[event.key] = event
            if event.state is not State.KNOWN_ID:
                self._firsts[event.station, event.id] = event
        self._planned: set[tuple[str, str]] = set()
        self._result = Projected()

    async def run(self, connection: AsyncConnection, rows: Iterable[EpochRow]) -> Projected:
        """Project what follows `projected` up to `through` in each epoch, older epochs first; move `projected`."""
        for row in sorted(rows, key=lambda row: (row.station, row.number or 0)):
            if row.projected < row.through and not self._locked.stations[row.station].parked:
                await self._plan(connection, row)
        await self._write(connection)
        for step in self._result.steps:
            if step.event.state is State.NEW:
                step.event.state = State.DONE
                if step.event.stored:
                    self._result.relabelled.append(step.event)
        return self._result

    async def _plan(self, connection: AsyncConnection, row: EpochRow) -> None:
        until = min(row.through, row.projected + AT_ONCE)
        self._result.more |= until < row.through
        numbers = range(row.projected + 1, until + 1)
        due = {n: self._new[row.station, row.epoch, n] for n in numbers if (row.station, row.epoch, n) in self._new}
        if len(due) < len(numbers):
            due |= {event.seq: event for event in await waiting_rows(connection, row, until)}
        repeated = [(event.station, event.id) for event in due.values() if event.state is State.KNOWN_ID]
        primaries = await stored_ids(connection, repeated)
        for number in numbers:
            if not self._step(due[number], primaries):
                return
            row.projected = number

    def _step(self, turn: Arrived, primaries: dict[tuple[str, str], Primary]) -> bool:
        """Plan one number; False when it parks its station."""
        name = (turn.station, turn.id)
        event = turn if turn.state is not State.KNOWN_ID else self._first_of(turn, primaries)
        if event is None or event.state is not State.NEW or name in self._planned:
            return True
        self._planned.add(name)
        if event.data is None:
            self._not_understood(event)
            return True
        try:
            changes = list(HANDLERS[event.type](event, event.data))
        except Exception as error:  # noqa: BLE001 -- a fault in one handler must not stop the append
            log.error("projection of %s of %s failed: %s", event.type, event.station, type(error).__name__)  # noqa: TRY400 -- a trace could show what the event holds
            self._park(turn, f"{event.type}: {type(error).__name__}")
            return False
        self._result.steps.append(Step(turn, event, changes))
        return True

    def _first_of(self, turn: Arrived, primaries: dict[tuple[str, str], Primary]) -> Arrived | None:
        """Return the first row of an id that came again, wherever it waits."""
        name = (turn.station, turn.id)
        stored = primaries.get(name)
        return (
            self._firsts.get(name) if stored is None else turn.as_first(stored.epoch, stored.seq, State(stored.state))
        )

    def _not_understood(self, event: Arrived) -> None:
        # Stored as understood by a hub that knew more types than this one.
        event.state = State.UNKNOWN
        if event.stored:
            self._result.relabelled.append(event)

    def _park(self, turn: Arrived, reason: str) -> None:
        self._locked.stations[turn.station].park(turn.epoch, turn.seq, reason, self._now)

    async def _write(self, connection: AsyncConnection) -> None:
        steps = self._result.steps
        try:
            async with connection.begin_nested():
                await write_changes(connection, (change for step in steps for change in step.changes))
        except Exception as error:
            if is_away(error):
                raise
            log.warning("a projection was refused by the database (%s): one by one", type(error).__name__)
            await self._write_each(connection)

    async def _write_each(self, connection: AsyncConnection) -> None:
        steps, self._result.steps = self._result.steps, []
        for step in steps:
            if self._locked.stations[step.turn.station].parked:
                self._take_back(step.turn)
                continue
            try:
                async with connection.begin_nested():
                    await write_changes(connection, step.changes)
            except Exception as error:
                if is_away(error):
                    raise
                self._park(step.turn, f"{step.event.type}: {type(error).__name__}")
                self._take_back(step.turn)
            else:
                self._result.steps.append(step)

    def _take_back(self, turn: Arrived) -> None:
        row = self._locked.epochs[turn.station, turn.epoch]
        row.projected = min(row.projected, turn.seq - 1)
