"""How print orders stand: what was ordered, joined with what stations reported of their jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.db.engine import reading
from hub.db.print_tables import print_jobs, print_orders

PAGE = 50
_OUT = ("taken", "left", "printed")
_STRONGEST = (*_OUT, "unverified", "printing")
GROUPS = ("open", "doubt", "out", "over")
"""The tabs of the desk: to be printed, to be looked at, handed over, withdrawn or expired."""


@dataclass(frozen=True, slots=True)
class Paper:
    """An order with its jobs, oldest first, and how it stands."""

    order: Row[Any]
    jobs: Sequence[Row[Any]]
    state: str


async def list_papers(
    engine: AsyncEngine,
    now: datetime,
    page: int,
    *,
    group: str | None = None,
    made_by: str | None = None,
    station: str | None = None,
) -> tuple[list[Paper], bool]:
    """Return one page (from 0), newest first, and whether there is another one."""
    o = print_orders.c
    query = select(*_shown()).order_by(o.made_at.desc(), o.order_id)
    wanted = {o.made_by: made_by, o.station: station}
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    if group is not None:
        query = query.where(_in_group(group, now))
    async with reading(engine) as connection:
        rows = list(await connection.execute(query.limit(PAGE + 1).offset(page * PAGE)))
        return await _with_jobs(connection, rows[:PAGE], now), len(rows) > PAGE


async def find_paper(engine: AsyncEngine, now: datetime, order: UUID) -> Paper | None:
    """Return one order."""
    async with reading(engine) as connection:
        rows = list(await connection.execute(select(*_shown()).where(print_orders.c.order_id == str(order))))
        found = await _with_jobs(connection, rows, now)
    return found[0] if found else None


def standing(order: Row[Any], jobs: Sequence[Row[Any]], now: datetime) -> str:
    """Return the state of an order: what a station printed or may have printed outlives a withdrawal."""
    states = {job.state for job in jobs}
    for state in _STRONGEST:
        if state in states:
            return state
    if order.withdrawn_at is not None:
        return "withdrawn"
    if order.expires_at <= now:
        return "expired"
    return "failed" if states else "ordered"


def _shown() -> list[ColumnElement[Any]]:
    """Every column but the content."""
    return [column for column in print_orders.c if column.name != "sealed"]


async def _with_jobs(connection: AsyncConnection, rows: Sequence[Row[Any]], now: datetime) -> list[Paper]:
    j = print_jobs.c
    query = select(print_jobs).where(j.order_id.in_([row.order_id for row in rows])).order_by(j.at, j.job)
    jobs: dict[str, list[Row[Any]]] = {row.order_id: [] for row in rows}
    for job in await connection.execute(query):
        jobs[job.order_id].append(job)
    return [Paper(row, jobs[row.order_id], standing(row, jobs[row.order_id], now)) for row in rows]


def _in_group(group: str, now: datetime) -> ColumnElement[bool]:
    o = print_orders.c
    out, doubt = _job_in("printed", "taken"), _job_in("printing", "unverified", "left")
    over = or_(o.withdrawn_at.is_not(None), o.expires_at <= now)
    conditions: Mapping[str, ColumnElement[bool]] = {
        "open": not_(or_(out, doubt, over)),
        "doubt": doubt,
        "out": and_(out, not_(doubt)),
        "over": and_(over, not_(or_(out, doubt))),
    }
    return conditions[group]


def _job_in(*states: str) -> ColumnElement[bool]:
    j = print_jobs.c
    return exists().where(j.order_id == print_orders.c.order_id, j.state.in_(states))
