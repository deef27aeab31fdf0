"""Verify the audit: every chain from its start to its head, and every stored event against its row in the chain."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Row, Table, func, select
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
    """Verify all chains; the first wrong row of each is named.

    Works beside running hubs: what is appended meanwhile is left for the next time, and no lock is held for long.
    """
    async with reading(engine) as connection:
        heads = await _heads(connection)
        known = {row.chain for row in await connection.execute(select(audit.c.chain).distinct())}
    return [await _verify(engine, name, *heads.get(name, (0, START))) for name in sorted(known | set(heads))]


async def _heads(connection: AsyncConnection) -> dict[str, tuple[int, str]]:
    s = stations.c
    rows = await connection.execute(select(s.station, s.audit_n, s.audit_head))
    heads = {row.station: (int(row.audit_n), str(row.audit_head)) for row in rows}
    meta = {row.name: row.value for row in await connection.execute(select(hub_meta))}
    heads[USERS] = (int(meta.get(COUNT, "0")), meta.get(HEAD, START))
    return heads


async def _verify(engine: AsyncEngine, name: str, count: int, head: str) -> Finding:
    chain = Chain(name)
    while rows := await _page(engine, name, chain.n, count):
        before, problem = chain.n, first_wrong(rows, chain)
        right = rows[: chain.n - before]
        if name != USERS and (altered := await _content(engine, name, right)) is not None:
            return Finding(name, altered[0] - 1, altered[1])
        if problem is not None:
            return Finding(name, chain.n, problem)
    if (chain.n, chain.head) != (count, head):
        return Finding(name, chain.n, f"the chain ends at row {chain.n}, its head says {count}")
    return Finding(name, chain.n, await _unaudited(engine, name) if name != USERS else None)


async def _page(engine: AsyncEngine, name: str, after: int, upto: int) -> list[AuditRow]:
    a = audit.c
    query = select(audit).where(a.chain == name, a.n > after, a.n <= upto).order_by(a.n).limit(PAGE)
    async with reading(engine) as connection:
        return [_row(stored) for stored in await connection.execute(query)]


def _row(stored: Row[tuple[object, ...]]) -> AuditRow:
    return AuditRow(**{name: stored._mapping[name] for name in AuditRow.__slots__})


async def _content(engine: AsyncEngine, station: str, rows: list[AuditRow]) -> tuple[int, str] | None:
    """Compare what the rows cover with what is stored now; return the first row that differs, and how."""
    async with reading(engine) as connection:
        bodies = await _bodies(connection, station, [row for row in rows if row.kind != "fork"], events)
        bodies |= await _bodies(connection, station, [row for row in rows if row.kind == "fork"], forks)
    for row in rows:
        body = bodies.get(row.subject)
        if body is None:
            return row.n, f"row {row.n}: event {row.subject} is gone"
        if digest_of(body) != row.digest:
            return row.n, f"row {row.n}: event {row.subject} was altered"
    return None


async def _bodies(connection: AsyncConnection, station: str, rows: list[AuditRow], table: Table) -> dict[str, str]:
    if not rows:
        return {}
    ids = [row.subject.split("/")[2] for row in rows]
    query = select(table.c.epoch, table.c.seq, table.c.id, table.c.body).where(
        table.c.station == station, table.c.id.in_(ids)
    )
    return {f"{found.epoch}/{found.seq}/{found.id}": found.body for found in await connection.execute(query)}


async def _unaudited(engine: AsyncEngine, station: str) -> str | None:
    """Every event has its row: as many as there are events, counted in one statement."""
    stored = select(func.count()).select_from(events).where(events.c.station == station).scalar_subquery()
    audited = (
        select(func.count()).select_from(audit).where(audit.c.chain == station, audit.c.kind == "event")
    ).scalar_subquery()
    async with reading(engine) as connection:
        numbers = (await connection.execute(select(stored.label("stored"), audited.label("audited")))).one()
    if numbers.stored == numbers.audited:
        return None
    return f"{numbers.stored} events are stored, {numbers.audited} are in the chain"
