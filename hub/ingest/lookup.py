"""What the database holds already of events that just arrived: by number, and by id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.batch import driver_of
from hub.db.engine import is_postgresql
from hub.db.tables import events
from hub.ingest.arrived import Arrived

Key = tuple[str, str, int]

# Two index look-ups for each event, in one query.
_BY_KEY = """
SELECT e.station, e.epoch, e.seq, e.id FROM unnest($1::text[], $2::text[], $3::bigint[]) AS k(station, epoch, seq)
JOIN events e ON e.station = k.station AND e.epoch = k.epoch AND e.seq = k.seq
"""
_BY_ID = """
SELECT e.station, e.epoch, e.seq, e.id, e.state FROM unnest($1::text[], $2::text[]) AS k(station, id)
JOIN events e ON e.station = k.station AND e.id = k.id
"""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Primary:
    """Where an id is stored for the first time."""

    epoch: str
    seq: int
    state: str


async def stored_keys(connection: AsyncConnection, arrived: Iterable[Arrived]) -> dict[Key, str]:
    """Return the ids stored under the numbers of these events."""
    wanted = list(arrived)
    if not wanted:
        return {}
    if is_postgresql(connection):
        arrays = [e.station for e in wanted], [e.epoch for e in wanted], [e.seq for e in wanted]
        rows = await (await driver_of(connection)).fetch(_BY_KEY, *arrays)
        return {(row["station"], row["epoch"], row["seq"]): row["id"] for row in rows}
    found: dict[Key, str] = {}
    grouped: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in wanted:
        grouped[event.station, event.epoch].append(event.seq)
    e = events.c
    for (station, epoch), numbers in grouped.items():
        for start in range(0, len(numbers), _CHUNK):
            query = select(e.seq, e.id).where(
                e.station == station, e.epoch == epoch, e.seq.in_(numbers[start : start + _CHUNK])
            )
            found |= {(station, epoch, row.seq): row.id for row in await connection.execute(query)}
    return found


async def stored_ids(connection: AsyncConnection, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Primary]:
    """Return for each known (station, id) the row that holds it first; rows of state `known_id` only repeat it."""
    pairs = list(wanted)
    if not pairs:
        return {}
    found: dict[tuple[str, str], Primary] = {}
    if is_postgresql(connection):
        rows = await (await driver_of(connection)).fetch(_BY_ID, [s for s, _ in pairs], [i for _, i in pairs])
        for row in rows:
            if row["state"] != "known_id":
                found[row["station"], row["id"]] = Primary(row["epoch"], row["seq"], row["state"])
        return found
    grouped: dict[str, list[str]] = defaultdict(list)
    for station, name in pairs:
        grouped[station].append(name)
    e = events.c
    for station, names in grouped.items():
        for start in range(0, len(names), _CHUNK):
            query = select(e.epoch, e.seq, e.id, e.state).where(
                e.station == station, e.id.in_(names[start : start + _CHUNK]), e.state != "known_id"
            )
            for stored in await connection.execute(query):
                found[station, stored.id] = Primary(stored.epoch, stored.seq, stored.state)
    return found
