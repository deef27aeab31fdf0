"""The audit chains as rows to read: who did what, and what stations sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import reading
from hub.db.tables import audit

PAGE = 100


async def audit_rows(engine: AsyncEngine, chain: str, page: int) -> tuple[list[Row[Any]], bool]:
    """Return one page (from 0) of a chain, newest first, and whether there is another one."""
    query = select(audit).where(audit.c.chain == chain).order_by(audit.c.n.desc())
    async with reading(engine) as connection:
        rows = list(await connection.execute(query.limit(PAGE + 1).offset(page * PAGE)))
    return rows[:PAGE], len(rows) > PAGE


async def audit_chains(engine: AsyncEngine) -> list[tuple[str, int]]:
    """Return every chain with the number of its last row."""
    query = select(audit.c.chain, func.max(audit.c.n)).group_by(audit.c.chain).order_by(audit.c.chain)
    async with reading(engine) as connection:
        return [(str(chain), int(last)) for chain, last in await connection.execute(query)]
