from __future__ import annotations

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.tables import forks, notifications, quarantine, tasks
from hub.services.make_case import make_case
from hub.services.mark_ready import mark_ready
from hub.services.picture.cabinets import arrange
from hub.services.picture.cases import find_case, list_cases, notices_of
from hub.services.picture.deposits import PAGE, find_deposit, list_deposits
from hub.services.picture.overview import overview
from hub.services.picture.station import free_compartments, station_picture
from hub.services.picture.timeline import LATELY, case_moments, door_history, timeline
from tests.unit.hub.services.samples import (
    DRAFT,
    EPOCH,
    NOW,
    STATION,
    a_compartment,
    a_deposit,
    a_station,
    an_epoch,
    an_event,
    put,
)

LATER_EPOCH = "0197c2a1-0000-4000-8000-000000000000"  # smaller as text: order comes from the number, never from the id


async def test_the_overview_counts_what_waits_and_what_is_wrong(engine: AsyncEngine) -> None:
    await a_station(engine, cloned_at=NOW, parked_at=NOW)
    await a_station(engine, "dc-24h-02", online=False)
    await a_compartment(engine, 1)
    await a_compartment(engine, 2, allocation="occupied")
    await a_compartment(engine, 3, in_service=False)
    for state in ("made", "made", "doubtful"):
        await a_deposit(engine, state)
    await an_event(engine, 1, "robot_greeted", state="unknown")
    fork = {"station": STATION, "epoch": EPOCH, "seq": 1, "id": "x", "body": "{}", "received_at": NOW}
    await put(engine, forks, fork)
    await put(engine, tasks, {"id": "a", "station": STATION, "kind": "door", "text": "", "opened_at": NOW})
    poison = {"sha256": "0" * 64, "station": "who", "topic": "t", "payload": b"", "reason": "r", "count": 3}
    await put(engine, quarantine, {**poison, "first_at": NOW, "last_at": NOW})
    found = await overview(engine)
    first, second = found.stations
    assert first.alarms == ["alarm_cloned", "alarm_forked", "alarm_parked", "alarm_unknown"]
    assert second.alarms == []
    assert dict(first.compartments) == {"free": 1, "occupied": 1, "out": 1}
    assert (first.unknown, first.forks, first.tasks) == (1, 1, 1)
    assert found.deposits == {"made": 2, "doubtful": 1}
    assert (found.tasks_open, [row.times for row in found.quarantined]) == (1, [3])


async def test_the_picture_of_a_station(engine: AsyncEngine) -> None:
    await a_station(engine)
    await a_compartment(engine, 2)
    await a_compartment(engine, 1, size="l")
    await a_compartment(engine, 3, allocation="doubtful")
    await an_event(engine, 9, "robot_greeted", state="unknown")
    picture = await station_picture(engine, STATION)
    assert picture is not None
    assert [row.number for row in picture.compartments] == [1, 2, 3]
    assert [row.type for row in picture.unknown] == ["robot_greeted"]
    assert await station_picture(engine, "dc-24h-99") is None
    assert await free_compartments(engine) == {STATION: {"l": 1, "s": 1}}


async def test_deposits_are_listed_along_the_doors_and_page_by_page(engine: AsyncEngine) -> None:
    numbers = [await a_deposit(engine, "made", compartment=n) for n in (7, 3, 5)]
    rows, more = await list_deposits(engine, "waiting", 0)
    assert ([row.compartment for row in rows], more) == ([3, 5, 7], False)
    assert await find_deposit(engine, numbers[0]) is not None
    assert await find_deposit(engine, "00000000000") is None
    for _ in range(PAGE + 1):
        await a_deposit(engine, "cleared")
    assert (await list_deposits(engine, "cleared", 0))[1]
    rows, more = await list_deposits(engine, "cleared", 1)
    assert (len(rows), more) == (1, False)


async def a_told_story(engine: AsyncEngine) -> tuple[str, str]:
    """A deposit, its clearing, and the pickup after the station's store was made anew; another citizen in between."""
    await a_station(engine)
    await an_epoch(engine, EPOCH, 1)
    await an_epoch(engine, LATER_EPOCH, 2)
    receipt = await a_deposit(engine)
    case = await make_case(engine, NOW + timedelta(hours=1), "zhangli", receipt, DRAFT)
    await mark_ready(engine, NOW + timedelta(hours=2), "zhangli", case, STATION, 3)
    await an_event(engine, 1, "door_opened", {"purpose": "deposit"}, correlation="v1", compartment=12)
    await an_event(engine, 2, "door_closed", correlation="v1", compartment=12)
    await an_event(engine, 3, "deposit_made", correlation="v1", compartment=12, subject=receipt)
    await an_event(engine, 4, "door_opened", correlation="v1", compartment=13)
    await an_event(engine, 5, "deposit_made", correlation="v9", compartment=12, subject="somebody's")
    # A clock that jumped back: the order of sending holds.
    early = NOW - timedelta(days=9)
    data = {"staff": "B-1"}
    await an_event(engine, 6, "deposit_cleared", data, subject=receipt, compartment=12, at=early, clock="unsynced")
    day = NOW + timedelta(days=1)
    await an_event(engine, 1, "item_loaded", epoch=LATER_EPOCH, subject=case, compartment=5, at=day)
    return receipt, case


async def test_the_timeline_of_a_case_joins_deposit_desk_and_pickup(engine: AsyncEngine) -> None:
    receipt, number = await a_told_story(engine)
    case = await find_case(engine, number)
    assert case is not None
    notice = {"id": "n", "kind": "pickup_code", "station": STATION, "case_number": number, "state": "sent"}
    await put(engine, notifications, {**notice, "made_at": NOW, "sent_at": NOW + timedelta(days=2), "compartment": 5})
    moments = await timeline(engine, [receipt, number], case_moments(case, await notices_of(engine, number)))
    assert [moment.kind for moment in moments] == [
        "door_opened",
        "door_closed",
        "deposit_made",
        "deposit_cleared",
        "case_made",
        "case_ready",
        "item_loaded",
        "notice_sent",
    ]
    assert [moment.clock_synced for moment in moments[2:4]] == [True, False]
    assert moments[0].data == {"purpose": "deposit"}


async def test_the_timeline_of_a_deposit_is_its_own(engine: AsyncEngine) -> None:
    receipt, _ = await a_told_story(engine)
    kinds = [moment.kind for moment in await timeline(engine, [receipt])]
    assert kinds == ["door_opened", "door_closed", "deposit_made", "deposit_cleared"]
    assert await timeline(engine, []) == []


async def test_cases_are_listed_by_where_they_stand(engine: AsyncEngine) -> None:
    _, number = await a_told_story(engine)
    rows, more = await list_cases(engine, "ready", 0)
    assert ([row.case_number for row in rows], more) == ([number], False)
    assert await list_cases(engine, "made", 0) == ([], False)


PLACE = {
    "cabinet": "main", "cabinet_width_mm": 900, "cabinet_height_mm": 1800, "x_mm": 0, "y_mm": 0, "width_mm": 450,
    "height_mm": 450,
}  # fmt: skip


async def test_doors_stand_in_their_cabinets(engine: AsyncEngine) -> None:
    await a_station(engine)
    await a_compartment(engine, 1, **PLACE)
    await a_compartment(engine, 2, **PLACE | {"cabinet": "annex"})
    await a_compartment(engine, 3, **PLACE | {"x_mm": 450})
    await a_compartment(engine, 4)
    picture = await station_picture(engine, STATION)
    assert picture is not None
    assert [(each.name, [door.number for door in each.doors]) for each in arrange(picture.compartments)] == [
        ("main", [1, 3]), ("annex", [2]),
    ]  # fmt: skip


async def test_the_history_of_a_door_is_its_own_newest_first_and_bounded(engine: AsyncEngine) -> None:
    await a_station(engine)
    for seq in range(1, LATELY + 10):
        await an_event(engine, seq, "door_opened" if seq % 2 else "door_closed", compartment=3)
    await an_event(engine, LATELY + 10, "door_opened", compartment=4)
    history = await door_history(engine, STATION, 3)
    assert len(history) == LATELY
    assert {moment.compartment for moment in history} == {3}
    assert [moment.at for moment in history] == sorted((moment.at for moment in history), reverse=True)
