from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Table, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import reading, writing
from hub.db.tables import audit, compartments, deposits, events
from hub.ingest.append import append
from hub.ingest.changes import Change
from hub.ingest.handlers.registry import HANDLERS
from hub.ingest.learn import learn
from hub.services.verify_audit import verify_chains
from tests.unit.hub.ingest.letters import NOW, Event, batch, event, started

RECEIPT = "00000000000"
WHERE = {"receipt_number": RECEIPT, "compartment": 3}


async def take(engine: AsyncEngine, *plain: Event) -> None:
    async with writing(engine) as connection:
        await append(connection, [batch(*plain)], NOW)


async def forget_type(engine: AsyncEngine, seq: int) -> None:
    """Leave the row as an older hub that did not know the type would have left it: kept, not projected."""
    async with writing(engine) as connection:
        await connection.execute(update(events).where(events.c.seq == seq).values(state="unknown"))
        await connection.execute(deposits.delete())
        await connection.execute(compartments.delete())


async def one(engine: AsyncEngine, table: Table) -> dict[str, Any]:
    async with reading(engine) as connection:
        (row,) = await connection.execute(select(table))
        return dict(row._mapping)


async def test_what_is_understood_now_is_projected_with_an_audit_row(engine: AsyncEngine) -> None:
    await take(engine, started(), event(2, "deposit_made", {**WHERE, "size": "s"}), event(3, "not_yet_invented"))
    await forget_type(engine, 2)
    assert await learn(engine, NOW) == 1
    assert (await one(engine, deposits))["state"] == "made"
    assert (await one(engine, compartments))["allocation"] == "occupied"
    async with reading(engine) as connection:
        kinds = [row.kind for row in await connection.execute(select(audit.c.kind).order_by(audit.c.n))]
        states = [row.state for row in await connection.execute(select(events.c.state).order_by(events.c.seq))]
    assert kinds == ["event", "event", "event", "projected"]
    assert states == ["done", "done", "unknown"]
    assert [finding.problem for finding in await verify_chains(engine) if finding.problem] == []
    assert await learn(engine, NOW) == 0


async def test_what_later_events_said_stays(engine: AsyncEngine) -> None:
    await take(engine, started(), event(2, "deposit_made", {**WHERE, "size": "s"}))
    await forget_type(engine, 2)
    await take(engine, event(3, "deposit_cleared", {**WHERE, "staff": "S-1"}))
    made = (await one(engine, deposits))["made_at"]
    assert await learn(engine, NOW) == 1
    row = await one(engine, deposits)
    assert (row["state"], row["cleared_by"]) == ("cleared", "S-1")
    assert row["made_at"] == made
    assert row["event"] is not None, "what nobody had said is filled in"
    assert (await one(engine, compartments))["allocation"] == "free"


async def test_invalid_events_stay_unknown(engine: AsyncEngine) -> None:
    await take(engine, started(), event(2, "door_opened", {"compartment": "three"}))
    assert await learn(engine, NOW) == 0


async def test_what_a_database_cannot_store_stays_unknown_and_the_hub_starts(engine: AsyncEngine) -> None:
    out = {"compartment": 3, "reason": "a\0b", "by": "station"}
    await take(engine, started(), event(2, "compartment_taken_out", out), event(3, "door_opened", {"compartment": 3}))
    assert await learn(engine, NOW) == 0
    async with reading(engine) as connection:
        states = [row.state for row in await connection.execute(select(events.c.state).order_by(events.c.seq))]
    assert states == ["done", "unknown", "done"]


async def test_one_event_that_cannot_be_projected_does_not_hold_up_the_others(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(
        engine, started(), event(2, "door_opened", {"compartment": 3}), event(3, "deposit_made", {**WHERE, "size": "s"})
    )
    async with writing(engine) as connection:
        await connection.execute(update(events).where(events.c.seq > 1).values(state="unknown"))
        await connection.execute(deposits.delete())

    def fail(*_: object) -> list[Change]:
        raise ZeroDivisionError

    monkeypatch.setitem(HANDLERS, "door_opened", fail)
    assert await learn(engine, NOW) == 1
    assert (await one(engine, deposits))["state"] == "made"
