from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.batch import insert_new
from hub.db.engine import reading, writing
from hub.db.tables import quarantine
from hub.ingest.quarantine import NOBODY, OVERFLOW, ROWS_A_STATION, Poison, keep
from tests.unit.hub.ingest.letters import NOW, STATION

TOPIC = f"nd1/{STATION}/events"


async def test_the_same_message_is_kept_once_and_counted(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await keep(connection, Poison(TOPIC, b"\x00garbage", "not JSON"), NOW)
        await keep(connection, Poison(TOPIC, b"\x00garbage", "not JSON"), NOW + timedelta(hours=1))
        (row,) = await connection.execute(select(quarantine))
    assert (row._mapping["count"], row.payload, row.station) == (2, b"\x00garbage", STATION)
    assert (row.first_at, row.last_at) == (NOW, NOW + timedelta(hours=1))


async def test_a_station_has_a_bounded_share(engine: AsyncEngine) -> None:
    full = [
        {
            "sha256": f"{n:064d}", "station": STATION, "topic": TOPIC, "payload": b"", "reason": "", "count": 1,
            "first_at": NOW, "last_at": NOW,
        }
        for n in range(1, ROWS_A_STATION + 1)
    ]  # fmt: skip
    async with writing(engine) as connection:
        await insert_new(connection, quarantine, full)
        for n in range(3):
            await keep(connection, Poison(TOPIC, b"another %d" % n, "not JSON"), NOW)
        await keep(connection, Poison("nd1/other-station/events", b"x", "not JSON"), NOW)
    async with reading(engine) as connection:
        assert await connection.scalar(select(func.count()).select_from(quarantine)) == ROWS_A_STATION + 2
        (row,) = await connection.execute(select(quarantine).where(quarantine.c.sha256 == OVERFLOW))
    assert (row._mapping["count"], row.payload) == (3, b"")


async def test_topics_of_nobody_share_one_share(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        for topic in ("nd1/X Y/events", "nd1/\0/events", "nd1/hub/events", "else"):
            await keep(connection, Poison(topic, topic.encode(), "not JSON"), NOW)
        rows = (await connection.execute(select(quarantine.c.station).distinct())).all()
    assert [row.station for row in rows] == [NOBODY]
