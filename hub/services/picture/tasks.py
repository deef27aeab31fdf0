"""What somebody must see to at a station."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import reading
from hub.db.tables import tasks

CLOSED_SHOWN = 20


async def list_tasks(engine: AsyncEngine) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """Return the open tasks, oldest first, and the last closed ones."""
    is_open = tasks.c.closed_at.is_(None)
    closed = select(tasks).where(~is_open).order_by(tasks.c.closed_at.desc())
    async with reading(engine) as connection:
        still = await connection.execute(select(tasks).where(is_open).order_by(tasks.c.opened_at, tasks.c.id))
        done = await connection.execute(closed.limit(CLOSED_SHOWN))
        return list(still), list(done)
