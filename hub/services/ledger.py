"""The identity of the hub's database: renewed after a restore, so that stations offer again what they still hold."""

from __future__ import annotations

import uuid

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.db.engine import reading, writing
from hub.db.tables import hub_meta

NAME = "ledger"


async def current_ledger(engine: AsyncEngine) -> str:
    """Return the ledger."""
    async with reading(engine) as connection:
        return str(await connection.scalar(select(hub_meta.c.value).where(hub_meta.c.name == NAME)))


async def renew(engine: AsyncEngine) -> str:
    """Take a new ledger and return it. Running hubs notice within seconds and tell the stations."""
    async with writing(engine) as connection:
        before = await connection.scalar(select(hub_meta.c.value).where(hub_meta.c.name == NAME))
        return await renew_from(connection, str(before)) or str(before)


async def renew_from(connection: AsyncConnection, before: str) -> str | None:
    """Replace the ledger `before`; return the new one, or None when another process replaced it already."""
    fresh, meta = str(uuid.uuid4()), hub_meta.c
    change = update(hub_meta).where(meta.name == NAME, meta.value == before).values(value=fresh)
    return fresh if (await connection.execute(change)).rowcount else None
