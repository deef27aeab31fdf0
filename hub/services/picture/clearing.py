"""The morning's list of a station: deposits to take out, items that nobody collected or that were withdrawn, doubts.

Made of what the stations' events said; the station's own list, at its screen, is the one that counts there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.cases import CaseState
from hub.db.engine import reading
from hub.db.tables import cases, compartments


@dataclass(frozen=True)
class ToClear:
    """One compartment that waits for staff; `why` is `deposit`, `overdue`, `withdrawn` or `doubtful`."""

    station: str
    number: int
    why: str
    receipt_number: str | None
    case_number: str | None
    due: datetime | None


async def clearing_list(engine: AsyncEngine, now: datetime) -> list[ToClear]:
    """Return what waits, as one walks along the doors of each station."""
    c = compartments.c
    known = or_(c.allocation == "doubtful", c.receipt_number.is_not(None), c.case_number.is_not(None))
    query = (
        select(c.station, c.number, c.allocation, c.receipt_number, c.case_number, cases.c.state, cases.c.due)
        .select_from(compartments.outerjoin(cases, cases.c.case_number == c.case_number))
        .where(c.allocation.in_(("occupied", "doubtful")), known)
        .order_by(c.station, c.number)
    )
    async with reading(engine) as connection:
        return list(_waiting(await connection.execute(query), now))


def _waiting(rows: Any, now: datetime) -> Iterator[ToClear]:  # noqa: ANN401 - a result of the query above
    for row in rows:
        why = _why(row, now)
        if why is not None:
            yield ToClear(row.station, row.number, why, row.receipt_number, row.case_number, row.due)


def _why(row: Row[Any], now: datetime) -> str | None:
    if row.allocation == "doubtful":
        return "doubtful"
    if row.case_number is None:
        return "deposit"
    if row.state == CaseState.WITHDRAWN:
        return "withdrawn"
    return "overdue" if row.state == CaseState.OVERDUE or (row.due is not None and row.due <= now) else None
