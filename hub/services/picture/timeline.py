"""The story of one item: the deposit's events, the case's events and what the desk did, in one line of moments.

Events of one station keep their order of sending (epoch, seq), whatever its clock said; lines of several stations and
of the hub are woven together by time.
"""

from __future__ import annotations

import heapq
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.db.engine import reading
from hub.db.tables import epochs, events

LONGEST = 500
LATELY = 40


@dataclass(frozen=True)
class Moment:
    """Something that happened. `kind` is an event type or a desk action; `station` is None for the desk's own."""

    at: datetime
    kind: str
    station: str | None = None
    compartment: int | None = None
    data: dict[str, Any] = field(default_factory=dict)
    clock_synced: bool = True
    known: bool = True


async def timeline(engine: AsyncEngine, subjects: Iterable[str], desk: Iterable[Moment] = ()) -> list[Moment]:
    """Return the moments of a deposit, a case or both (`subjects` are their numbers), oldest first."""
    names = [name for name in subjects if name]
    async with reading(engine) as connection:
        rows = await _events(connection, names)
    lines: dict[str, list[Moment]] = defaultdict(list)
    for row in rows:
        lines[row.station].append(_moment(row))
    own = sorted(desk, key=lambda moment: moment.at)
    return list(heapq.merge(*lines.values(), own, key=lambda moment: moment.at))


async def door_history(engine: AsyncEngine, station: str, compartment: int) -> list[Moment]:
    """Return what one door did lately, newest first."""
    query = (
        select(events)
        .where(events.c.station == station, events.c.compartment == compartment)
        .order_by(events.c.received_at.desc(), events.c.seq.desc())
        .limit(LATELY)
    )
    async with reading(engine) as connection:
        return [_moment(row) for row in await connection.execute(query)]


async def _events(connection: AsyncConnection, names: list[str]) -> list[Row[Any]]:
    """Events that name a subject, and the door's events of the same operation at the same compartment."""
    own = list(await connection.execute(_ordered(events.c.subject.in_(names))))
    places = {(row.station, row.correlation, row.compartment) for row in own}
    operations = {row.correlation for row in own} - {None}
    others = await connection.execute(_ordered(events.c.correlation.in_(operations), events.c.subject.is_(None)))
    near = [row for row in others if (row.station, row.correlation, row.compartment) in places]
    # A provisional epoch (no number yet) comes after the numbered ones.
    return sorted([*own, *near], key=lambda row: (row.number is None, row.number or 0, row.epoch, row.seq))


def _ordered(*conditions: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's expressions
    same_epoch = (events.c.station == epochs.c.station) & (events.c.epoch == epochs.c.epoch)
    return (
        select(events, epochs.c.number)
        .outerjoin(epochs, same_epoch)
        .where(*conditions)
        .order_by(epochs.c.number, events.c.seq)
        .limit(LONGEST)
    )


def _moment(row: Row[Any]) -> Moment:
    body = json.loads(row.body)
    data = body.get("data") if isinstance(body, dict) else None
    return Moment(
        at=row.at or row.received_at,
        kind=row.type,
        station=row.station,
        compartment=row.compartment,
        data=data if isinstance(data, dict) else {},
        clock_synced=row.clock != "unsynced",
        known=row.state != "unknown",
    )


OTHER_NOTICES = frozenset({"one_time_code", "reminder"})
"""Messages that are told by their own sentence once they are sent."""


def case_moments(case: Row[Any], notices: Iterable[Row[Any]]) -> list[Moment]:
    """Return what the hub did for a case: made it, made it ready, wrote to its recipient."""
    found = [Moment(case.made_at, "case_made", data={"by": case.made_by or "", "title": case.title})]
    if case.ready_at is not None:
        found.append(Moment(case.ready_at, "case_ready", case.station, data={"due": case.due}))
    for notice in notices:
        told = f"notice_{notice.kind}" if notice.kind in OTHER_NOTICES else "notice_sent"
        kind = told if notice.sent_at is not None else f"notice_{notice.state}"
        found.append(Moment(notice.sent_at or notice.made_at, kind, notice.station, notice.compartment))
    return found
