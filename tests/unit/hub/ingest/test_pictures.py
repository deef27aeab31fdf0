from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import reading, writing
from hub.db.tables import compartments, quarantine, stations
from hub.ingest.append import append
from hub.ingest.pictures import Answers, Heard, read, take_in
from hub.services.ledger import current_ledger
from tests.unit.hub.ingest.letters import EPOCH, NOW, OTHER_EPOCH, STATION, Event, batch, door, started


def birth(*, online: bool = True, epoch: str = EPOCH, boot: int = 7, conn: int = 3, **more: object) -> bytes:
    plain = {
        "v": 1, "online": online, "epoch": epoch, "boot": boot, "conn": conn, "last_seq": 9, "acked_through": 0,
        "at": "2026-11-24T22:03:11+08:00", "software": "edge 1",
    }  # fmt: skip
    return json.dumps(plain | more).encode()


async def hear(engine: AsyncEngine, payload: bytes, *, retained: bool = False, what: str = "presence") -> Answers:
    async with writing(engine) as connection:
        return await take_in(connection, read([Heard(f"nd1/{STATION}/{what}", payload, retained)]), NOW)


async def send(engine: AsyncEngine, *events: Event, epoch: str = EPOCH) -> None:
    async with writing(engine) as connection:
        await append(connection, [batch(*events, epoch=epoch)], NOW)


async def station(engine: AsyncEngine) -> dict[str, Any]:
    async with reading(engine) as connection:
        (row,) = await connection.execute(select(stations))
        return dict(row._mapping)


async def shown(engine: AsyncEngine) -> tuple[bool, int, int]:
    row = await station(engine)
    return (row["online"], row["boot"], row["conn"])


async def test_a_birth_is_shown_and_answered(engine: AsyncEngine) -> None:
    await send(engine, started())
    answers = await hear(engine, birth())
    assert await shown(engine) == (True, 7, 3)
    ack = answers.acks[STATION, EPOCH]
    assert (ack.through, str(ack.ledger)) == (1, await current_ledger(engine))
    assert not answers.renewed


async def test_a_station_without_any_epoch_is_shown_at_once(engine: AsyncEngine) -> None:
    answers = await hear(engine, birth())
    assert await shown(engine) == (True, 7, 3)
    assert answers.acks[STATION, EPOCH].through == 0


@pytest.mark.parametrize(
    ("late", "what"),
    [
        (birth(conn=2), "an older connection"),
        (birth(boot=6, conn=9), "an older boot"),
        (birth(online=False, conn=2), "the will of an older connection"),
        (birth(online=False, conn=4), "a will whose birth was never heard"),
    ],
)
async def test_what_is_not_the_newest_is_ignored(engine: AsyncEngine, late: bytes, what: str) -> None:
    await send(engine, started())
    await hear(engine, birth())
    await hear(engine, late)
    assert await shown(engine) == (True, 7, 3), what


async def test_the_will_of_this_connection_counts(engine: AsyncEngine) -> None:
    await send(engine, started())
    await hear(engine, birth())
    answers = await hear(engine, birth(online=False))
    assert await shown(engine) == (False, 7, 3)
    assert answers.acks == {}


async def test_a_birth_with_an_unknown_epoch_is_provisional_until_its_start_is_committed(engine: AsyncEngine) -> None:
    await send(engine, started())
    await hear(engine, birth(online=False, conn=3))
    await hear(engine, birth())
    await hear(engine, birth(online=False))
    await hear(engine, birth(epoch=OTHER_EPOCH, boot=8, conn=1))
    assert await shown(engine) == (False, 7, 3)
    await send(engine, started(previous_epoch=EPOCH), epoch=OTHER_EPOCH)
    assert await shown(engine) == (True, 8, 1)


async def test_a_superseded_epoch_never_wins_and_is_alarmed_when_it_comes_online(engine: AsyncEngine) -> None:
    await send(engine, started())
    await send(engine, started(previous_epoch=EPOCH), epoch=OTHER_EPOCH)
    await hear(engine, birth(epoch=OTHER_EPOCH, boot=8))
    await hear(engine, birth(boot=99), retained=True)
    assert (await station(engine))["cloned_at"] is None
    await hear(engine, birth(boot=100))
    row = await station(engine)
    assert (row["cloned_at"], row["boot"], row["epoch"]) == (NOW, 8, OTHER_EPOCH)


async def test_a_station_that_was_acknowledged_more_makes_this_an_older_database(engine: AsyncEngine) -> None:
    await send(engine, started())
    before = await current_ledger(engine)
    answers = await hear(engine, birth(acked_through=9))
    after = await current_ledger(engine)
    assert answers.renewed
    assert after != before
    assert str(answers.acks[STATION, EPOCH].ledger) == after
    assert not (await hear(engine, birth(acked_through=9, conn=4))).renewed, "the same finding twice"


async def test_a_birth_of_another_ledger_renews_nothing(engine: AsyncEngine) -> None:
    await send(engine, started())
    assert not (await hear(engine, birth(acked_through=9, ledger=str(uuid.uuid4())))).renewed
    assert (await hear(engine, birth(acked_through=9, ledger=await current_ledger(engine)))).renewed


async def test_only_what_is_live_counts_as_heard(engine: AsyncEngine) -> None:
    await hear(engine, birth(), retained=True)
    assert (await station(engine))["heard_at"] is None
    await hear(engine, birth(conn=4))
    assert (await station(engine))["heard_at"] == NOW


@pytest.mark.parametrize(
    ("what", "payload"),
    [
        ("presence", b"garbage"),
        ("presence", birth(conn=-1)),
        ("presence", birth(software="a\0b")),
        ("presence", b"\xff"),
        ("state/compartments", b"\xff"),
        ("state/compartments", b"{}"),
        ("state/compartments", b'{"at":"0001-01-01T00:00:00+14:00","compartments":[]}'),
    ],
)
async def test_what_cannot_be_read_is_kept_apart(engine: AsyncEngine, what: str, payload: bytes) -> None:
    await hear(engine, payload, what=what)
    async with reading(engine) as connection:
        (row,) = await connection.execute(select(quarantine))
        assert (row.station, row.payload) == (STATION, payload)


async def test_a_cleared_topic_says_nothing(engine: AsyncEngine) -> None:
    assert (await hear(engine, b"")).acks == {}


def picture(at: str, allocation: str, door_state: str) -> bytes:
    part = {"number": 3, "size": "s", "allocation": allocation, "door": door_state, "in_service": True}
    return json.dumps({"v": 1, "at": at, "compartments": [part]}).encode()


async def test_a_backlog_does_not_move_the_live_picture_back(engine: AsyncEngine) -> None:
    await hear(engine, picture("2026-11-24T23:00:00+00:00", "occupied", "closed"), what="state/compartments")
    await send(engine, started(), door(2, 3))  # of 22:03
    async with reading(engine) as connection:
        (row,) = await connection.execute(select(compartments))
    assert (row.allocation, row.door) == ("occupied", "closed")


async def test_events_after_the_live_picture_go_on_from_it(engine: AsyncEngine) -> None:
    await hear(engine, picture("2026-11-24T22:00:00+00:00", "occupied", "closed"), what="state/compartments")
    await send(engine, started(), door(2, 3))
    async with reading(engine) as connection:
        (row,) = await connection.execute(select(compartments))
    assert (row.allocation, row.door, row.size) == ("occupied", "open", "s")


async def test_whose_paper_it_is_comes_from_events_alone(engine: AsyncEngine) -> None:
    await hear(engine, picture("2026-11-24T23:00:00+00:00", "occupied", "closed"), what="state/compartments")
    deposit = {"receipt_number": "00000000000", "compartment": 3, "size": "s"}
    await send(engine, started(), {**door(2, 3), "type": "deposit_made", "data": deposit})
    async with reading(engine) as connection:
        (row,) = await connection.execute(select(compartments))
    assert (row.receipt_number, row.door) == ("00000000000", "closed")


async def test_a_picture_says_where_a_door_is_and_how_often_it_opened(engine: AsyncEngine) -> None:
    place = {
        "cabinet": "main", "cabinet_width_mm": 1350, "cabinet_height_mm": 1800, "x_mm": 450, "y_mm": 1050,
        "width_mm": 450, "height_mm": 450,
    }  # fmt: skip
    part = {"number": 12, "size": "l", "allocation": "free", "door": "closed", "in_service": True}
    full = part | {"openings": 7, "maintenance_due": True, "place": place}
    for each in (full, part):
        said = json.dumps({"v": 1, "at": "2026-11-24T23:00:00+00:00", "compartments": [each]}).encode()
        await hear(engine, said, what="state/compartments")
        async with reading(engine) as connection:
            row = dict((await connection.execute(select(compartments))).one()._mapping)
        wanted = place if each is full else dict.fromkeys(place)
        assert {name: row[name] for name in place} == wanted
        assert (row["openings"], row["maintenance_due"]) == ((7, True) if each is full else (None, False))
