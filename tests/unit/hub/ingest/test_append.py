from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.ids import new_receipt_number
from contract.state import Ack
from hub.db.engine import reading, writing
from hub.db.tables import audit, compartments, deposits, epochs, events, forks, sealed, stations, tasks
from hub.ingest.append import append
from hub.ingest.arrived import Arrived, Batch, State
from hub.ingest.catch_up import project_station
from hub.ingest.changes import Change
from hub.ingest.handlers.registry import HANDLERS
from hub.services.verify_audit import verify_chains
from tests.unit.hub.ingest.letters import EPOCH, NOW, OTHER_EPOCH, STATION, Event, batch, door, event, started

RECEIPT = "00000000000"


async def take(engine: AsyncEngine, *batches: Batch) -> dict[tuple[str, str], Ack]:
    async with writing(engine) as connection:
        return (await append(connection, list(batches), NOW)).acks


async def take_one(engine: AsyncEngine, *plain: Event, epoch: str = EPOCH) -> Ack:
    return (await take(engine, batch(*plain, epoch=epoch)))[STATION, epoch]


async def rows(engine: AsyncEngine, table: Table) -> list[dict[str, Any]]:
    async with reading(engine) as connection:
        found = await connection.execute(select(table).order_by(*table.primary_key))
        return [dict(row._mapping) for row in found]


async def states(engine: AsyncEngine) -> list[tuple[int, str]]:
    return [(row["seq"], row["state"]) for row in await rows(engine, events)]


async def one(engine: AsyncEngine, table: Table) -> dict[str, Any]:
    (row,) = await rows(engine, table)
    return row


async def assert_audit_whole(engine: AsyncEngine) -> None:
    assert [finding.problem for finding in await verify_chains(engine) if finding.problem] == []


async def test_what_is_new_is_committed_and_acknowledged(engine: AsyncEngine) -> None:
    second = door(2, 3)
    ack = await take_one(engine, started(), second)
    assert (ack.through, ack.through_id, ack.seen, ack.fork) == (2, UUID(second["id"]), 2, False)
    assert await states(engine) == [(1, "done"), (2, "done")]
    assert (await one(engine, compartments))["door"] == "open"
    assert (await one(engine, stations))["software"] == "edge 1"
    await assert_audit_whole(engine)


async def test_a_duplicate_gets_the_same_answer_and_no_row(engine: AsyncEngine) -> None:
    plain = [started(), door(2, 3)]
    first = await take_one(engine, *plain)
    assert await take_one(engine, *plain) == first
    assert len(await rows(engine, events)) == len(await rows(engine, audit)) == 2


async def test_a_gap_holds_back_what_follows_until_it_is_filled(engine: AsyncEngine) -> None:
    opened, closed = door(3, 3), door(4, 3, opened=False)
    ack = await take_one(engine, started(), closed)
    assert (ack.through, ack.seen) == (1, 4)
    assert await rows(engine, compartments) == []
    ack = await take_one(engine, opened)
    assert (ack.through, ack.seen) == (1, 4)
    ack = await take_one(engine, event(2, "session_started", {"who": "citizen"}))
    assert (ack.through, ack.through_id) == (4, UUID(closed["id"]))
    assert (await one(engine, compartments))["door"] == "closed"
    assert {state for _, state in await states(engine)} == {"done"}
    await assert_audit_whole(engine)


async def test_unknown_events_count_and_hold_nobody_up(engine: AsyncEngine) -> None:
    odd = event(2, "not_yet_invented", {"x": 1})
    ack = await take_one(engine, started(), odd, door(3, 3))
    assert ack.through == 3
    assert await states(engine) == [(1, "done"), (2, "unknown"), (3, "done")]
    await assert_audit_whole(engine)


async def test_a_fork_is_kept_not_counted_and_alarmed(engine: AsyncEngine) -> None:
    await take_one(engine, started(), door(2, 3))
    fork = door(2, 4)
    ack = await take_one(engine, fork)
    assert (ack.through, ack.fork) == (2, True)
    assert await take_one(engine, fork) == ack
    assert (await one(engine, forks))["id"] == fork["id"]
    assert (await one(engine, stations))["forked_at"] == NOW
    assert [row["number"] for row in await rows(engine, compartments)] == [3]
    await assert_audit_whole(engine)


async def test_a_fork_inside_one_group_is_found(engine: AsyncEngine) -> None:
    acks = await take(engine, batch(started(), door(2, 3)), batch(door(2, 4)))
    assert acks[STATION, EPOCH].fork
    assert len(await rows(engine, forks)) == 1


async def test_a_known_id_in_a_new_epoch_counts_as_received(engine: AsyncEngine) -> None:
    waiting = door(3, 3)
    await take_one(engine, started(), door(2, 3, opened=False), waiting)
    first = started(epoch_origin="fork", previous_epoch=EPOCH)
    again = {**waiting, "seq": 2}
    ack = await take_one(engine, first, again, door(3, 4), epoch=OTHER_EPOCH)
    assert (ack.through, ack.fork) == (3, False)
    assert [row["state"] for row in await rows(engine, events)] == ["done"] * 4 + ["known_id", "done"]
    numbers = {row["epoch"]: row["number"] for row in await rows(engine, epochs)}
    assert numbers == {EPOCH: 1, OTHER_EPOCH: 2}
    assert (await one(engine, stations))["epoch"] == OTHER_EPOCH
    await assert_audit_whole(engine)


async def test_what_waits_behind_an_old_gap_is_projected_under_its_new_number(engine: AsyncEngine) -> None:
    behind = door(3, 3)
    await take_one(engine, started(), behind)  # 2 never arrives in this epoch
    assert await rows(engine, compartments) == []
    lost = door(2, 3, opened=False)
    first = started(epoch_origin="fork", previous_epoch=EPOCH)
    await take_one(engine, first, lost, {**behind, "seq": 3}, epoch=OTHER_EPOCH)
    assert (await one(engine, compartments))["door"] == "open"
    assert [row["state"] for row in await rows(engine, events)] == ["done", "done", "done", "done", "known_id"]
    await take_one(engine, lost)
    assert (await one(engine, compartments))["door"] == "open"
    await assert_audit_whole(engine)


async def test_old_and_new_epoch_in_one_group_project_each_event_once(engine: AsyncEngine) -> None:
    behind, lost = door(3, 3), door(2, 3, opened=False)
    first = started(epoch_origin="fork", previous_epoch=EPOCH)
    new = batch(first, lost, {**behind, "seq": 3}, epoch=OTHER_EPOCH)
    await take(engine, batch(started(), behind), new)
    assert (await one(engine, compartments))["door"] == "open"
    labels = sorted(row["state"] for row in await rows(engine, events))
    assert labels == ["done", "done", "done", "done", "known_id"]
    await assert_audit_whole(engine)


async def test_the_store_that_a_new_one_names_is_older_even_if_it_starts_later(engine: AsyncEngine) -> None:
    await take_one(engine, started(epoch_origin="fork", previous_epoch=EPOCH), epoch=OTHER_EPOCH)
    await take_one(engine, started())
    assert {row["epoch"]: row["number"] for row in await rows(engine, epochs)} == {EPOCH: 1, OTHER_EPOCH: 2}
    assert (await one(engine, stations))["epoch"] == OTHER_EPOCH


async def test_sealed_values_wait_apart_and_do_not_come_back(engine: AsyncEngine) -> None:
    data = {"receipt_number": RECEIPT, "compartment": 3, "size": "s", "phone_sealed": "a.b.c"}
    made = event(2, "deposit_made", data)
    await take_one(engine, started(), made)
    value = await one(engine, sealed)
    assert (value["event"], value["field"], value["jwe"]) == (made["id"], "phone_sealed", "a.b.c")
    assert (await one(engine, deposits))["has_phone"]
    async with writing(engine) as connection:
        await connection.execute(sealed.update().values(jwe=None, erased_at=NOW))
    first = started(epoch_origin="fork", previous_epoch=EPOCH)
    await take_one(engine, first, {**made, "seq": 2}, epoch=OTHER_EPOCH)
    assert (await one(engine, sealed))["jwe"] is None


async def test_a_handler_that_fails_parks_its_station_and_nothing_else(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = HANDLERS["door_opened"]

    def wrong(arrived: Arrived, data: object) -> Iterable[Change]:
        if arrived.station == STATION:
            raise KeyError("a fault")
        return right(arrived, data)

    monkeypatch.setitem(HANDLERS, "door_opened", wrong)
    acks = await take(
        engine,
        batch(started(), door(2, 3), door(3, 3, opened=False)),
        batch(started(), door(2, 5), station="another-01"),
    )
    assert {ack.through for ack in acks.values()} == {2, 3}
    parked = (await rows(engine, stations))[1]
    assert (parked["station"], parked["parked_seq"], parked["parked_tries"]) == (STATION, 2, 1)
    assert parked["parked_reason"] == "door_opened: KeyError"
    assert [row["station"] for row in await rows(engine, compartments)] == ["another-01"]
    assert (await take_one(engine, door(4, 3))).through == 4

    async with writing(engine) as connection:  # not due yet
        await project_station(connection, STATION, NOW)
    later = NOW.replace(hour=23)
    async with writing(engine) as connection:
        await project_station(connection, STATION, later)
    assert (await rows(engine, stations))[1]["parked_tries"] == 2

    monkeypatch.setitem(HANDLERS, "door_opened", right)
    async with writing(engine) as connection:
        await project_station(connection, STATION, later.replace(minute=59))
    assert (await rows(engine, stations))[1]["parked_epoch"] is None
    assert {row["state"] for row in await rows(engine, events)} == {"done"}
    assert (await rows(engine, compartments))[1]["door"] == "open"
    await assert_audit_whole(engine)


async def test_a_row_that_the_database_refuses_parks_its_station(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        if engine.dialect.name == "sqlite":
            raising = "BEGIN SELECT RAISE(ABORT, 'refused'); END"
            await connection.execute(text(f"CREATE TRIGGER refuse BEFORE INSERT ON tasks {raising}"))
        else:
            await connection.execute(text("ALTER TABLE tasks ADD CONSTRAINT refuse CHECK (kind <> 'forced')"))
    forced = event(3, "door_forced", {"compartment": 3})
    other = batch(started(), door(2, 5), station="another-01")
    acks = await take(engine, batch(started(), door(2, 3), forced, door(4, 3, opened=False)), other)
    assert acks[STATION, EPOCH].through == 4
    assert (await rows(engine, stations))[1]["parked_seq"] == 3
    assert [row["projected"] for row in await rows(engine, epochs)] == [2, 2]
    assert [row["door"] for row in await rows(engine, compartments)] == ["open", "open"]
    assert sorted(row["state"] for row in await rows(engine, events)) == ["done"] * 4 + ["new"] * 2
    async with writing(engine) as connection:
        drop = "DROP TRIGGER refuse" if engine.dialect.name == "sqlite" else "ALTER TABLE tasks DROP CONSTRAINT refuse"
        await connection.execute(text(drop))
        await project_station(connection, STATION, NOW.replace(hour=23))
    assert (await one(engine, tasks))["kind"] == "forced"
    assert {row["state"] for row in await rows(engine, events)} == {State.DONE}
    await assert_audit_whole(engine)


def visit(first: int, number: int, receipt: str) -> list[Event]:
    deposit = {"receipt_number": receipt, "compartment": number, "size": "s"}
    return [
        door(first, number),
        door(first + 1, number, opened=False),
        event(first + 2, "deposit_made", deposit),
        event(first + 3, "compartment_doubtful", {"compartment": number, "reason": "forced"}),
        event(first + 4, "deposit_cleared", {"receipt_number": receipt, "compartment": number, "staff": "S-1"}),
    ]


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_and_repetition_gives_the_same_picture(engine: AsyncEngine, seed: int) -> None:
    dice = random.Random(seed)
    receipts = [new_receipt_number(dice.randrange) for _ in range(3)]
    plain = [started(), *visit(2, 3, receipts[0]), *visit(7, 4, receipts[1]), *visit(12, 3, receipts[2])]
    letters = plain + dice.choices(plain, k=10)
    dice.shuffle(letters)
    while letters:
        groups = [letters[i : i + 3] for i in range(0, dice.randint(3, 9), 3)]
        await take(engine, *(batch(*group) for group in groups if group))
        del letters[: sum(len(group) for group in groups)]
    assert [number for number, _ in await states(engine)] == list(range(1, 17))
    assert {state for _, state in await states(engine)} == {"done"}
    picture = {row["number"]: (row["door"], row["allocation"]) for row in await rows(engine, compartments)}
    assert picture == {3: ("closed", "free"), 4: ("closed", "free")}
    assert all(row["closed_at"] for row in await rows(engine, tasks))
    assert {row["state"] for row in await rows(engine, deposits)} == {"cleared"}
    async with reading(engine) as connection:
        assert await connection.scalar(select(func.max(epochs.c.projected))) == 16
    await assert_audit_whole(engine)
