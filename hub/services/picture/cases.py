"""Cases as the desk lists them, by where they stand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.cases import CaseState
from hub.db.engine import reading
from hub.db.tables import cases, notifications

PAGE = 50

GROUPS: dict[str, tuple[str, ...]] = {
    "made": (CaseState.MADE,),
    "ready": (CaseState.READY,),
    "loaded": (CaseState.LOADED,),
    "collected": (CaseState.COLLECTED,),
    "other": (CaseState.OVERDUE, CaseState.WITHDRAWN),
}
"""The tabs of the page and the states they hold."""


async def list_cases(engine: AsyncEngine, group: str, page: int) -> tuple[list[Row[Any]], bool]:
    """Return one page (from 0) of a group, newest first, and whether there is another one."""
    query = select(cases).where(cases.c.state.in_(GROUPS[group])).order_by(cases.c.made_at.desc(), cases.c.case_number)
    async with reading(engine) as connection:
        rows = list(await connection.execute(query.limit(PAGE + 1).offset(page * PAGE)))
    return rows[:PAGE], len(rows) > PAGE


async def find_case(engine: AsyncEngine, number: str) -> Row[Any] | None:
    """Return a case by its number."""
    async with reading(engine) as connection:
        return (await connection.execute(select(cases).where(cases.c.case_number == number))).one_or_none()


async def notices_of(engine: AsyncEngine, number: str) -> list[Row[Any]]:
    """Return the messages to the recipient of a case: kind, state and times, never a text."""
    query = select(notifications).where(notifications.c.case_number == number).order_by(notifications.c.made_at)
    async with reading(engine) as connection:
        return list(await connection.execute(query))
