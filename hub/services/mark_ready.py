"""The certificate of a case is ready: choose the station that will hand it out, and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.core.cases import MAY_BECOME_READY, CaseState
from hub.core.times import pickup_due
from hub.db.engine import writing
from hub.db.tables import cases, document_requests, stations
from hub.services.audit import record_user_action
from hub.services.refusals import RefusedError, UnknownSubjectError

PICKUP_DAYS = (3, 7, 15, 30)
"""Periods the desk offers, in days; 3 days (72 hours) are usual for lockers."""


async def mark_ready(engine: AsyncEngine, now: datetime, by: str, number: str, station: str, days: int) -> bool:
    """Make the case ready, ask for the station's new list of expected cases, record who did it: one transaction.

    Returns whether anything changed: the same wish twice is one.

    Raises:
        UnknownSubjectError: no such case.
        RefusedError: no such station or period, or the item was loaded already.
    """
    if days not in PICKUP_DAYS:
        raise RefusedError("period_unknown")
    due = pickup_due(now, days)
    async with writing(engine) as connection:
        case = await _lock_case(connection, number)
        if case.state not in MAY_BECOME_READY:
            raise RefusedError("case_past_ready")
        await _check_station(connection, station)
        if case.state == CaseState.READY and case.station == station and case.due == due:
            return False
        await _store(connection, now, case, station, due)
        body = {"station": station, "due": due.isoformat()}
        await record_user_action(connection, user=by, action="case_ready", subject=number, body=body, at=now)
        return True


async def _lock_case(connection: AsyncConnection, number: str) -> Row[Any]:
    touched = update(cases).where(cases.c.case_number == number).values(state=cases.c.state).returning(*cases.c)
    case = (await connection.execute(touched)).one_or_none()
    if case is None:
        raise UnknownSubjectError("case_unknown")
    return case


async def _check_station(connection: AsyncConnection, station: str) -> None:
    if await connection.scalar(select(stations.c.station).where(stations.c.station == station)) is None:
        raise RefusedError("station_unknown")


async def _store(connection: AsyncConnection, now: datetime, case: Row[Any], station: str, due: datetime) -> None:
    values = {"state": CaseState.READY, "station": station, "due": due, "ready_at": now}
    await connection.execute(update(cases).where(cases.c.case_number == case.case_number).values(values))
    # A station that was chosen before must take the case off its list.
    concerned = {station, case.station} - {None}
    await ask_documents(connection, now, "expected", sorted(concerned))


async def ask_documents(connection: AsyncConnection, now: datetime, kind: str, names: list[str]) -> None:
    """Ask dispatch to sign a new document of `kind` for each of the stations."""
    if names:
        rows = [{"station": name, "kind": kind, "asked_at": now} for name in names]
        await connection.execute(insert(document_requests), rows)
