from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.session import MqttSession, Received, SessionSettings
from hub.clock import SystemClock
from hub.db.engine import make_engine, reading, writing
from hub.db.tables import events, quarantine
from hub.ingest.commit import Committer, Waiting
from hub.ingest.locked import lock_stations
from hub.ingest.readiness import Readiness
from tests.postgres import Cluster
from tests.unit.hub.ingest.letters import STATION, Event, door, payload, started


def received(body: bytes, station: str = STATION) -> Received:
    return Received(f"nd1/{station}/events", body, False, 1, False, None, (), lambda: None)


def waiting(*plain: Event, station: str = STATION) -> Waiting:
    return Waiting.of(received(payload(plain, station=station), station))


@asynccontextmanager
async def watching(engine: AsyncEngine) -> AsyncIterator[Committer]:
    """With a watch over the database, and no broker to tell of it."""
    session = MqttSession(SessionSettings("mqtt://127.0.0.1:1", "nobody"))
    readiness = Readiness(engine, session, "hub-1")
    watch = asyncio.create_task(readiness.run())
    yield Committer(engine, SystemClock(), readiness)
    watch.cancel()
    await asyncio.wait({watch})


@pytest_asyncio.fixture
async def committer(engine: AsyncEngine) -> AsyncIterator[Committer]:
    async with watching(engine) as committer:
        yield committer


async def refuse_seq_7(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        if engine.dialect.name == "sqlite":
            raising = "WHEN new.seq = 7 BEGIN SELECT RAISE(ABORT, 'refused'); END"
            await connection.execute(text(f"CREATE TRIGGER refuse BEFORE INSERT ON events {raising}"))
        else:
            await connection.execute(text("ALTER TABLE events ADD CONSTRAINT refuse CHECK (seq <> 7)"))


async def test_a_message_that_the_database_refuses_holds_up_nobody(committer: Committer, engine: AsyncEngine) -> None:
    await refuse_seq_7(engine)
    group = [
        waiting(started(), door(2, 3)),
        waiting(started(), door(7, 3), station="another-01"),
        Waiting.of(received(b"garbage")),
        waiting(door(3, 3)),
    ]
    committed = await committer.commit(group)
    assert (committed.done[0], committed.again) == (group[0], [])
    assert len(committed.done) == len(group)
    through = {pair[0]: ack.through for answer in committed.answers for pair, ack in answer.acks.items()}
    assert through == {STATION: 3}
    async with reading(engine) as connection:
        assert await connection.scalar(select(func.count()).select_from(events)) == 3
        kept = (await connection.execute(select(quarantine.c.station, quarantine.c.reason))).all()
    reasons = {row.station: row.reason for row in kept}
    assert reasons[STATION] == "not JSON"
    assert reasons["another-01"].startswith("refused by the database")


@pytest.mark.parametrize("size", [1, 3])
async def test_a_group_is_one_answer(committer: Committer, size: int) -> None:
    group = [waiting(started(), station=f"station-{n}") for n in range(size)]
    committed = await committer.commit(group)
    assert [len(answer.acks) for answer in committed.answers] == [size]
    assert committed.done == group


async def test_a_station_that_another_process_works_on_comes_again(migrated_database: str, cluster: Cluster) -> None:
    url = cluster.database("busy", migrated_database)
    engine, other = make_engine(url), make_engine(url)
    async with writing(engine) as connection:
        await lock_stations(connection, [STATION])
    async with writing(other) as connection:
        await lock_stations(connection, [STATION])
        group = [waiting(started()), waiting(started(), station="another-01")]
        async with watching(engine) as here:
            committed = await here.commit(group, wait=False)
            assert (committed.done, committed.again) == ([group[1]], [group[0]])
    async with watching(engine) as here:
        committed = await here.commit(committed.again, wait=True)
    assert committed.done == [group[0]]
    await engine.dispose()
    await other.dispose()
