"""Verify the audit: every chain from its start to its head, and every stored event against its row in the chain."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.core.audit import START, USERS, AuditRow, Chain, digest_of, first_wrong
from hub.db.engine import reading
from hub.db.tables import audit, events, forks, hub_meta, stations
from hub.services.audit import COUNT, HEAD

PAGE = 1000


@dataclass(frozen=True)
class Finding:
    """One chain: how many rows were right, and what is wrong with the first that is not."""

    chain: str
    rows: int
    problem: str | None = None

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.chain}: {self.rows} rows" + (f"; WRONG: {self.problem}" if self.problem else "")


async def verify_chains(engine: AsyncEngine) -> list[Finding]:
    """Verify all chains; the first wrong row of each is named."""
    async with reading(engine) as connection:
        heads = await _heads(connection)
        known = {row.chain for row in await connection.execute(select(audit.c.chain).distinct())}
        return [await _verify(connection, name, *heads.get(name, (None, None))) for name in sorted(known | set(heads))]


async def _heads(connection: AsyncConnection) -> dict[str, tuple[int, str]]:
    s = stations.c
    heads = {row.station: (row.audit_n, row.audit_head) for row in await connection.execute(
        select(s.station, s.audit_n, s.audit_head)
    )}  # fmt: skip
    meta = {row.name: row.value for row in await connection.execute(select(hub_meta))}
    heads[USERS] = (int(meta.get(COUNT, "0")), meta.get(HEAD, START))
    return heads


async def _verify(connection: AsyncConnection, name: str, count: int | None, head: str | None) -> Finding:
    chain = Chain(name)
    async for rows in _pages(connection, name):
        before, problem = chain.n, first_wrong(rows, chain)
        right = rows[: chain.n - before]
        if name != USERS and (altered := await _content(connection, name, right)) is not None:
            return Finding(name, altered[0] - 1, altered[1])
        if problem is not None:
            return Finding(name, chain.n, problem)
    if (chain.n, chain.head) != (count, head):
        return Finding(name, chain.n, f"the chain ends at row {chain.n}, its head says {count}")
    unaudited = await _unaudited(connection, name) if name != USERS else None
    return Finding(name, chain.n, unaudited)


async def _pages(connection: AsyncConnection, name: str) -> AsyncIterator[list[AuditRow]]:
    after = 0
    while True:
        query = select(audit).where(audit.c.chain == name, audit.c.n > after).order_by(audit.c.n).limit(PAGE)
        rows = [_row(stored) for stored in await connection.execute(query)]
        if not rows:
            return
        yield rows
        after = rows[-1].n


def _row(stored: Row[tuple[object, ...]]) -> AuditRow:
    return AuditRow(**{name: stored._mapping[name] for name in AuditRow.__slots__})


async def _content(connection: AsyncConnection, station: str, rows: list[AuditRow]) -> tuple[int, str] | None:
    """Compare what the rows cover with what is stored now; return the first row that differs, and how."""
    bodies = await _bodies(connection, station, [row for row in rows if row.kind != "fork"], fork=False)
    bodies |= await _bodies(connection, station, [row for row in rows if row.kind == "fork"], fork=True)
    for row in rows:
        body = bodies.get(row.subject)
        if body is None:
            return row.n, f"row {row.n}: event {row.subject} is gone"
        if digest_of(body) != row.digest:
            return row.n, f"row {row.n}: event {row.subject} was altered"
    return None


async def _bodies(connection: AsyncConnection, station: str, rows: list[AuditRow], *, fork: bool) -> dict[str, str]:
    if not rows:
        return {}
    table = forks if fork else events
    ids = [row.subject.split("/")[2] for row in rows]
    query = select(table.c.epoch, table.c.seq, table.c.id, table.c.body).where(
        table.c.station == station, table.c.id.in_(ids)
    )
    return {f"{found.epoch}/{found.seq}/{found.id}": found.body for found in await connection.execute(query)}


async def _unaudited(connection: AsyncConnection, station: str) -> str | None:
    """Every event has its row: as many as there are events."""
    stored = await connection.scalar(select(func.count()).select_from(events).where(events.c.station == station))
    counted = await connection.scalar(
        select(func.count()).select_from(audit).where(audit.c.chain == station, audit.c.kind == "event")
    )
    return None if stored == counted else f"{stored} events are stored, {counted} are in the chain"
