from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.batch import insert_new, update_rows, upsert
from hub.db.engine import reading, writing
from hub.db.tables import quarantine, tasks

AT = datetime(2026, 11, 24, 22, 3, 11, 412, tzinfo=timezone(timedelta(hours=8)))


def task(name: str, text: str, at: datetime | None = None) -> dict[str, Any]:
    return {
        "id": name, "station": "dc-24h-01", "kind": "door", "text": text, "opened_at": AT, "closed_at": at,
    }  # fmt: skip


async def stored(engine: AsyncEngine) -> dict[str, tuple[str, datetime | None]]:
    async with reading(engine) as connection:
        return {row.id: (row.text, row.closed_at) for row in await connection.execute(select(tasks))}


async def test_what_exists_stays_as_it_is(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await insert_new(connection, tasks, [task("a", "first")])
        await insert_new(connection, tasks, [task("a", "second"), task("b", "new")])
    assert await stored(engine) == {"a": ("first", None), "b": ("new", None)}


async def test_an_upsert_writes_what_it_names(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await upsert(connection, tasks, [task("a", "first", AT)])
        await upsert(connection, tasks, [task("a", "second"), task("b", "new")], {"text": "excluded.text"})
    assert await stored(engine) == {"a": ("second", AT), "b": ("new", None)}


async def test_an_update_makes_no_rows(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await upsert(connection, tasks, [task("a", "first")])
        await update_rows(connection, tasks, ["id"], [{"id": "a", "text": "x"}, {"id": "nobody", "text": "x"}])
    assert await stored(engine) == {"a": ("x", None)}


async def test_filling_leaves_what_is_there(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await upsert(connection, tasks, [task("a", "first")])
        filling = [{"id": "a", "text": "x", "closed_at": AT}]
        await update_rows(connection, tasks, ["id"], filling, fill=True)
    assert await stored(engine) == {"a": ("first", AT)}


async def test_times_are_the_same_however_they_were_written(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await connection.execute(tasks.insert().values(task("core", "x")))
        await insert_new(connection, tasks, [task("new", "x")])
        await upsert(connection, tasks, [task("put", "x")])
        await update_rows(connection, tasks, ["id"], [{"id": "put", "opened_at": AT}])
    async with reading(engine) as connection:
        same = await connection.execute(select(tasks.c.opened_at).where(tasks.c.opened_at == AT))
        assert [row.opened_at for row in same] == [AT.astimezone(UTC)] * 3


async def test_bytes_survive(engine: AsyncEngine) -> None:
    row = {
        "sha256": "0" * 64, "station": "dc-24h-01", "topic": "t", "payload": b"\x00\xff", "reason": "r", "count": 1,
        "first_at": AT, "last_at": AT,
    }  # fmt: skip
    async with writing(engine) as connection:
        await upsert(connection, quarantine, [row])
        assert await connection.scalar(select(quarantine.c.payload)) == b"\x00\xff"
