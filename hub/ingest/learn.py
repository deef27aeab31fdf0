"""Events kept as unknown are projected when this hub understands them, for example after an upgrade.

Later events of the same compartment, receipt or case may have spoken already; then only what is still empty is filled.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contract.events import EVENT_TYPES
from hub.core.audit import stamp
from hub.db.engine import is_away, reading, writing
from hub.db.tables import epochs, events
from hub.ingest.arrived import Arrived, State
from hub.ingest.changes import Change, belated
from hub.ingest.handlers.registry import HANDLERS
from hub.ingest.locked import lock_stations
from hub.ingest.stored import from_row, insert_audit, relabel
from hub.ingest.write import write_changes

log = logging.getLogger(__name__)

PAGE = 200


async def learn(engine: AsyncEngine, now: datetime) -> int:
    """Look through everything unknown once; return how many events were projected."""
    learned = 0
    after: tuple[str, str, int] = ("", "", 0)
    while page := await _page(engine, after):
        after = page[-1].key
        understood = [event for event in page if event.data is not None]
        learned += await _project(engine, understood, now)
    if learned:
        log.info("%d events are understood now", learned)
    return learned


async def _page(engine: AsyncEngine, after: tuple[str, str, int]) -> list[Arrived]:
    e = events.c
    query = (
        select(events)
        .where(e.state == State.UNKNOWN, e.type.in_(EVENT_TYPES), tuple_(e.station, e.epoch, e.seq) > tuple_(*after))
        .order_by(e.station, e.epoch, e.seq)
        .limit(PAGE)
    )
    async with reading(engine) as connection:
        return [from_row(row) for row in await connection.execute(query)]


async def _project(engine: AsyncEngine, understood: list[Arrived], now: datetime) -> int:
    count = 0
    for event in understood:
        try:
            async with writing(engine) as connection:
                count += await _project_one(connection, event, now)
        except Exception as error:
            if is_away(error):
                raise
            # One event that cannot be projected must not keep the hub from starting.
            log.error("%s of %s stays unknown: %s", event.type, event.station, type(error).__name__)  # noqa: TRY400 -- a trace could show what the event holds
    return count


async def _project_one(connection: AsyncConnection, event: Arrived, now: datetime) -> bool:
    locked = await lock_stations(connection, [event.station])
    await locked.load_epochs(connection, [(event.station, event.epoch)])
    row = locked.epochs[event.station, event.epoch]
    state = select(events.c.state).where(*_is(event))
    if row.projected < event.seq or await connection.scalar(state) != State.UNKNOWN:
        return False  # its turn comes in order, or another process was faster
    changes = list(HANDLERS[event.type](event, event.data))
    if await _overtaken(connection, event, row.number):
        changes = belated(changes)
    await _finish(connection, event, changes)
    chain = locked.stations[event.station].chain
    await insert_audit(connection, [chain.add("projected", event.audit_subject, event.digest, now, stamp(now))])
    await locked.save(connection)
    return True


async def _finish(connection: AsyncConnection, event: Arrived, changes: list[Change]) -> None:
    await write_changes(connection, changes)
    event.state = State.DONE
    await relabel(connection, [event])


def _is(event: Arrived) -> tuple[Any, ...]:
    e = events.c
    return (e.station == event.station, e.epoch == event.epoch, e.seq == event.seq)


async def _overtaken(connection: AsyncConnection, event: Arrived, number: int | None) -> bool:
    """Whether a later event of the same subject or compartment is projected already."""
    e, p = events.c, epochs.c
    same = [e.subject == event.subject] if event.subject else []
    if event.compartment is not None:
        same.append(and_(e.station == event.station, e.compartment == event.compartment))
    if not same:
        return True
    later = or_(
        and_(e.station == event.station, e.epoch == event.epoch, e.seq > event.seq),
        and_(e.station == event.station, p.number > (number or 0)),
    )
    joined = events.join(epochs, and_(p.station == e.station, p.epoch == e.epoch))
    query = select(e.seq).select_from(joined).where(e.state == State.DONE, or_(*same), later).limit(1)
    found: Row[Any] | None = (await connection.execute(query)).first()
    return found is not None
