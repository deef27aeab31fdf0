from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.changes import ChangeFeed
from hub.db.engine import make_engine, writing
from hub.db.tables import document_requests


async def ask(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        row = {"station": "dc-24h-01", "kind": "expected", "asked_at": datetime.now(UTC)}
        await connection.execute(document_requests.insert().values(**row))


async def test_a_commit_of_another_process_is_noticed(engine: AsyncEngine, migrated_url: str) -> None:
    other = make_engine(migrated_url)
    async with ChangeFeed(engine) as feed:
        changes = feed.changes()
        async with asyncio.timeout(10):
            await anext(changes)
            await anext(changes)  # the watch has begun
            await ask(other)
            await anext(changes)
    await other.dispose()


async def test_every_subscriber_is_woken(engine: AsyncEngine) -> None:
    async with ChangeFeed(engine) as feed, asyncio.timeout(10):
        several = [feed.changes() for _ in range(3)]
        for changes in several:
            await anext(changes)
        await ask(engine)
        for changes in several:
            await anext(changes)


async def test_silence_can_have_an_end(engine: AsyncEngine) -> None:
    async with ChangeFeed(engine) as feed, asyncio.timeout(10):
        changes = feed.changes(at_least_every_s=0.01)
        for _ in range(5):
            await anext(changes)
