"""Projection that was left behind: long backlogs after a gap was filled, and parked stations that are tried again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.clock import Clock
from hub.core.audit import stamp
from hub.db.engine import is_away, reading, writing
from hub.db.tables import epochs
from hub.ingest.locked import StationRow, lock_stations
from hub.ingest.project import Projector
from hub.ingest.stored import insert_audit, relabel

log = logging.getLogger(__name__)

LOOK_S = 5.0
PARKED_FIRST, PARKED_MOST = timedelta(seconds=5), timedelta(minutes=5)


class CatchUp:
    """Looks for stations whose projection is behind, at once when told and every few seconds."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._news = asyncio.Event()

    def look(self) -> None:
        """A transaction left work over."""
        self._news.set()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self._news.clear()
            try:
                await self.once()
            except Exception as error:
                if not is_away(error):
                    raise
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_S)

    async def once(self) -> None:
        """Project everything that is due."""
        for station in await self._behind():
            more = True
            while more:
                more = await self._project(station)

    async def _behind(self) -> list[str]:
        query = select(epochs.c.station).where(epochs.c.projected < epochs.c.through).distinct()
        async with reading(self._engine) as connection:
            return [row.station for row in await connection.execute(query)]

    async def _project(self, station: str) -> bool:
        async with writing(self._engine) as connection:
            return await project_station(connection, station, self._clock.now())


async def project_station(connection: AsyncConnection, name: str, now: datetime) -> bool:
    """Project what the station is behind with; return whether there is more. A parked one is tried when it is due."""
    locked = await lock_stations(connection, [name])
    station = locked.stations[name]
    if station.parked and not _due(station, now):
        return False
    station.try_again()
    query = select(epochs.c.station, epochs.c.epoch).where(
        epochs.c.station == name, epochs.c.projected < epochs.c.through
    )
    pairs = [(row.station, row.epoch) for row in await connection.execute(query)]
    await locked.load_epochs(connection, pairs)
    result = await Projector(locked, now).run(connection, list(locked.epochs.values()))
    if not station.parked:
        station.unpark()
    await relabel(connection, result.relabelled)
    stamped = stamp(now)
    rows = [
        station.chain.add("projected", event.audit_subject, event.digest, now, stamped) for event in result.relabelled
    ]
    await insert_audit(connection, rows)
    await locked.save(connection)
    return result.more and not station.parked


def _due(station: StationRow, now: datetime) -> bool:
    return station.parked_at is None or now >= station.parked_at + retry_after(station.parked_tries)


def retry_after(tries: int) -> timedelta:
    """Return how long a parked station waits before its next try. Pure."""
    return min(PARKED_FIRST * 2 ** min(tries - 1, 10), PARKED_MOST) if tries else timedelta(0)
