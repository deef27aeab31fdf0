"""Events as rows: how they are written, and read again when their turn comes later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.core.audit import AuditRow, digest_of
from hub.db.batch import insert_new, update_rows
from hub.db.tables import audit, events, forks, sealed
from hub.ingest.arrived import Arrived, State
from hub.ingest.guard import reread
from hub.ingest.locked import EpochRow


async def insert_events(connection: AsyncConnection, new: Iterable[Arrived], now: datetime) -> None:
    """Store new events with the state they have at the end of this transaction."""
    rows = [
        {
            "station": e.station, "epoch": e.epoch, "seq": e.seq, "id": e.id, "type": e.type, "state": e.state.value,
            "at": e.at, "clock": e.clock, "boot": e.boot, "correlation": e.correlation, "subject": e.subject,
            "compartment": e.compartment, "body": e.body, "received_at": now,
        }
        for e in new
    ]  # fmt: skip
    await insert_new(connection, events, rows)


async def insert_sealed(connection: AsyncConnection, new: Iterable[Arrived], now: datetime) -> None:
    """Put sealed values where notify finds them; one that was used and erased does not come back."""
    rows = [
        {
            "station": e.station, "event": e.id, "field": value.field, "jwe": value.jwe, "sha256": value.sha256,
            "received_at": now,
        }
        for e in new
        for value in e.sealed
    ]  # fmt: skip
    await insert_new(connection, sealed, rows)


async def insert_forks(connection: AsyncConnection, arrived: Iterable[Arrived], now: datetime) -> list[Arrived]:
    """Keep forks whole; return those that were not kept before."""
    kept = []
    f = forks.c
    for event in arrived:
        same = (f.station == event.station, f.epoch == event.epoch, f.seq == event.seq, f.id == event.id)
        if await connection.scalar(select(f.seq).where(*same)) is not None:
            continue
        row = {"station": event.station, "epoch": event.epoch, "seq": event.seq, "id": event.id, "body": event.body}
        await insert_new(connection, forks, [{**row, "received_at": now}])
        kept.append(event)
    return kept


async def insert_audit(connection: AsyncConnection, rows: Iterable[AuditRow]) -> None:
    """Append to the chains; their heads are in rows that the caller holds locked."""
    values = [
        {
            "chain": row.chain, "n": row.n, "kind": row.kind, "subject": row.subject, "digest": row.digest,
            "at": row.at, "hash": row.hash,
        }
        for row in rows
    ]  # fmt: skip
    await insert_new(connection, audit, values)


async def relabel(connection: AsyncConnection, changed: Iterable[Arrived]) -> None:
    """Write the new states of rows that were stored before."""
    keys = ["station", "epoch", "seq"]
    rows = [{"station": e.station, "epoch": e.epoch, "seq": e.seq, "state": e.state.value} for e in changed]
    await update_rows(connection, events, keys, rows)


async def waiting_rows(connection: AsyncConnection, row: EpochRow, until: int) -> list[Arrived]:
    """Return the stored events of the epoch that follow its `projected`, up to `until`."""
    e = events.c
    query = select(events).where(e.station == row.station, e.epoch == row.epoch, e.seq > row.projected, e.seq <= until)
    return [from_row(stored) for stored in await connection.execute(query)]


def from_row(stored: Row[Any]) -> Arrived:
    """Return a stored event as it arrived; one that was unknown is new once this hub understands it."""
    data = reread(stored.body)
    state = State(stored.state)
    return Arrived(
        station=stored.station, epoch=stored.epoch, seq=stored.seq, id=stored.id, type=stored.type, at=stored.at,
        clock=stored.clock, boot=stored.boot, correlation=stored.correlation, subject=stored.subject,
        compartment=stored.compartment, body=stored.body, digest=digest_of(stored.body), data=data,
        state=State.NEW if state is State.UNKNOWN and data is not None else state,
        received_at=stored.received_at, stored=True,
    )  # fmt: skip
