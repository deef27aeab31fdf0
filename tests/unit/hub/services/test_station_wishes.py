from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import writing
from hub.db.tables import cases, commands, document_requests, staff, station_tokens, tasks
from hub.services.ask_station import ask_about_item, ask_devices, ask_station, wishes_about
from hub.services.close_task import close_task
from hub.services.refusals import RefusedError, UnknownSubjectError
from hub.services.staff import Staff, StaffDraft
from hub.services.station_tokens import give_token, known_stations
from tests.unit.hub.services.samples import NOW, STATION, a_compartment, a_station, cheap_passwords, deeds, put, rows_of


async def test_a_wish_becomes_a_row_for_dispatch(engine: AsyncEngine) -> None:
    await a_compartment(engine, 3)
    jti = await ask_station(engine, NOW, "wangqiang", STATION, "take_out", 3, " bolt stuck ")
    (row,) = await rows_of(engine, commands)
    assert (row.jti, row.station, row.type, row.state) == (jti, STATION, "take_out", "asked")
    assert json.loads(row.params) == {"compartment": 3, "reason": "bolt stuck"}
    assert await deeds(engine) == [("wangqiang", "take_out_asked")]


async def test_a_wish_that_waits_is_not_asked_twice(engine: AsyncEngine) -> None:
    await a_compartment(engine, 3)
    await a_compartment(engine, 4)
    first = await ask_station(engine, NOW, "wangqiang", STATION, "return_to_service", 3, "")
    assert await ask_station(engine, NOW, "wangqiang", STATION, "return_to_service", 3, "") == first
    assert await ask_station(engine, NOW, "wangqiang", STATION, "return_to_service", 4, "") != first
    async with writing(engine) as connection:
        await connection.execute(commands.update().values(state="done"))
    assert await ask_station(engine, NOW, "wangqiang", STATION, "return_to_service", 3, "") != first


async def test_the_desk_asks_for_one_door_at_most_and_releases_only_with_a_reason(engine: AsyncEngine) -> None:
    await a_compartment(engine, 3)
    for wish in ("open_all", "self_test", "reissue_code", ""):
        with pytest.raises(RefusedError, match="wish_unknown"):
            await ask_station(engine, NOW, "wangqiang", STATION, wish, 3, "")
    for reason in ("", "  "):
        with pytest.raises(RefusedError, match="reason_needed"):
            await ask_station(engine, NOW, "wangqiang", STATION, "emergency_release", 3, reason)
    with pytest.raises(UnknownSubjectError):
        await ask_station(engine, NOW, "wangqiang", STATION, "take_out", 99, "")
    assert await rows_of(engine, commands) == []


async def test_a_release_carries_its_reason_and_a_test_does_not(engine: AsyncEngine) -> None:
    await a_compartment(engine, 3)
    await ask_station(engine, NOW, "wangqiang", STATION, "emergency_release", 3, " smoke ")
    await ask_station(engine, NOW, "wangqiang", STATION, "test_unlock", 3, "ignored")
    asked = {row.type: json.loads(row.params) for row in await rows_of(engine, commands)}
    assert asked == {
        "emergency_release": {"compartment": 3, "reason": "smoke"},
        "test_unlock": {"compartment": 3},
    }
    assert sorted(await deeds(engine)) == [("wangqiang", "emergency_release_asked"), ("wangqiang", "test_unlock_asked")]


async def test_devices_are_tested_once_for_each_wish(engine: AsyncEngine) -> None:
    await a_station(engine)
    first = await ask_devices(engine, NOW, "wangqiang", STATION, "self_test")
    assert await ask_devices(engine, NOW, "wangqiang", STATION, "self_test") == first
    await ask_devices(engine, NOW, "wangqiang", STATION, "test_print")
    with pytest.raises(UnknownSubjectError, match="station_unknown"):
        await ask_devices(engine, NOW, "wangqiang", "dc-24h-99", "self_test")
    with pytest.raises(RefusedError, match="wish_unknown"):
        await ask_devices(engine, NOW, "wangqiang", STATION, "send_logs")
    assert sorted(row.type for row in await rows_of(engine, commands)) == ["self_test", "test_print"]


CASE = "11110101MB00001A9B4000131001000202611250001"


def a_case(state: str) -> dict[str, object]:
    plain = {"case_number": CASE, "service_item": CASE[:31], "title": "证", "size": "s", "recipient_mask": "张*"}
    return plain | {"state": state, "station": STATION, "compartment": 7, "made_at": NOW, "due": NOW}


@pytest.mark.parametrize("state", ["loaded", "overdue"])
async def test_a_clerk_asks_about_an_item_that_lies_there(engine: AsyncEngine, state: str) -> None:
    await put(engine, cases, a_case(state))
    await ask_about_item(engine, NOW, "zhangli", CASE, "reissue_code")
    await ask_about_item(engine, NOW, "zhangli", CASE, "withdraw_item")
    await ask_about_item(engine, NOW, "zhangli", CASE, "extend_item", 3)
    asked = {row.type: json.loads(row.params) for row in await wishes_about(engine, CASE)}
    assert asked["reissue_code"] == asked["withdraw_item"] == {"compartment": 7, "case_number": CASE}
    due = datetime.fromisoformat(asked["extend_item"]["due"])
    assert (due.tzinfo is not None, due > NOW + timedelta(days=2)) == (True, True)
    assert await wishes_about(engine, CASE[:-1] + "9") == []


async def test_nothing_is_asked_about_an_item_that_lies_nowhere(engine: AsyncEngine) -> None:
    await put(engine, cases, a_case("ready"))
    with pytest.raises(RefusedError, match="item_not_there"):
        await ask_about_item(engine, NOW, "zhangli", CASE, "reissue_code")
    with pytest.raises(UnknownSubjectError, match="case_unknown"):
        await ask_about_item(engine, NOW, "zhangli", CASE[:-1] + "9", "reissue_code")
    with pytest.raises(RefusedError, match="period_unknown"):
        await ask_about_item(engine, NOW, "zhangli", CASE, "extend_item", 365)
    with pytest.raises(RefusedError, match="wish_unknown"):
        await ask_about_item(engine, NOW, "zhangli", CASE, "take_out")
    assert await rows_of(engine, commands) == []


async def test_a_task_is_closed_once(engine: AsyncEngine) -> None:
    row = {"id": "a", "station": STATION, "kind": "door", "text": "门\nDoor", "opened_at": NOW}
    await put(engine, tasks, row)
    assert await close_task(engine, NOW, "zhangli", "a")
    assert not await close_task(engine, NOW, "wangqiang", "a")
    with pytest.raises(UnknownSubjectError):
        await close_task(engine, NOW, "zhangli", "b")
    assert await deeds(engine) == [("zhangli", "task_closed")]


def draft(*stations: str, badge: str = "B-1001", rights: tuple[str, ...] = ("load",)) -> StaffDraft:
    return StaffDraft(badge, "王强", rights, stations, NOW + timedelta(days=365))


async def test_every_station_concerned_gets_a_new_list(engine: AsyncEngine) -> None:
    await a_station(engine)
    await a_station(engine, "dc-24h-02")
    people = Staff(engine, cheap_passwords())
    await people.add("console", NOW, draft(STATION), "135790")
    assert [row.station for row in await rows_of(engine, document_requests)] == [STATION]
    await people.add("console", NOW, draft("dc-24h-02"), "246802")
    await people.add("console", NOW, draft("*"), "246802")
    await people.remove("console", NOW, "B-1001")
    asked = [(row.station, row.kind) for row in await rows_of(engine, document_requests)]
    assert sorted(asked[1:]) == sorted([(STATION, "staff"), ("dc-24h-02", "staff")] * 3)
    assert await rows_of(engine, staff) == []


async def test_the_pin_is_kept_as_argon2id(engine: AsyncEngine) -> None:
    people = Staff(engine, cheap_passwords())
    await people.add("console", NOW, draft("*"), "135790")
    (row,) = await rows_of(engine, staff)
    assert row.pin.startswith("$argon2id$")
    (shown,) = await people.everyone()
    assert "pin" not in shown._fields


@pytest.mark.parametrize(
    ("odd", "pin", "key"),
    [
        (draft("*", badge="B 1"), "135790", "badge_odd"),
        (draft("*", rights=()), "135790", "rights_odd"),
        (draft("*", rights=("fly",)), "135790", "rights_odd"),
        (draft(), "135790", "staff_needs_station"),
        (draft("*"), "12345", "pin_odd"),
        (draft("*"), "１２３４５６", "pin_odd"),
    ],
)
async def test_odd_staff_is_refused(engine: AsyncEngine, odd: StaffDraft, pin: str, key: str) -> None:
    with pytest.raises(RefusedError, match=key):
        await Staff(engine, cheap_passwords()).add("console", NOW, odd, pin)
    assert await rows_of(engine, staff) == []


async def test_a_new_token_ends_the_old_one(engine: AsyncEngine) -> None:
    first = await give_token(engine, NOW, "console", STATION)
    (before,) = await rows_of(engine, station_tokens)
    second = await give_token(engine, NOW, "console", STATION)
    (after,) = await rows_of(engine, station_tokens)
    assert first != second
    assert before.token_sha256 != after.token_sha256
    assert first not in before.token_sha256
    assert [row.station for row in await known_stations(engine)] == [STATION]
    with pytest.raises(RefusedError, match="station_id_odd"):
        await give_token(engine, NOW, "console", "hub")
