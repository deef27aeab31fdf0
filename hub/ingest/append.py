"""One transaction of ingest: append what arrived, move the watermarks, project, and write the audit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.events import StationStarted
from contract.state import Ack
from hub.core.audit import AuditRow, stamp
from hub.db.tables import events
from hub.ingest.arrived import Arrived, Batch
from hub.ingest.classify import Classified, classify, missing_between, walk
from hub.ingest.locked import EpochRow, Locked, lock_stations
from hub.ingest.lookup import stored_ids, stored_keys
from hub.ingest.presence import promote
from hub.ingest.project import Projected, Projector
from hub.ingest.stored import insert_audit, insert_events, insert_forks, insert_sealed, relabel

_PAGE = 2000


@dataclass(frozen=True)
class Appended:
    """What to answer once the transaction is committed; `more` says that projection has work left.

    `busy` are stations that another process was just working on: their batches were left out.
    """

    acks: dict[tuple[str, str], Ack]
    more: bool
    busy: frozenset[str] = frozenset()


async def append(connection: AsyncConnection, batches: list[Batch], now: datetime, *, wait: bool = True) -> Appended:
    """Append the batches of any stations; call it in a transaction of its own and answer only after its commit."""
    locked = await lock_stations(connection, (batch.station for batch in batches), wait=wait)
    batches = [batch for batch in batches if batch.station not in locked.busy]
    await locked.load_epochs(connection, ((batch.station, batch.epoch) for batch in batches))
    found = await _classify(connection, batches, locked, now)
    for row in locked.epochs.values():
        await _advance(connection, row, found.new)
    await _number_epochs(connection, locked, found.new)
    projected = await Projector(locked, now, found.new).run(connection, list(locked.epochs.values()))
    forked = await _store(connection, found, projected, now)
    await insert_audit(connection, _audit(locked, found.new, forked, projected, now))
    for event in found.forks:
        locked.stations[event.station].forked_at = now
    for station in locked.stations.values():
        station.heard_at = now
    await locked.save(connection)
    for station in locked.stations.values():
        if station.promoted is not None:
            await promote(connection, station.promoted)
    return Appended(_acks(locked, batches, found), projected.more, frozenset(locked.busy))


async def _classify(connection: AsyncConnection, batches: list[Batch], locked: Locked, now: datetime) -> Classified:
    arrived = [event for batch in batches for event in batch.events]
    for event in arrived:
        event.received_at = now
    # A number above what the epoch has seen cannot be stored yet.
    repeated = [event for event in arrived if event.seq <= locked.epochs[event.station, event.epoch].seen]
    keys = await stored_keys(connection, repeated)
    unknown = [(event.station, event.id) for event in arrived if event.key not in keys]
    return classify(arrived, keys, await stored_ids(connection, unknown))


async def _advance(connection: AsyncConnection, row: EpochRow, new: Iterable[Arrived]) -> None:
    ids = {event.seq: event.id for event in new if (event.station, event.epoch) == (row.station, row.epoch)}
    if not ids:
        return
    old_seen, before = row.seen, row.through
    row.seen = max(row.seen, *ids)
    row.through, row.through_id = walk(row.through, row.through_id, ids)
    # A gap was filled (in part): what was stored behind it may follow.
    while before < row.through < old_seen:
        before = row.through
        stored = await _ids_after(connection, row)
        row.through, row.through_id = walk(row.through, row.through_id, stored | ids)


async def _ids_after(connection: AsyncConnection, row: EpochRow) -> dict[int, str]:
    e = events.c
    query = (
        select(e.seq, e.id)
        .where(e.station == row.station, e.epoch == row.epoch, e.seq > row.through)
        .order_by(e.seq)
        .limit(_PAGE)
    )
    return {found.seq: found.id for found in await connection.execute(query)}


async def _number_epochs(connection: AsyncConnection, locked: Locked, new: Iterable[Arrived]) -> None:
    """Number a station's epochs as their `station_started` are first committed."""
    for event in new:
        if not isinstance(event.data, StationStarted):
            continue
        row = locked.epochs[event.station, event.epoch]
        row.started = True
        if row.number is not None:
            continue
        previous = str(event.data.previous_epoch) if event.data.previous_epoch else None
        if previous is not None and previous != event.epoch:
            # It names the store it came from: that one is older, even if its own start is still on its way.
            await locked.load_epochs(connection, [(event.station, previous)])
            older = locked.epochs[event.station, previous]
            if older.number is None:
                locked.number(older)
        locked.number(row)


async def _store(connection: AsyncConnection, found: Classified, projected: Projected, now: datetime) -> list[Arrived]:
    await insert_events(connection, found.new, now)
    await insert_sealed(connection, (*found.new, *found.forks), now)
    await relabel(connection, projected.relabelled)
    return await insert_forks(connection, found.forks, now)


def _audit(
    locked: Locked, new: list[Arrived], forked: list[Arrived], projected: Projected, now: datetime
) -> list[AuditRow]:
    stamped = stamp(now)
    kinds = (("event", new), ("fork", forked), ("projected", projected.relabelled))
    return [
        locked.stations[event.station].chain.add(kind, event.audit_subject, event.digest, now, stamped)
        for kind, some in kinds
        for event in some
    ]


def _acks(locked: Locked, batches: list[Batch], found: Classified) -> dict[tuple[str, str], Ack]:
    forked = {(event.station, event.epoch) for event in found.forks}
    touched = dict.fromkeys((batch.station, batch.epoch) for batch in batches)
    return {pair: ack_of(locked.epochs[pair], locked.ledger, fork=pair in forked) for pair in touched}


def ack_of(row: EpochRow, ledger: str, *, fork: bool = False) -> Ack:
    """Return the acknowledgement of an epoch as it stands, without its gaps."""
    through_id = UUID(row.through_id) if row.through_id else None
    epoch = UUID(row.epoch)
    return Ack(ledger=UUID(ledger), epoch=epoch, through=row.through, through_id=through_id, seen=row.seen, fork=fork)


async def missing(connection: AsyncConnection, row: EpochRow) -> tuple[tuple[int, int], ...]:
    """Return the first gaps between `through` and `seen`."""
    if row.seen <= row.through:
        return ()
    stored = await _ids_after(connection, row)
    upto = row.seen if len(stored) < _PAGE else max(stored)
    return missing_between(row.through, upto, stored)
