"""What the first page shows: every station as last known, and how much waits for somebody."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.db.engine import reading
from hub.db.tables import cases, compartments, deposits, events, forks, quarantine, stations, tasks


@dataclass(frozen=True)
class StationLine:
    """One station: its row, its compartments by what they are, and what is wrong with it."""

    row: Row[Any]
    compartments: dict[str, int]
    tasks: int
    unknown: int
    forks: int

    @property
    def alarms(self) -> list[str]:
        """Keys of the alarms that stand, worst first."""
        found = {
            "alarm_cloned": self.row.cloned_at is not None,
            "alarm_forked": self.forks > 0 or self.row.forked_at is not None,
            "alarm_parked": self.row.parked_at is not None,
            "alarm_unknown": self.unknown > 0,
        }
        return [key for key, stands in found.items() if stands]


@dataclass(frozen=True)
class Overview:
    """The whole desk at a glance; counts are rows of the database at one moment."""

    stations: list[StationLine]
    deposits: dict[str, int] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)
    tasks: list[Row[Any]] = field(default_factory=list)
    tasks_open: int = 0
    quarantined: list[Row[Any]] = field(default_factory=list)


async def overview(engine: AsyncEngine) -> Overview:
    """Read the overview in one transaction."""
    async with reading(engine) as connection:
        open_tasks = await connection.scalar(select(func.count()).where(tasks.c.closed_at.is_(None)))
        return Overview(
            stations=await station_lines(connection),
            deposits=await _by_state(connection, deposits.c.state),
            cases=await _by_state(connection, cases.c.state),
            tasks=await _newest_tasks(connection),
            tasks_open=open_tasks or 0,
            quarantined=await _quarantined(connection),
        )


async def station_lines(connection: AsyncConnection) -> list[StationLine]:
    """Return every station that was ever heard, by id."""
    allocations = await _compartments(connection)
    open_tasks = await _count(connection, tasks.c.station, tasks.c.closed_at.is_(None))
    unknown = await _count(connection, events.c.station, events.c.state == "unknown")
    forked = await _count(connection, forks.c.station, forks.c.seq > 0)
    rows = await connection.execute(select(stations).order_by(stations.c.station))
    return [
        StationLine(
            row,
            allocations[row.station],
            open_tasks.get(row.station, 0),
            unknown.get(row.station, 0),
            forked.get(row.station, 0),
        )
        for row in rows
    ]


async def _compartments(connection: AsyncConnection) -> dict[str, dict[str, int]]:
    number = func.count().label("n")
    key = (compartments.c.station, compartments.c.allocation, compartments.c.in_service)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in await connection.execute(select(*key, number).group_by(*key)):
        what = "out" if row.in_service is False else row.allocation or "unknown"
        counts[row.station][what] += row.n
    return counts


async def _count(connection: AsyncConnection, station: Any, condition: Any) -> dict[str, int]:  # noqa: ANN401 - columns
    rows = await connection.execute(select(station, func.count()).where(condition).group_by(station))
    return {str(name): int(n) for name, n in rows}


async def _by_state(connection: AsyncConnection, state: Any) -> dict[str, int]:  # noqa: ANN401 - a column of any table
    rows = await connection.execute(select(state, func.count()).group_by(state))
    return {str(name): int(n) for name, n in rows}


async def _newest_tasks(connection: AsyncConnection) -> list[Row[Any]]:
    query = select(tasks).where(tasks.c.closed_at.is_(None)).order_by(tasks.c.opened_at.desc()).limit(6)
    return list(await connection.execute(query))


async def _quarantined(connection: AsyncConnection) -> list[Row[Any]]:
    columns = (
        quarantine.c.station,
        quarantine.c.reason,
        quarantine.c.count.label("times"),
        quarantine.c.last_at,
        quarantine.c.sha256,
    )
    return list(await connection.execute(select(*columns).order_by(quarantine.c.last_at.desc()).limit(20)))
