"""Items that wait: their periods, their extension, two persons for what nobody collected, and nights without a hub."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from edge.core.compartment import Allocation, Item
from edge.core.visit import Answer, Destination
from edge.errors import WrongCodeError
from edge.services.refusals import RefusedError
from edge.services.view import Screen
from edge.store.unit_of_work import Transaction
from tests.unit.edge.services.moved_clock import MovedClock
from tests.unit.edge.services.night import BADGE, CASE, PIN, Night, eventually, night, to_closed, unseal
from tests.unit.edge.services.test_staff_and_pickup import collect, deposited, load, sign_in

SECOND = "B-8"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def scene(tmp_path: Path, clock: MovedClock) -> AsyncIterator[Night]:
    async with night(tmp_path, clock=clock) as scene:
        await scene.give_documents(colleagues=(SECOND,))
        yield scene


async def item(scene: Night, number: int) -> Item:
    content = (await scene.compartment(number)).content
    assert isinstance(content, Item)
    return content


async def extend(scene: Night, number: int, code: str) -> None:
    desk = scene.station.desk
    desk.go(Screen.PICKUP)
    desk.choose_compartment(str(number))
    await desk.pickup.extend(code)


async def test_after_72_hours_the_code_opens_no_more_and_that_is_told_once(scene: Night, clock: MovedClock) -> None:
    number, code = await load(scene)
    clock.pass_hours(71.9)
    await scene.station.care.care()
    assert "item_expired" not in await scene.types()
    clock.pass_hours(0.2)
    with pytest.raises(RefusedError, match="period_over"):
        await collect(scene, number, code)
    await scene.station.care.care()
    await scene.station.care.care()
    assert (await scene.types()).count("item_expired") == 1
    with pytest.raises(WrongCodeError):
        await collect(scene, number, f"{(int(code) + 1) % 10**8:08d}")
    assert await scene.world.coils() == {number: 1}


async def test_a_clock_that_nothing_has_set_ends_no_period_but_does_not_forget_one(
    scene: Night, clock: MovedClock
) -> None:
    number, code = await load(scene)
    clock.known = False
    clock.pass_hours(24 * 365 * 50)
    await scene.station.care.care()
    assert "item_expired" not in await scene.types()
    assert scene.station.desk._its.clear.to_clear() == []
    clock.known = True
    await scene.station.care.care()
    clock.known = False
    clock.pass_hours(-24 * 365 * 50)
    await scene.crash()
    await scene.start()
    with pytest.raises(RefusedError, match="period_over"):
        await collect(scene, number, code)


async def test_a_recipient_extends_once_and_only_with_the_code(scene: Night, clock: MovedClock) -> None:
    number, code = await load(scene)
    due = (await item(scene, number)).due
    assert due is not None
    with pytest.raises(WrongCodeError):
        await extend(scene, number, f"{(int(code) + 1) % 10**8:08d}")
    await extend(scene, number, code)
    shown = scene.station.desk.state()
    assert (shown.step, shown.message and shown.message.key) == ("home", "extended")
    told = await scene.last("item_extended")
    assert datetime.fromisoformat(told["due"]) == due + timedelta(hours=24) == (await item(scene, number)).due
    with pytest.raises(RefusedError, match="extended_already"):
        await extend(scene, number, code)
    clock.pass_hours(80)
    await collect(scene, number, code)
    await to_closed(scene)
    assert await scene.world.coils() == {number: 2}


async def test_an_overdue_item_or_one_without_extension_is_not_extended(scene: Night, clock: MovedClock) -> None:
    number, code = await load(scene)
    await scene.give_documents(extension_hours=0)
    with pytest.raises(RefusedError, match="no_extension"):
        await extend(scene, number, code)
    await scene.give_documents()
    clock.pass_hours(73)
    with pytest.raises(RefusedError, match="period_over"):
        await extend(scene, number, code)
    assert "item_extended" not in await scene.types()


async def test_an_end_that_was_moved_from_afar_makes_an_expired_item_collectable(
    scene: Night, clock: MovedClock
) -> None:
    number, code = await load(scene)
    clock.pass_hours(73)
    await scene.station.care.care()

    def later(tx: Transaction) -> None:
        held = tx.compartment(number)
        assert isinstance(held.content, Item)
        tx.save(replace(held, content=replace(held.content, due=scene.clock.now() + timedelta(hours=5))))

    await scene.store.transact(later)
    await collect(scene, number, code)
    await to_closed(scene)


@pytest.mark.parametrize("destination", ["window", "courier"])
async def test_two_persons_clear_what_nobody_collected(
    scene: Night, clock: MovedClock, destination: Destination
) -> None:
    number, code = await load(scene)
    clock.pass_hours(73)
    await sign_in(scene)
    desk = scene.station.desk
    await desk.start_clear(number)
    assert desk.state().step == "witness"
    with pytest.raises(RefusedError, match="two_needed"):
        await desk.clearing.start_with_witness(BADGE, PIN, destination)
    with pytest.raises(WrongCodeError):
        await desk.clearing.start_with_witness(SECOND, "0000", destination)
    assert await scene.world.coils() == {number: 1}
    await desk.clearing.start_with_witness(SECOND, PIN, destination)
    closed = await to_closed(scene)
    await desk.confirm(closed.visit, Answer.CONFIRMED)
    assert await scene.last("item_cleared") == {
        "case_number": CASE,
        "compartment": number,
        "staff": [BADGE, SECOND],
        "found": True,
        "destination": destination,
    }
    await desk.finish(closed.visit)
    await desk.staff_logout()
    with pytest.raises(WrongCodeError):
        await collect(scene, number, code)
    assert (await scene.types()).count("session_started") == 2


async def test_an_overdue_item_behind_a_broken_door_is_looked_at_by_two_as_well(
    scene: Night, clock: MovedClock
) -> None:
    number, _ = await load(scene)
    await scene.world.do("force", compartment=number)
    await eventually(scene.types, "door_forced")
    await scene.world.do("push", compartment=number)
    await eventually(scene.types, "door_closed")
    clock.pass_hours(73)
    await sign_in(scene)
    desk = scene.station.desk
    await desk.start_inspect(number)
    assert desk.state().step == "witness"
    assert await scene.world.coils() == {number: 1}
    with pytest.raises(RefusedError, match="two_needed"):
        await desk.clearing.start_with_witness(BADGE, PIN, "window")
    await desk.clearing.start_with_witness(SECOND, PIN, "window")
    closed = await to_closed(scene)
    assert closed.screen is Screen.INSPECT
    await desk.confirm(closed.visit, Answer.CONFIRMED)
    assert (await scene.last("item_cleared"))["staff"] == [BADGE, SECOND]


async def test_the_second_person_needs_the_right_as_well(scene: Night, clock: MovedClock) -> None:
    number, _ = await load(scene)
    clock.pass_hours(73)
    await sign_in(scene)
    await scene.station.desk.start_clear(number)
    await scene.give_documents(rights=("load",), colleagues=(SECOND,))
    with pytest.raises(RefusedError, match="not_allowed"):
        await scene.station.desk.clearing.start_with_witness(SECOND, PIN, "window")
    scene.station.desk.clearing.back()
    assert scene.station.desk.state().step == "list"


def _unknown(tx: Transaction) -> None:
    """As if a label had been scanned that no list named yet."""
    free = tx.compartment(2)
    tx.save(replace(free, allocation=Allocation.OCCUPIED, content=Item(CASE, recipient_unknown=True)))


async def test_an_unknown_recipient_gets_a_code_once_the_list_names_the_case(scene: Night) -> None:
    await scene.give_documents(case={"case_number": "1" * 43})
    await scene.store.transact(_unknown)
    await scene.station.care.care()
    assert await scene.store.read(lambda tx: tx.codes()) == []
    await scene.give_documents(case={"second_factor": True})
    await scene.station.care.care()
    await scene.station.care.care()
    assert (await scene.types()).count("code_reissued") == 1
    told = await scene.last("code_reissued")
    assert (told["case_number"], told["compartment"]) == (CASE, 2)
    named = await item(scene, 2)
    assert (named.recipient_unknown, named.due is not None) == (False, True)
    claim = await scene.store.read(lambda tx: tx.claim(CASE))
    assert claim is not None
    assert claim.second_factor
    await scene.give_documents(case={"second_factor": False})
    with pytest.raises(RefusedError, match="second_factor_here"):
        await collect(scene, 2, unseal(told["code_sealed"]))


async def test_each_night_lists_what_is_in_doubt_and_what_to_clear(scene: Night, clock: MovedClock) -> None:
    number, code = await load(scene)
    hand_in = await deposited(scene)
    await collect(scene, number, code)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.MISSING)
    await scene.station.care.care()
    assert "compartments_reconciled" not in await scene.types()
    clock.pass_hours(27 - clock.now().hour)  # to three in the next night, whatever the hour is now
    await scene.station.care.care()
    await scene.station.care.care()
    clock.pass_hours(1)
    await scene.station.care.care()
    assert (await scene.types()).count("compartments_reconciled") == 1
    told = await scene.last("compartments_reconciled")
    assert told == {"doubtful": [number], "to_clear": [hand_in.compartment]}
    clock.pass_hours(24)
    await scene.station.care.care()
    assert (await scene.types()).count("compartments_reconciled") == 2


async def test_thirty_hours_without_a_hub_everything_goes_on_and_arrives_once(scene: Night, clock: MovedClock) -> None:
    number, code = await load(scene)
    clock.pass_hours(12)
    hand_in = await deposited(scene)
    clock.pass_hours(12)
    await scene.crash()
    await scene.start()
    await collect(scene, number, code)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    await scene.station.desk.finish(closed.visit)
    clock.pass_hours(6)
    with pytest.raises(WrongCodeError):
        await collect(scene, number, code)
    await scene.station.desk.cancel(None)
    await sign_in(scene)
    assert hand_in.compartment is not None
    await scene.station.desk.start_clear(hand_in.compartment)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    events = await scene.events()
    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))
    assert len({each["id"] for each in events}) == len(events)
    kinds = [each["type"] for each in events]
    for once in ("item_loaded", "deposit_made", "item_collected", "deposit_cleared"):
        assert kinds.count(once) == 1, once
    opened = [each["data"] for each in events if each["type"] == "door_opened"]
    grants = [each["grant"] for each in opened]
    assert len(set(grants)) == len(grants) == 4
    assert await scene.world.coils() == {number: 2, hand_in.compartment: 2}
