"""One station as last known: compartments, events this hub does not know, wishes on their way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.db.engine import reading
from hub.db.tables import commands, compartments, documents, events, forks, quarantine, stations, tasks, waiting

NEWEST = 20
SHOWN = 1000
"""Characters of an unknown event that the page shows; sealed values are not in it, and the database keeps it whole."""


@dataclass(frozen=True)
class StationPicture:
    """Everything the page of a station shows; `quarantined` has no payloads."""

    row: Row[Any]
    compartments: list[Row[Any]]
    tasks: list[Row[Any]]
    waiting: list[Row[Any]]
    unknown: list[Row[Any]]
    forks: list[Row[Any]]
    quarantined: list[Row[Any]]
    commands: list[Row[Any]]
    documents: list[Row[Any]]


async def station_picture(engine: AsyncEngine, station: str) -> StationPicture | None:
    """Return the picture, or None if nothing was ever heard of the station."""
    async with reading(engine) as connection:
        row = (await connection.execute(select(stations).where(stations.c.station == station))).one_or_none()
        return None if row is None else await _picture(connection, row)


async def _picture(connection: AsyncConnection, row: Row[Any]) -> StationPicture:
    station = row.station

    async def of(query: Any) -> list[Row[Any]]:  # noqa: ANN401 - a select of any table
        return list(await connection.execute(query))

    body = func.substr(events.c.body, 1, SHOWN).label("body")
    unknown = (events.c.seq, events.c.epoch, events.c.type, events.c.at, events.c.received_at, body)
    poison = (quarantine.c.sha256, quarantine.c.reason, quarantine.c.count.label("times"), quarantine.c.last_at)
    wishes = select(commands).where(commands.c.station == station)
    signed = (documents.c.kind, documents.c.version, documents.c.signed_at, documents.c.applied, documents.c.problem)
    return StationPicture(
        row=row,
        compartments=await of(
            select(compartments).where(compartments.c.station == station).order_by(compartments.c.number)
        ),
        tasks=await of(
            select(tasks).where(tasks.c.station == station, tasks.c.closed_at.is_(None)).order_by(tasks.c.opened_at)
        ),
        waiting=await of(
            select(waiting)
            .where(waiting.c.station == station, waiting.c.state != "expired")
            .order_by(waiting.c.joined_at, waiting.c.receipt_number)
        ),
        unknown=await of(
            select(*unknown)
            .where(events.c.state == "unknown", events.c.station == station)
            .order_by(events.c.received_at.desc())
            .limit(NEWEST)
        ),
        forks=await of(
            select(forks).where(forks.c.station == station).order_by(forks.c.received_at.desc()).limit(NEWEST)
        ),
        quarantined=await of(
            select(*poison).where(quarantine.c.station == station).order_by(quarantine.c.last_at.desc()).limit(NEWEST)
        ),
        commands=await of(wishes.order_by(commands.c.asked_at.desc()).limit(NEWEST)),
        documents=await of(
            select(*signed)
            .where(documents.c.station == station)
            .order_by(documents.c.signed_at.desc(), documents.c.version.desc())
            .limit(6)
        ),
    )


async def station_names(engine: AsyncEngine) -> list[str]:
    """Return the ids of all stations that were ever heard."""
    async with reading(engine) as connection:
        return list(await connection.scalars(select(stations.c.station).order_by(stations.c.station)))


async def free_compartments(engine: AsyncEngine) -> dict[str, dict[str, int]]:
    """Return how many compartments of each size are free and in service, by station, as last known."""
    query = select(compartments.c.station, compartments.c.size).where(
        compartments.c.allocation == "free", compartments.c.in_service.is_not(False)
    )
    free: dict[str, dict[str, int]] = {name: {} for name in await station_names(engine)}
    async with reading(engine) as connection:
        for row in await connection.execute(query):
            sizes = free.setdefault(row.station, {})
            sizes[row.size or "?"] = sizes.get(row.size or "?", 0) + 1
    return free
