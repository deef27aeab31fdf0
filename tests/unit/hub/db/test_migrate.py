from __future__ import annotations

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import make_engine, reading
from hub.db.migrate import migrate
from hub.db.tables import hub_meta, metadata


async def identity(engine: AsyncEngine) -> dict[str, str]:
    async with reading(engine) as connection:
        return {row.name: row.value for row in await connection.execute(select(hub_meta))}


async def test_the_migrations_make_the_tables_that_the_code_knows(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_second_start_keeps_the_ledger(engine: AsyncEngine) -> None:
    before = await identity(engine)
    await migrate(engine)
    assert await identity(engine) == before
    assert len(before["ledger"]) == 36


async def test_hubs_that_start_at_once_migrate_once(database_url: str) -> None:
    engines = [make_engine(database_url) for _ in range(3)]
    await asyncio.gather(*(migrate(engine) for engine in engines))
    assert len({(await identity(engine))["ledger"] for engine in engines}) == 1
    for engine in engines:
        await engine.dispose()
