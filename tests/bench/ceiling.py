"""The ceiling: the rows that ingest writes, prepared beforehand, written by bare batch inserts on one connection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import asyncpg

from hub.core.audit import Chain, stamp
from hub.db.batch import Statement
from hub.db.engine import make_engine
from hub.db.migrate import migrate
from hub.db.tables import audit, epochs, events, stations
from hub.ingest.arrived import Arrived, Batch, State
from hub.ingest.guard import read_batch
from hub.ingest.handlers.registry import HANDLERS
from hub.ingest.locked import FRESH_STATION, EpochRow
from hub.ingest.write import statements
from tests.bench.stations import Station, make_stations

GROUP = 500
Prepared = list[tuple[str, list[list[Any]]]]


async def run_ceiling(url: str, seed: int, count: int, total: int) -> tuple[int, float, float]:
    """Return events, seconds and the client's CPU seconds."""
    engine = make_engine(url)
    await migrate(engine)
    await engine.dispose()
    made = make_stations(count, seed)
    transactions = list(_prepared(made, total // count))
    connection = await asyncpg.connect(url)
    fresh = [{"station": station.name, **FRESH_STATION} for station in made]
    sql, arrays = Statement("new", stations, fresh).for_postgresql()
    await connection.execute(sql, *arrays)
    began, cpu = time.monotonic(), time.process_time()
    for transaction in transactions:
        async with connection.transaction():
            for sql, arrays in transaction:
                await connection.execute(sql, *arrays)
    seconds, used = time.monotonic() - began, time.process_time() - cpu
    stored = await connection.fetchval("SELECT count(*) FROM events")
    await connection.close()
    assert stored == total // count * count
    return stored, seconds, used


def _prepared(made: list[Station], each: int) -> Iterator[Prepared]:
    """Yield the statements of each transaction: ten batches, round the stations as they would arrive."""
    now = datetime.now(UTC)
    chains = {station.name: Chain(station.name) for station in made}
    group: list[Arrived] = []
    for batch in _round_the_stations(made, each):
        group += batch.events
        if len(group) >= GROUP:
            yield _transaction(group, chains, now)
            group = []
    if group:
        yield _transaction(group, chains, now)


def _round_the_stations(made: list[Station], each: int) -> Iterator[Batch]:
    for payloads in zip(*(station.batches(each) for station in made), strict=True):
        for station, payload in zip(made, payloads, strict=True):
            yield read_batch(f"nd1/{station.name}/events", payload)


def _transaction(group: list[Arrived], chains: dict[str, Chain], now: datetime) -> Prepared:
    stamped = stamp(now)
    changes, rows, links = [], [], []
    for event in group:
        event.received_at, event.state = now, State.DONE
        changes += list(HANDLERS[event.type](event, event.data))
        link = chains[event.station].add("event", event.audit_subject, event.digest, now, stamped)
        links.append({name: getattr(link, name) for name in ("chain", "n", "kind", "subject", "digest", "at", "hash")})
        rows.append({name: getattr(event, name) for name in _COLUMNS})
    last = {(event.station, event.epoch): event for event in group}
    heads = [
        {"station": name, "audit_n": chains[name].n, "audit_head": chains[name].head, "heard_at": now}
        for name in sorted({event.station for event in group})
    ]
    marks = [
        vars(EpochRow(event.station, event.epoch, 1, True, event.seq, event.id, event.seq, event.seq))
        for _, event in sorted(last.items())
    ]
    wanted = [
        *statements(changes), Statement("new", events, rows), Statement("new", audit, links),
        Statement("edit", stations, heads, ("station",)), Statement("upsert", epochs, marks),
    ]  # fmt: skip
    return [statement.for_postgresql() for statement in wanted]


_COLUMNS = (
    "station", "epoch", "seq", "id", "type", "state", "at", "clock", "boot", "correlation", "subject", "compartment",
    "body", "received_at",
)  # fmt: skip
