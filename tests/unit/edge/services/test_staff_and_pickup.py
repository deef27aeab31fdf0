"""Staff load, clear and inspect; a recipient collects; guessing is made slow on disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract.ids import show_receipt_number
from edge.core.compartment import Allocation, Item
from edge.core.throttle import KIOSK, KIOSK_WRONG_TRIES
from edge.core.visit import Answer
from edge.errors import LockedOutError, WrongCodeError
from edge.services.refusals import RefusedError
from edge.services.view import KioskView, Screen
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
    unseal,
    until,
)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        await scene.give_documents()
        yield scene


async def sign_in(scene: Night, pin: str = PIN) -> None:
    scene.station.desk.go(Screen.STAFF)
    await scene.station.desk.staff_login(BADGE, pin)


async def load(scene: Night) -> tuple[int, str]:
    """Load the one expected case; return compartment and code."""
    await sign_in(scene)
    await scene.station.desk.start_load(CASE)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    await scene.station.desk.finish(closed.visit)
    await scene.station.desk.staff_logout()
    loaded = await scene.last("item_loaded")
    return int(loaded["compartment"]), unseal(loaded["code_sealed"])


async def collect(scene: Night, number: int, code: str) -> None:
    desk = scene.station.desk
    desk.go(Screen.PICKUP)
    desk.choose_compartment(str(number))
    await desk.start_pickup(code)


async def on_paper(scene: Night, view: KioskView) -> None:
    """What failed ends in something to hold: a slip with the number that the screen shows."""
    assert view.receipt_number is not None
    number = show_receipt_number(view.receipt_number)
    await until(lambda: scene.station.desk.state().slip == "printed")
    assert number in await scene.world.paper()


async def deposited(scene: Night) -> KioskView:
    await begin(scene)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    await scene.station.desk.finish(closed.visit)
    return closed


async def test_loaded_item_is_collected_with_its_code(scene: Night) -> None:
    number, code = await load(scene)
    assert (await scene.compartment(number)).allocation is Allocation.OCCUPIED
    assert (await scene.last("item_loaded"))["due"] is not None
    await collect(scene, number, code)
    closed = await to_closed(scene)
    assert (closed.screen, closed.receipt_number) == (Screen.PICKUP, None)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    assert scene.station.desk.state().ending == "done"
    assert (await scene.last("item_collected"))["case_number"] == CASE
    assert (await scene.compartment(number)).allocation is Allocation.FREE
    assert await scene.world.coils() == {number: 2}


async def test_the_code_is_nowhere_in_the_store(scene: Night) -> None:
    _, code = await load(scene)
    for file in scene.folder.glob("station.db*"):
        assert code.encode() not in file.read_bytes()


async def test_a_code_is_spent_when_its_door_was_seen_open(scene: Night) -> None:
    number, code = await load(scene)
    await collect(scene, number, code)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.NOTHING)
    doubtful = scene.station.desk.state()
    assert doubtful.ending == "doubtful"
    await on_paper(scene, doubtful)
    assert (await scene.last("compartment_doubtful"))["receipt_number"] == doubtful.receipt_number
    await scene.station.desk.finish(closed.visit)
    with pytest.raises(WrongCodeError):
        await collect(scene, number, code)
    assert await scene.world.coils() == {number: 2}


async def test_a_code_stays_live_when_the_door_did_not_open(scene: Night) -> None:
    number, code = await load(scene)
    await scene.world.do("jam", compartment=number, jammed=True)
    await collect(scene, number, code)
    failed = await step(scene, "result")
    assert (failed.ending, failed.case_number) == ("failed", CASE)
    await on_paper(scene, failed)
    compartment = await scene.compartment(number)
    assert isinstance(compartment.content, Item)
    assert (compartment.allocation, compartment.in_service) == (Allocation.OCCUPIED, False)
    assert await scene.store.read(lambda tx: tx.code(number)) is not None
    await scene.station.desk.finish(failed.visit)
    with pytest.raises(RefusedError, match="compartment_out"):
        await collect(scene, number, code)


async def test_five_wrong_codes_lock_the_compartment_also_for_the_right_one_and_across_a_restart(scene: Night) -> None:
    number, code = await load(scene)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCodeError) as refused:
            await collect(scene, number, wrong)
        assert refused.value.tries_left == left
    with pytest.raises(LockedOutError):
        await collect(scene, number, wrong)
    with pytest.raises(LockedOutError):
        await collect(scene, number, code)
    await scene.crash()
    await scene.start()
    with pytest.raises(LockedOutError) as locked:
        await collect(scene, number, code)
    assert locked.value.seconds_left > 14 * 60
    reasons = [e["data"]["reason"] for e in await scene.events() if e["type"] == "pickup_refused"]
    assert reasons == ["wrong_code"] * 5 + ["locked_out"] * 2
    assert await scene.world.coils() == {number: 1}


async def test_an_empty_compartment_answers_like_a_wrong_code(scene: Night) -> None:
    with pytest.raises(WrongCodeError) as refused:
        await collect(scene, 3, "00000000")
    assert refused.value.tries_left == 4


def _forget_compartments(tx: Transaction) -> None:
    """Leave only the kiosk's own count."""
    for throttle in tx.throttles():
        if throttle.key != KIOSK:
            tx.save_throttle(throttle.passed())


async def test_thirty_wrong_tries_within_an_hour_raise_the_alarm_once_and_slow_every_try(scene: Night) -> None:
    for count in range(KIOSK_WRONG_TRIES):
        with pytest.raises((WrongCodeError, LockedOutError)):
            await collect(scene, 1 + count % 6, "00000000")
        if count % 6 == 5:
            await scene.store.transact(_forget_compartments)
    assert scene.sleeps == []
    with pytest.raises((WrongCodeError, LockedOutError)):
        await collect(scene, 1, "00000000")
    assert scene.sleeps == [10]
    reasons = [e["data"]["reason"] for e in await scene.events() if e["type"] == "pickup_refused"]
    assert reasons.count("guessing_alarm") == 1


async def test_numbers_that_stand_on_no_door(scene: Night) -> None:
    scene.station.desk.go(Screen.PICKUP)
    for typed in ("", "0", "7", "999", "１x", "-1"):
        with pytest.raises(RefusedError, match="bad_number"):
            scene.station.desk.choose_compartment(typed)


async def test_wrong_pins_lock_the_badge(scene: Night) -> None:
    for _ in range(4):
        with pytest.raises(WrongCodeError):
            await sign_in(scene, "0000")
    with pytest.raises(LockedOutError):
        await sign_in(scene, "0000")
    with pytest.raises(LockedOutError):
        await sign_in(scene)
    assert scene.station.desk.state().staff is None


async def test_an_unknown_badge_and_a_wrong_pin_are_told_the_same(scene: Night) -> None:
    scene.station.desk.go(Screen.STAFF)
    with pytest.raises(WrongCodeError):
        await scene.station.desk.staff_login("NOBODY", PIN)


async def test_rights_are_asked_for_every_wish(scene: Night) -> None:
    await scene.give_documents(rights=("load",))
    await deposited(scene)
    with pytest.raises(RefusedError, match="not_allowed"):
        await scene.station.desk.start_load(CASE)
    await sign_in(scene)
    with pytest.raises(RefusedError, match="not_allowed"):
        await scene.station.desk.start_clear(1)
    with pytest.raises(RefusedError, match="not_allowed"):
        await scene.station.desk.arm_service(on=True)
    work = await scene.station.desk.work()
    assert len(work.loadable) == 1
    assert work.to_clear == work.to_inspect == []
    assert await scene.world.coils() == {1: 1}


async def test_a_case_that_is_not_expected_is_not_loaded(scene: Night) -> None:
    await sign_in(scene)
    with pytest.raises(RefusedError, match="not_expected"):
        await scene.station.desk.start_load("1" * 43)


async def test_a_loaded_case_is_not_offered_again(scene: Night) -> None:
    await load(scene)
    await sign_in(scene)
    assert (await scene.station.desk.work()).loadable == []
    with pytest.raises(RefusedError, match="lies_here"):
        await scene.station.desk.start_load(CASE)


async def test_staff_that_loaded_nothing_is_believed(scene: Night) -> None:
    await sign_in(scene)
    await scene.station.desk.start_load(CASE)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.NOTHING)
    assert scene.station.desk.state().ending == "cancelled"
    assert (await scene.compartment(1)).allocation is Allocation.FREE
    assert await scene.store.read(lambda tx: tx.codes()) == []


async def test_clearing_takes_the_deposit_off_the_list(scene: Night) -> None:
    closed = await deposited(scene)
    await sign_in(scene)
    assert [each.receipt_number for each in (await scene.station.desk.work()).to_clear] == [closed.receipt_number]
    await scene.station.desk.start_clear(1)
    cleared = await to_closed(scene)
    assert cleared.screen is Screen.CLEAR
    await scene.station.desk.confirm(cleared.visit, Answer.CONFIRMED)
    assert (await scene.last("deposit_cleared")) == {
        "receipt_number": closed.receipt_number,
        "compartment": 1,
        "staff": BADGE,
        "found": True,
    }
    await scene.station.desk.finish(cleared.visit)
    assert scene.station.desk.state().step == "list"
    assert (await scene.station.desk.work()).to_clear == []


async def test_inspection_frees_what_was_in_doubt(scene: Night) -> None:
    await begin(scene)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.NOTHING)
    await scene.station.desk.finish(closed.visit)
    await sign_in(scene)
    assert [each.number for each in (await scene.station.desk.work()).to_inspect] == [1]
    await scene.station.desk.start_inspect(1)
    seen = await to_closed(scene)
    assert "left" in seen.actions
    await scene.station.desk.confirm(seen.visit, Answer.NOTHING)
    assert (await scene.compartment(1)).allocation is Allocation.FREE


async def test_an_inspection_of_a_door_that_stands_open_goes_on_without_a_coil(scene: Night) -> None:
    await begin(scene)
    await step(scene, "open")
    await scene.crash()
    await scene.start()
    await sign_in(scene)
    await scene.station.desk.start_inspect(1)
    await step(scene, "open")
    await scene.world.do("push", compartment=1)
    seen = await step(scene, "closed")
    await scene.station.desk.confirm(seen.visit, Answer.NOTHING)
    assert (await scene.compartment(1)).allocation is Allocation.FREE
    assert await scene.world.coils() == {1: 1}
    assert (await scene.types()).count("door_opened") == 2


async def test_nothing_to_clear_or_inspect_opens_nothing(scene: Night) -> None:
    await sign_in(scene)
    for start in (scene.station.desk.start_clear, scene.station.desk.start_inspect):
        with pytest.raises(RefusedError, match="bad_number"):
            await start(4)
    assert await scene.world.coils() == {}


async def test_service_mode_is_armed_for_ten_minutes_and_shown(scene: Night) -> None:
    await sign_in(scene)
    await scene.station.desk.arm_service(on=True)
    assert scene.station.maintain.armed
    assert scene.station.desk.state().service_minutes == 10
    await scene.station.desk.arm_service(on=False)
    assert not scene.station.maintain.armed


async def test_sessions_of_staff_are_on_record(scene: Night) -> None:
    await sign_in(scene)
    await scene.station.desk.staff_logout()
    assert await scene.types() == ["session_started", "session_ended"]
    assert (await scene.last("session_started"))["staff"] == BADGE
    assert scene.station.desk.state().staff is None


async def test_the_right_code_for_a_doubtful_compartment_is_answered_with_a_slip(scene: Night) -> None:
    number, code = await load(scene)
    await scene.world.do("force", compartment=number)
    await eventually(scene.types, "door_forced")
    await scene.world.do("push", compartment=number)
    # Loading shut a door too: it is the newest event that tells of this one.
    await eventually(lambda: _newest(scene), "door_closed")
    coils = await scene.world.coils()
    await collect(scene, number, code)
    shown = scene.station.desk.state()
    assert (shown.screen, shown.ending) == (Screen.PICKUP, "doubtful")
    await on_paper(scene, shown)
    doubt = await scene.last("compartment_doubtful")
    assert (doubt["case_number"], doubt["receipt_number"]) == (CASE, shown.receipt_number)
    assert scene.station.visits.active is None
    assert await scene.world.coils() == coils, "no door opens before staff have looked"
    assert (await scene.types())[-2:] == ["session_started", "session_ended"]


async def _newest(scene: Night) -> list[str]:
    return (await scene.types())[-1:]
