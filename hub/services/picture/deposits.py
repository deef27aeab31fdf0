"""Deposits as the desk lists them: waiting, doubtful, cleared, the rest."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.cases import DepositState
from hub.db.engine import reading
from hub.db.tables import deposits

PAGE = 50

GROUPS: dict[str, tuple[str, ...]] = {
    "waiting": (DepositState.MADE,),
    "doubtful": (DepositState.DOUBTFUL,),
    "cleared": (DepositState.CLEARED,),
    "empty": (DepositState.ABANDONED, DepositState.NOT_FOUND),
}
"""The tabs of the page and the states they hold."""


async def list_deposits(engine: AsyncEngine, group: str, page: int) -> tuple[list[Row[Any]], bool]:
    """Return one page (from 0) of a group, and whether there is another one.

    What waits is sorted as one walks along the doors, the rest by time, newest first.
    """
    order = [deposits.c.made_at.desc(), deposits.c.receipt_number]
    if group in {"waiting", "doubtful"}:
        order = [deposits.c.station, deposits.c.compartment, *order]
    query = select(deposits).where(deposits.c.state.in_(GROUPS[group])).order_by(*order)
    async with reading(engine) as connection:
        rows = list(await connection.execute(query.limit(PAGE + 1).offset(page * PAGE)))
    return rows[:PAGE], len(rows) > PAGE


async def find_deposit(engine: AsyncEngine, receipt_number: str) -> Row[Any] | None:
    """Return a deposit by its receipt number."""
    async with reading(engine) as connection:
        query = select(deposits).where(deposits.c.receipt_number == receipt_number)
        return (await connection.execute(query)).one_or_none()
