"""What is committed together: the messages that wait, up to 500 events; again and again until the database takes them.

A message that the database refuses although it is there is kept in quarantine, so that it holds up nobody.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from contract.session import Received
from hub.clock import Clock
from hub.db.engine import is_away, writing
from hub.ingest.append import Appended, append
from hub.ingest.arrived import Batch
from hub.ingest.guard import UnreadableError, read_batch
from hub.ingest.quarantine import Poison, keep
from hub.ingest.readiness import Readiness

log = logging.getLogger(__name__)

GROUP_EVENTS = 500


@dataclass(frozen=True)
class Waiting:
    """A message of a station, as the guard read it; acknowledged to the broker after its commit."""

    message: Received
    content: Batch | Poison

    @classmethod
    def of(cls, message: Received) -> Waiting:
        """Let the guard read the message."""
        try:
            return cls(message, read_batch(message.topic, message.payload))
        except UnreadableError as error:
            return cls(message, Poison(message.topic, message.payload, error.reason))

    @property
    def size(self) -> int:
        """How much of a group it fills."""
        return len(self.content.events) if isinstance(self.content, Batch) else 1


@dataclass
class Committed:
    """What became of a group: what to answer, whose messages are done, and who must come again.

    `again` are messages of stations that another hub process was just working on. Waiting for its row locks would make
    processes take turns; so their turn comes with the next group.
    """

    answers: list[Appended]
    done: list[Waiting]
    again: list[Waiting]


class Committer:
    """Commits groups of messages."""

    def __init__(self, engine: AsyncEngine, clock: Clock, readiness: Readiness) -> None:
        self._engine, self._clock, self._readiness = engine, clock, readiness

    async def commit(self, group: list[Waiting], *, wait: bool = True) -> Committed:
        """Commit the group whatever it takes; without `wait`, leave out stations that are busy elsewhere."""
        while True:
            await self._readiness.wait()
            try:
                return _sorted(group, await self._transaction(group, wait=wait))
            except Exception as error:  # noqa: BLE001 -- one message that cannot be stored must not hold up the others
                if is_away(error):
                    self._readiness.lost(error)
                elif len(group) > 1:
                    log.error("a group of %d messages was refused (%s): one by one", len(group), type(error).__name__)  # noqa: TRY400 -- a trace could show what events hold
                    return _together([await self.commit([one]) for one in group])
                else:
                    group = [_refused(group[0], error)]

    async def _transaction(self, group: list[Waiting], *, wait: bool) -> Appended:
        now = self._clock.now()
        batches = [waiting.content for waiting in group if isinstance(waiting.content, Batch)]
        async with writing(self._engine) as connection:
            for waiting in group:
                if isinstance(waiting.content, Poison):
                    await keep(connection, waiting.content, now)
            return await append(connection, batches, now, wait=wait) if batches else Appended({}, more=False)


def _sorted(group: list[Waiting], appended: Appended) -> Committed:
    again = [one for one in group if isinstance(one.content, Batch) and one.content.station in appended.busy]
    done = [one for one in group if one not in again] if again else group
    return Committed([appended], done, again)


def _together(parts: list[Committed]) -> Committed:
    answers = [answer for part in parts for answer in part.answers]
    return Committed(answers, [one for part in parts for one in part.done], [])


def _refused(waiting: Waiting, error: Exception) -> Waiting:
    if isinstance(waiting.content, Poison):
        raise error  # even as mere bytes: nothing that trying again would change
    log.error("a batch of %s was refused by the database: %s", waiting.content.station, type(error).__name__)
    reason = f"refused by the database: {type(error).__name__}"
    return Waiting(waiting.message, Poison(waiting.message.topic, waiting.message.payload, reason))
