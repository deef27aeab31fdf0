from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.changes import ChangeFeed
from hub.db.engine import make_engine, writing
from hub.db.file_tables import files
from hub.db.submission_tables import submission_files
from hub.db.tables import document_requests


async def ask(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        row = {"station": "dc-24h-01", "kind": "expected", "asked_at": datetime.now(UTC)}
        await connection.execute(document_requests.insert().values(**row))


async def arrive(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        row = {"sha256": "a" * 64, "size": 1, "media_type": "image/png", "state": "verified"}
        await connection.execute(files.insert().values(**row, verified_at=datetime.now(UTC)))


async def promise(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        row = {"receipt_number": "7K3M9Q2T8XH", "sha256": "a" * 64, "station": "dc-24h-01", "kind": "usb", "size": 1}
        await connection.execute(submission_files.insert().values(**row, media_type="image/png", at=datetime.now(UTC)))


@pytest.mark.parametrize("work", [ask, arrive, promise])
async def test_a_commit_of_another_process_is_noticed(
    engine: AsyncEngine, migrated_url: str, work: Callable[[AsyncEngine], Awaitable[None]]
) -> None:
    other = make_engine(migrated_url)
    async with ChangeFeed(engine) as feed:
        changes = feed.changes()
        async with asyncio.timeout(10):
            await anext(changes)
            await anext(changes)  # the watch has begun
            await work(other)
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
