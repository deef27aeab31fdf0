"""Reminders of items that wait: 24 and 48 hours after they were loaded, by day, never after their period.

The message names neither the recipient nor the code, which was erased when it was sent.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.times import local
from hub.db.batch import insert_new
from hub.db.engine import reading, writing
from hub.db.tables import cases, notifications

KIND = "reminder"
STAGES = (timedelta(hours=48), timedelta(hours=24))
QUIET_FROM, QUIET_TO = 21, 8
"""Local hours: nobody is woken for a certificate that lies safe."""
DAYS = timedelta(days=60)
_NAMES = UUID("6f1c6c36-5f0e-4d0c-9c58-5f3a1f6f3b52")


def by_day(at: datetime) -> datetime:
    """Return `at`, or the next morning if it is night."""
    here = local(at)
    if QUIET_TO <= here.hour < QUIET_FROM:
        return at
    morning = here.replace(hour=QUIET_TO, minute=0, second=0, microsecond=0)
    return morning if here.hour < QUIET_TO else morning + timedelta(days=1)


async def make(engine: AsyncEngine, now: datetime) -> None:
    """Make the rows of the reminders that are due; one for each load and stage, however often this is asked."""
    c = cases.c
    waits = select(cases).where(
        c.state == "loaded",
        c.loaded_at <= now - min(STAGES),
        c.phone_event.is_not(None),
        or_(c.due.is_(None), c.due > now),
    )
    async with reading(engine) as connection:
        rows = [
            {
                "id": _name(row.case_number, row.loaded_at, stage), "kind": KIND, "station": row.station,
                "case_number": row.case_number, "compartment": row.compartment, "due": row.due, "state": "waiting",
                "tries": 0, "made_at": now, "next_at": by_day(now),
            }
            for row in await connection.execute(waits)
            for stage in [next(each for each in STAGES if row.loaded_at <= now - each)]
        ]  # fmt: skip
        known = select(notifications.c.id).where(notifications.c.kind == KIND, notifications.c.made_at > now - DAYS)
        told = set(await connection.scalars(known)) if rows else set()
    fresh = [row for row in rows if row["id"] not in told]
    if fresh:
        async with writing(engine) as connection:
            await insert_new(connection, notifications, fresh)


def _name(case_number: str, loaded_at: datetime, stage: timedelta) -> str:
    return str(uuid5(_NAMES, f"{case_number}|{loaded_at.timestamp():.3f}|{stage}"))
