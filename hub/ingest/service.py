"""Ingest: one process's share of all events, and everything retained, from the broker to committed rows and answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from zlib import crc32

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.session import MqttSession, Received, SessionSettings, Tls, Will
from contract.state import Ack
from contract.topics import ALL_PRESENCE, ALL_STATE, SHARED_EVENTS
from hub.clock import Clock
from hub.config import HubConfig
from hub.db.engine import is_away, is_postgresql, reading, writing
from hub.db.tables import epochs, hub_meta
from hub.ingest.answers import Answers
from hub.ingest.append import ack_of, missing
from hub.ingest.catch_up import CatchUp
from hub.ingest.commit import GROUP_EVENTS, Committer, Waiting
from hub.ingest.gaps import Gaps, Pair
from hub.ingest.learn import learn
from hub.ingest.locked import EpochRow
from hub.ingest.pictures import Heard, read, take_in
from hub.ingest.readiness import Readiness, presence_will

log = logging.getLogger(__name__)

RECEIVE_MAXIMUM = 200
"""So many messages may wait unacknowledged: the broker keeps the rest."""
LANES_ON_POSTGRESQL = 2
"""While the database works on one lane's group, the next is read and judged. A station always takes the same lane, so
that lanes never wait for each other's row locks. SQLite has one writer anyway."""
PICTURES_AT_ONCE = 100
GAPS_EVERY_S = 0.5
BROKER_USER = "hub"


def session_settings(config: HubConfig) -> SessionSettings:
    """Return the broker session of an ingest process. It leaves nothing behind: stations send again."""

    async def will() -> Will:
        return presence_will(config.worker)

    broker = config.broker
    return SessionSettings(
        url=broker.url,
        client_id=f"hub-{config.worker}",
        username=BROKER_USER,
        subscriptions=(SHARED_EVENTS, ALL_PRESENCE, ALL_STATE),
        clean_start=True,
        session_expiry_s=0,
        receive_maximum=RECEIVE_MAXIMUM,
        tls=Tls(broker.ca_file, broker.cert_file, broker.key_file) if broker.ca_file else None,
        prepare=will,
        reconnect_max_s=5.0,
    )


class Ingest:
    """`run()` until cancelled. `groups` counts committed transactions, `events` the events in them."""

    def __init__(self, engine: AsyncEngine, session: MqttSession, worker: str, clock: Clock) -> None:
        self._engine, self._session, self._clock = engine, session, clock
        self._readiness = Readiness(engine, session, worker)
        self._committer = Committer(engine, clock, self._readiness)
        self._answers = Answers(session)
        self._catch_up = CatchUp(engine, clock)
        self._gaps = Gaps()
        lanes = LANES_ON_POSTGRESQL if is_postgresql(engine) else 1
        # All are bounded by the receive maximum: what is not acknowledged is not followed by more.
        self._lanes: list[asyncio.Queue[Waiting]] = [asyncio.Queue() for _ in range(lanes)]
        self._pictures: asyncio.Queue[Received] = asyncio.Queue()
        self.groups = self.events = 0

    async def run(self) -> None:
        """Take in, commit and answer until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for work in (
                self._readiness.run,
                self._answers.run,
                self._route,
                self._commit_pictures,
                self._report_gaps,
                self._learn_and_catch_up,
            ):
                tasks.create_task(work(), name=f"ingest {work.__qualname__}")
            for lane in self._lanes:
                tasks.create_task(self._commit_batches(lane), name="ingest lane")

    async def _route(self) -> None:
        async for message in self._session.messages():
            if message.topic.endswith("/events"):
                lane = crc32(message.topic.encode()) % len(self._lanes)
                self._lanes[lane].put_nowait(Waiting.of(message))
            else:
                self._pictures.put_nowait(message)

    async def _commit_batches(self, lane: asyncio.Queue[Waiting]) -> None:
        again: list[Waiting] = []
        while True:
            group = await _next_group(lane, again)
            # What had to come again may wait for its lock this time: nobody is put off for ever.
            committed = await self._committer.commit(group, wait=bool(again))
            again = committed.again
            self.groups += 1
            self.events += sum(waiting.size for waiting in committed.done)
            acks: dict[Pair, Ack] = {}
            for part in committed.answers:
                acks |= part.acks
                if part.more:
                    self._catch_up.look()
            self._answers.add(await self._with_gaps(acks), [waiting.message for waiting in committed.done])

    async def _with_gaps(self, acks: dict[Pair, Ack]) -> dict[Pair, Ack]:
        now = self._clock.monotonic()
        for pair, ack in acks.items():
            self._gaps.note(pair, ack, now)
        old = [pair for pair in acks if self._gaps.old(pair, now)]
        return acks | {
            pair: ack.model_copy(update={"fork": acks[pair].fork}) for pair, ack in (await self._gap_acks(old)).items()
        }

    async def _gap_acks(self, pairs: list[Pair]) -> dict[Pair, Ack]:
        """Return acks that name what is missing; none while the database is away."""
        if not pairs:
            return {}
        query = select(epochs).where(tuple_(epochs.c.station, epochs.c.epoch).in_(pairs))
        found: dict[Pair, Ack] = {}
        try:
            async with reading(self._engine) as connection:
                ledger = await connection.scalar(select(hub_meta.c.value).where(hub_meta.c.name == "ledger"))
                for stored in (await connection.execute(query)).all():
                    row = EpochRow(**stored._mapping)
                    ack = ack_of(row, str(ledger))
                    gaps = await missing(connection, row)
                    found[row.station, row.epoch] = ack.model_copy(update={"missing": gaps})
        except Exception as error:
            if not is_away(error):
                raise
            self._readiness.lost(error)
        return found

    async def _report_gaps(self) -> None:
        while True:
            await asyncio.sleep(GAPS_EVERY_S)
            now = self._clock.monotonic()
            acks = await self._gap_acks(self._gaps.due(now))
            for pair, ack in acks.items():
                self._gaps.note(pair, ack, now)
            self._answers.add(acks)

    async def _commit_pictures(self) -> None:
        while True:
            messages = [await self._pictures.get()]
            while len(messages) < PICTURES_AT_ONCE and not self._pictures.empty():
                messages.append(self._pictures.get_nowait())
            heard = read(Heard(message.topic, message.payload, message.retained) for message in messages)

            async def transaction() -> None:
                async with writing(self._engine) as connection:
                    answers = await take_in(connection, heard, self._clock.now())  # noqa: B023 -- called at once
                self._answers.add(answers.acks)
                if answers.renewed:
                    self._readiness.ledger_renewed()

            await self._whatever_it_takes(transaction)
            for message in messages:
                message.ack()

    async def _learn_and_catch_up(self) -> None:
        await self._whatever_it_takes(self._learn)
        await self._catch_up.run()

    async def _learn(self) -> None:
        await learn(self._engine, self._clock.now())

    async def _whatever_it_takes(self, transaction: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._readiness.wait()
            try:
                return await transaction()
            except Exception as error:
                if not is_away(error):
                    raise
                self._readiness.lost(error)


async def _next_group(lane: asyncio.Queue[Waiting], again: list[Waiting]) -> list[Waiting]:
    """Return what waits, at least one message and about 500 events at most; what comes again is first."""
    group = [*again] or [await lane.get()]
    size = sum(waiting.size for waiting in group)
    while size < GROUP_EVENTS and not lane.empty():
        group.append(lane.get_nowait())
        size += group[-1].size
    return group
