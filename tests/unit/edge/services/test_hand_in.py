"""Size, reach and number of pieces; and what is left to a citizen when nothing fits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from contract.ids import show_receipt_number
from edge.core.compartment import Compartment, Deposit
from edge.core.deposit import low_size
from edge.core.visit import Answer
from edge.ports import Door
from edge.services.desk import Desk
from edge.services.refusals import RefusedError
from edge.services.view import HandInView, Screen
from edge.store.unit_of_work import Transaction
from tests.unit.edge.services.night import BADGE, PIN, Night, begin, night, to_closed, unseal, until

PHONE = "13812345678"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        await scene.give_documents()
        yield scene


def hand_in(desk: Desk) -> HandInView:
    view = desk.state().hand_in
    assert view is not None
    return view


async def lower(scene: Night, *numbers: int) -> None:
    """Put these compartments low down."""

    def work(tx: Transaction) -> list[Compartment]:
        changed = [replace(tx.compartment(number), reach="low") for number in numbers]
        for each in changed:
            tx.save(each)
        return changed

    scene.station.picture.note(await scene.store.transact(work))


async def fill(scene: Night, *numbers: int) -> None:
    """Put somebody's paper into these compartments."""

    def work(tx: Transaction) -> list[Compartment]:
        changed = [tx.compartment(number).take_out("command") for number in numbers]
        for each in changed:
            tx.save(each)
        return changed

    scene.station.picture.note(await scene.store.transact(work))


async def ask(scene: Night, size: str, *, low: bool) -> Desk:
    desk = scene.station.desk
    desk.go(Screen.DEPOSIT)
    desk.hand_in.wish(low=low)
    desk.choose_size(size)
    return desk


async def test_who_needs_a_low_compartment_gets_one(scene: Night) -> None:
    await lower(scene, 5)
    desk = await ask(scene, "s", low=True)
    await desk.start_deposit("")
    closed = await to_closed(scene)
    assert closed.compartment == 5
    await desk.confirm(closed.visit, Answer.CONFIRMED, 1)
    assert (await scene.last("deposit_made"))["low"] is True


async def test_nothing_low_in_that_size_is_said_and_what_is_free_is_offered(scene: Night) -> None:
    await lower(scene, 6)
    desk = await ask(scene, "s", low=True)
    assert (desk.state().step, hand_in(desk).low_size) == ("reach", "m")
    desk.hand_in.take(low=True)
    await desk.start_deposit("")
    assert (await to_closed(scene)).compartment == 6


async def test_another_height_may_be_taken_instead(scene: Night) -> None:
    desk = await ask(scene, "s", low=True)
    assert (desk.state().step, hand_in(desk).low_size) == ("reach", None)
    desk.hand_in.take(low=False)
    await desk.start_deposit("")
    assert (await to_closed(scene)).compartment == 1


async def test_the_next_person_does_not_inherit_the_wish(scene: Night) -> None:
    desk = await ask(scene, "s", low=True)
    await desk.cancel(None)
    desk.go(Screen.DEPOSIT)
    assert not hand_in(desk).low


def test_a_low_door_that_is_not_shut_does_not_count() -> None:
    cabinet = [Compartment(1, "s", "low"), Compartment(2, "l", "low"), Compartment(3, "m", "high")]
    shut = dict.fromkeys((1, 2, 3), Door.CLOSED)
    assert low_size(cabinet, shut, "s") == "s"
    assert low_size(cabinet, shut | {1: Door.OPEN}, "s") == "l"
    assert low_size(cabinet, {3: Door.CLOSED}, "s") is None


async def test_several_pieces_in_one_compartment_are_counted_and_a_discrepancy_is_told(scene: Night) -> None:
    await begin(scene)
    closed = await to_closed(scene)
    assert closed.count == 1
    await scene.station.desk.reopen(closed.visit)
    again = await to_closed(scene)
    assert again.compartment == closed.compartment
    await scene.station.desk.confirm(again.visit, Answer.CONFIRMED, 3)
    made = await scene.last("deposit_made")
    assert made["count"] == 3
    assert (await scene.compartment(1)).content == Deposit(made["receipt_number"], 3)
    await until(lambda: scene.station.desk.state().slip == "printed")
    assert "件数 Pieces  3" in await scene.world.paper()
    await scene.station.desk.finish(again.visit)
    scene.station.desk.go(Screen.STAFF)
    await scene.station.desk.staff_login(BADGE, PIN)
    assert (await scene.station.desk.work()).to_clear[0].count == 3
    await scene.station.desk.start_clear(1)
    cleared = await to_closed(scene)
    assert cleared.count == 3
    await scene.station.desk.confirm(cleared.visit, Answer.CONFIRMED, 2)
    told = await scene.last("deposit_cleared")
    assert (told["count"], told["count_said"], told["found"]) == (2, 3, True)


async def test_nothing_fits_then_window_and_courier_are_named_with_a_number(scene: Night) -> None:
    await fill(scene, 4)
    desk = await ask(scene, "l", low=False)
    assert desk.state().step == "full"
    assert hand_in(desk).texts[0] == ("工作日 9:00–17:00", "working days 9:00–17:00")
    await desk.hand_in.turn_away()
    view = desk.state()
    assert (view.step, hand_in(desk).until) == ("kept", None)
    assert view.receipt_number is not None
    told = await scene.last("deposit_turned_away")
    assert (told["receipt_number"], told["size"]) == (view.receipt_number, "l")
    await until(lambda: scene.station.desk.state().slip == "printed")
    paper = await scene.world.paper()
    assert show_receipt_number(view.receipt_number) in paper
    assert "服务窗口：工作日" in paper
    assert await scene.world.coils() == {}


async def test_a_waiting_place_is_sealed_ends_with_the_night_and_names_the_turn(scene: Night) -> None:
    await fill(scene, 4)
    for ahead in range(2):
        desk = await ask(scene, "l", low=False)
        desk.hand_in.wait()
        await desk.hand_in.join(PHONE)
        assert (desk.state().step, hand_in(desk).ahead) == ("kept", ahead)
        await desk.cancel(None)
        assert desk.state().step == "home"
    joined = await scene.last("waiting_joined")
    assert unseal(joined["phone_sealed"]) == PHONE
    ends = datetime.fromisoformat(joined["expires_at"])
    assert (ends.hour, ends.minute) == (9, 0)
    assert timedelta() < ends - scene.clock.now() <= timedelta(days=1)
    for file in scene.folder.glob("station.db*"):
        assert PHONE.encode() not in file.read_bytes()


async def test_places_are_limited_and_a_bad_number_takes_none(scene: Night) -> None:
    await scene.give_documents(waiting_places=1)
    await fill(scene, 4)
    desk = await ask(scene, "l", low=False)
    desk.hand_in.wait()
    with pytest.raises(RefusedError, match="bad_phone"):
        await desk.hand_in.join("123")
    await desk.hand_in.join(PHONE)
    desk = await ask(scene, "l", low=False)
    desk.hand_in.wait()
    with pytest.raises(RefusedError, match="waiting_closed"):
        await desk.hand_in.join(PHONE)
    assert [each["type"] for each in await scene.events()].count("waiting_joined") == 1


async def test_who_was_about_to_wait_is_offered_what_became_free(scene: Night) -> None:
    await fill(scene, 4)
    desk = await ask(scene, "l", low=False)
    desk.hand_in.wait()

    def work(tx: Transaction) -> Compartment:
        free = tx.compartment(4).return_to_service()
        tx.save(free)
        return free

    scene.station.picture.note([await scene.store.transact(work)])
    with pytest.raises(RefusedError, match="free_again"):
        await desk.hand_in.join(PHONE)
    assert desk.state().step == "size"
