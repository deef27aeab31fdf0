"""Loading by label: one item, an unknown one, a whole trolley; interrupted, with failing doors, over a power cut."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract.ids import read_case_number
from edge.core.compartment import Allocation, Item
from edge.core.visit import Answer
from edge.services.load_trolley import TrolleyWork
from edge.services.refusals import RefusedError
from edge.services.view import Screen
from edge.store.papers import StoredDocument
from edge.store.unit_of_work import Transaction
from tests.unit.edge.services.night import (
    BADGE,
    CASE,
    PIN,
    Night,
    begin,
    eventually,
    night,
    step,
    to_closed,
    token,
    until,
)

ITEM = "11110101MB00001A9B400013100100020261124"


def case(number: int) -> str:
    return f"{ITEM}{number:04d}"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        await scene.give_documents()
        await sign_in(scene)
        yield scene


async def sign_in(scene: Night) -> None:
    scene.station.desk.go(Screen.STAFF)
    await scene.station.desk.staff_login(BADGE, PIN)


async def expect(scene: Night, *sizes: str) -> list[str]:
    """Put a list of expected cases in force, one of each size given."""
    cases = [{"case_number": case(n), "title": f"证件{n}", "size": size} for n, size in enumerate(sizes, 1)]
    document = StoredDocument("expected", 2, "1" * 64, token({"cases": cases}))
    await scene.store.transact(lambda tx: tx.save_document(document))
    return [case(n) for n in range(1, len(sizes) + 1)]


async def scan(scene: Night, *labels: str) -> None:
    scene.station.desk.trolley.open()
    for label in labels:
        await scene.station.desk.trolley.scan_on(label)


async def outcomes(scene: Night) -> dict[str, str]:
    return {row.case_number: row.outcome for row in (await work(scene)).rows}


async def work(scene: Night) -> TrolleyWork:
    return await scene.station.desk.trolley.work()


async def put_in(scene: Night, number: int, answer: Answer = Answer.CONFIRMED) -> int:
    """Wait for the door of the case, shut it and answer."""
    desk = scene.station.desk
    await until(lambda: desk.state().step == "open" and desk.state().case_number == case(number))
    closed = await to_closed(scene)
    await desk.confirm(closed.visit, answer)
    assert closed.compartment is not None
    return closed.compartment


def test_labels_are_read_as_scanners_and_people_type_them() -> None:
    assert read_case_number(f" {CASE[:31].lower()}-{CASE[31:39]} {CASE[39:]} ") == CASE
    assert read_case_number(CASE[:-1]) is None
    assert read_case_number(CASE[:-1] + "X") is None
    assert read_case_number(CASE[:-1] + "１") is None


async def test_a_scanned_label_loads_its_case(scene: Night) -> None:
    await scene.station.desk.trolley.scan(CASE.lower())
    closed = await to_closed(scene)
    assert closed.case_number == CASE
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    assert "code_sealed" in await scene.last("item_loaded")
    await scene.station.desk.finish(closed.visit)
    with pytest.raises(RefusedError, match="lies_here"):
        await scene.station.desk.trolley.scan(CASE)


async def test_an_unknown_label_is_loaded_without_a_code(scene: Night) -> None:
    desk = scene.station.desk
    with pytest.raises(RefusedError, match="bad_label"):
        await desk.trolley.scan("4006381333931")
    await desk.trolley.scan(case(9))
    assert (desk.state().step, desk.state().case_number) == ("unknown", case(9))
    await desk.trolley.load_unknown("m")
    closed = await to_closed(scene)
    await desk.confirm(closed.visit, Answer.CONFIRMED)
    loaded = await scene.last("item_loaded")
    assert (loaded["recipient_unknown"], loaded["compartment"], loaded.get("code_sealed")) == (True, 3, None)
    assert await scene.store.read(lambda tx: tx.codes()) == []


async def test_a_whole_trolley_goes_by_itself_and_its_list_is_printed(scene: Night) -> None:
    cases = await expect(scene, "s", "l", "s", "m")
    await scan(scene, cases[1], cases[0], case(9), cases[2])
    desk = scene.station.desk
    await desk.trolley.resize(case(9), "m")
    await desk.trolley.make_plan()
    planned = {row.case_number: row.compartment for row in (await work(scene)).rows}
    assert planned == {cases[0]: 1, cases[2]: 2, case(9): 3, cases[1]: 4}
    assert (await scene.compartment(3)).booked == case(9)
    assert await scene.world.coils() == {}
    await desk.trolley.go_on()
    assert await put_in(scene, 1) == 1
    item = (await step(scene, "open")).item
    assert item is not None
    assert (item.nth, item.total, item.title) == (2, 4, "证件3")
    for number in (3, 9, 2):
        await put_in(scene, number)
    await until(lambda: desk.state().step == "trolley")
    assert set((await outcomes(scene)).values()) == {"loaded"}
    assert await scene.world.coils() == {1: 1, 2: 1, 3: 1, 4: 1}
    await desk.trolley.finish()
    told = await scene.last("trolley_finished")
    assert sorted(told["loaded"]) == sorted([*cases[:3], case(9)])
    assert told["not_scanned"] == [cases[3]]
    assert desk.state().step == "list"
    await eventually(scene.world.paper, "Not on trolley: 1")
    assert not (await work(scene)).rows


async def test_nobody_else_gets_a_reserved_compartment(scene: Night) -> None:
    await scan(scene, *(await expect(scene, "s", "s", "s", "m", "m", "l")))
    await scene.station.desk.trolley.make_plan()
    assert scene.station.desk.state().sizes == frozenset()
    states = await scene.station.compartments_state()
    assert {each.allocation for each in states} == {"reserved"}


async def test_what_is_left_over_not_put_in_or_has_no_door_is_listed(scene: Night) -> None:
    cases = await expect(scene, "l", "l", "s", "s")
    await scene.world.do("jam", compartment=1, jammed=True)
    await scan(scene, *cases)
    desk = scene.station.desk
    await desk.trolley.make_plan()
    assert (await outcomes(scene))[cases[1]] == "left_over"
    await desk.trolley.go_on()
    assert await put_in(scene, 3) == 5
    await put_in(scene, 4, Answer.NOTHING)
    await put_in(scene, 1)
    await until(lambda: desk.state().step == "trolley")
    assert await outcomes(scene) == {
        cases[2]: "loaded",
        cases[3]: "not_put_in",
        cases[0]: "loaded",
        cases[1]: "left_over",
    }
    await desk.trolley.try_again()
    await desk.trolley.go_on()
    await put_in(scene, 4)
    await until(lambda: desk.state().step == "trolley")
    await desk.trolley.finish()
    told = await scene.last("trolley_finished")
    assert told["moved"] == [{"case_number": cases[2], "planned": 1, "compartment": 5}]
    assert told["left_over"] == [cases[1]]


async def test_a_cancelled_door_stops_the_row_and_it_goes_on_later(scene: Night) -> None:
    cases = await expect(scene, "s", "s")
    await scene.world.do("jam", compartment=1, jammed=True)
    await scan(scene, *cases)
    desk = scene.station.desk
    await desk.trolley.make_plan()
    await desk.trolley.go_on()
    view = await step(scene, "opening")
    await desk.cancel(view.visit)
    ended = await step(scene, "result")
    await desk.finish(ended.visit)
    assert desk.state().step == "trolley"
    assert (await outcomes(scene))[cases[1]] == "planned"
    assert (await scene.compartment(2)).booked == cases[1]
    assert 2 not in await scene.world.coils()
    await desk.trolley.go_on()
    assert await put_in(scene, 2) == 2


async def test_a_doubt_stops_the_row(scene: Night) -> None:
    cases = await expect(scene, "s", "s")
    await scan(scene, *cases)
    desk = scene.station.desk
    await desk.trolley.make_plan()
    await desk.trolley.go_on()
    view = await step(scene, "open")
    desk._time.deadline = scene.clock.monotonic()  # the end of the patience with an open door
    await step(scene, "result")
    assert (await outcomes(scene)) == {cases[0]: "doubtful", cases[1]: "planned"}
    assert view.visit is not None
    await desk.finish(view.visit)
    assert desk.state().step == "trolley"


async def test_a_power_cut_keeps_the_trolley_and_its_reservations(scene: Night) -> None:
    cases = await expect(scene, "s", "s", "m")
    await scan(scene, *cases)
    await scene.station.desk.trolley.make_plan()
    await scene.station.desk.trolley.go_on()
    await put_in(scene, 1)
    await until(lambda: scene.station.desk.state().case_number == case(2))
    await step(scene, "open")
    await scene.crash()
    await scene.world.do("push", compartment=2)
    await scene.start()
    coils = await scene.world.coils()
    assert (await scene.compartment(2)).allocation is Allocation.DOUBTFUL
    await sign_in(scene)
    assert await outcomes(scene) == {cases[0]: "loaded", cases[1]: "doubtful", cases[2]: "planned"}
    assert (await scene.compartment(3)).booked == cases[2]
    assert await scene.world.coils() == coils
    scene.station.desk.trolley.open()
    await scene.station.desk.trolley.go_on()
    await put_in(scene, 3)
    await until(lambda: scene.station.desk.state().step == "trolley")
    await scene.station.desk.trolley.finish()
    assert (await scene.last("trolley_finished"))["doubtful"] == [cases[1]]


async def test_a_reservation_of_no_trolley_is_given_back_at_the_start(scene: Night) -> None:
    await scan(scene, *(await expect(scene, "s")))
    await scene.station.desk.trolley.make_plan()
    await scene.store.transact(lambda tx: tx.clear_trolley())
    await scene.crash()
    await scene.start()
    assert (await scene.compartment(1)).allocation is Allocation.FREE


async def test_an_ended_trolley_gives_back_what_it_did_not_use(scene: Night) -> None:
    cases = await expect(scene, "s", "s")
    await scan(scene, *cases)
    await scene.station.desk.trolley.make_plan()
    await scene.station.desk.trolley.finish()
    assert (await scene.last("trolley_finished"))["not_put_in"] == cases
    assert {(await scene.compartment(number)).allocation for number in (1, 2)} == {Allocation.FREE}


async def test_a_reserved_compartment_that_is_taken_out_is_replaced(scene: Night) -> None:
    cases = await expect(scene, "s")
    await scan(scene, *cases)
    await scene.station.desk.trolley.make_plan()

    def out(tx: Transaction) -> None:
        tx.save(tx.compartment(1).take_out("command"))

    await scene.store.transact(out)
    assert (await scene.compartment(1)).booked is None
    await scene.station.desk.trolley.go_on()
    assert await put_in(scene, 1) == 2


async def test_a_list_has_no_item_twice_and_none_that_lies_here(scene: Night) -> None:
    cases = await expect(scene, "s", "s")
    await scan(scene, cases[0])
    with pytest.raises(RefusedError, match="scanned_already"):
        await scan(scene, cases[0])
    await scene.station.desk.trolley.remove(cases[0])
    with pytest.raises(RefusedError, match="trolley_empty"):
        await scene.station.desk.trolley.make_plan()

    def here(tx: Transaction) -> None:
        tx.save(tx.compartment(4).mark_doubtful(Item(cases[1])))

    await scene.store.transact(here)
    with pytest.raises(RefusedError, match="lies_here"):
        await scan(scene, cases[1])


async def test_without_the_right_nothing_is_planned(tmp_path: Path) -> None:
    async with night(tmp_path) as scene:
        await scene.give_documents(rights=("clear",))
        await sign_in(scene)
        with pytest.raises(RefusedError, match="not_allowed"):
            scene.station.desk.trolley.open()
        with pytest.raises(RefusedError, match="not_allowed"):
            await scene.station.desk.trolley.make_plan()


async def test_a_deposit_at_the_same_time_finds_another_compartment(scene: Night) -> None:
    await scan(scene, *(await expect(scene, "s")))
    await scene.station.desk.trolley.make_plan()
    await scene.station.desk.staff_logout()
    await begin(scene)
    assert (await to_closed(scene)).compartment == 2
