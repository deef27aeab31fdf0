"""A citizen hands in paper: every ending, each with its events, its compartment and its number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contract.ids import show_receipt_number
from edge.core.compartment import Allocation, Deposit
from edge.core.visit import Answer
from edge.errors import StoreBusyError
from edge.services.refusals import RefusedError
from edge.services.view import Screen
from edge.store.unit_of_work import Transaction
from tests.unit.edge.services.night import QUICK, Night, begin, eventually, night, step, to_closed, unseal, until

PHONE = "13812345678"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        yield scene


async def test_confirmed_paper_is_on_record_before_the_screen_and_the_slip_say_so(scene: Night) -> None:
    await begin(scene, PHONE)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    done = scene.station.desk.state()
    assert (done.step, done.ending, done.compartment) == ("result", "done", 1)
    number = done.receipt_number
    assert number is not None
    made = await scene.last("deposit_made")
    assert (made["receipt_number"], made["compartment"]) == (number, 1)
    assert unseal(made["phone_sealed"]) == PHONE
    assert (await scene.compartment(1)).content == Deposit(number)
    await until(lambda: scene.station.desk.state().slip == "printed")
    assert show_receipt_number(number) in await scene.world.paper()
    assert await scene.types() == [
        "session_started",
        "door_opened",
        "door_closed",
        "deposit_made",
        "session_ended",
    ]
    assert await scene.world.coils() == {1: 1}


async def test_the_phone_number_is_nowhere_in_the_store(scene: Night) -> None:
    await begin(scene, PHONE)
    await to_closed(scene)
    for file in scene.folder.glob("station.db*"):
        assert PHONE.encode() not in file.read_bytes()


async def test_door_events_name_the_purpose_and_the_used_grant(scene: Night) -> None:
    await begin(scene)
    await to_closed(scene)
    opened, shut = await scene.last("door_opened"), await scene.last("door_closed")
    assert opened["purpose"] == shut["purpose"] == "deposit"
    assert opened["grant"] == shut["grant"]


async def test_a_door_that_stays_shut_gets_one_second_pulse_and_then_another_door_is_offered(scene: Night) -> None:
    await scene.world.do("jam", compartment=1, jammed=True)
    await begin(scene)
    number = scene.station.desk.state().receipt_number
    view = await step(scene, "open")
    assert (view.compartment, view.receipt_number) == (2, number)
    assert await scene.world.coils() == {1: 2, 2: 1}
    failed = await scene.compartment(1)
    assert (failed.allocation, failed.in_service) == (Allocation.FREE, False)
    assert await scene.types() == ["session_started", "door_failed", "compartment_taken_out", "door_opened"]


async def test_when_no_door_opens_the_paper_stays_with_its_owner_under_a_number(scene: Night) -> None:
    for compartment in (1, 2, 5):
        await scene.world.do("jam", compartment=compartment, jammed=True)
    await begin(scene)
    view = await step(scene, "result")
    assert view.ending == "failed"
    assert view.receipt_number is not None
    assert await scene.world.coils() == {1: 2, 2: 2, 5: 2}
    abandoned = await scene.last("deposit_abandoned")
    assert abandoned["reason"] == "door_failed"
    assert not abandoned["door_seen_open"]


async def test_nothing_inside_is_a_doubt_with_number_and_slip(scene: Night) -> None:
    await begin(scene)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.NOTHING)
    view = scene.station.desk.state()
    assert (view.ending, view.receipt_number) == ("doubtful", closed.receipt_number)
    assert (await scene.compartment(1)).allocation is Allocation.DOUBTFUL
    assert (await scene.last("compartment_doubtful"))["reason"] == "nothing_inside"
    await until(lambda: scene.station.desk.state().slip == "printed")
    assert "DEPOSIT TO BE CHECKED" in await scene.world.paper()


async def test_cancelled_before_the_door_opened_frees_the_compartment(scene: Night) -> None:
    await scene.world.do("jam", compartment=1, jammed=True)
    await begin(scene)
    await scene.station.desk.cancel(scene.station.desk.state().visit)
    assert scene.station.desk.state().ending == "cancelled"
    assert (await scene.compartment(1)).allocation is Allocation.FREE
    assert (await scene.last("deposit_abandoned"))["reason"] == "cancelled"


async def test_an_answer_for_another_visit_and_a_second_answer_change_nothing(scene: Night) -> None:
    await begin(scene)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(None, Answer.CONFIRMED)
    assert scene.station.desk.state().step == "closed"
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    await scene.station.desk.confirm(closed.visit, Answer.NOTHING)
    assert (await scene.types()).count("deposit_made") == 1
    assert (await scene.compartment(1)).allocation is Allocation.OCCUPIED


async def test_the_door_opens_three_times_at_most(scene: Night) -> None:
    await begin(scene)
    for _ in range(2):
        closed = await to_closed(scene)
        assert "reopen" in closed.actions
        await scene.station.desk.reopen(closed.visit)
    closed = await to_closed(scene)
    assert "reopen" not in closed.actions
    with pytest.raises(RefusedError, match="too_many_grants"):
        await scene.station.desk.reopen(closed.visit)
    assert await scene.world.coils() == {1: 3}
    assert len({e["data"]["grant"] for e in await scene.events() if e["type"] == "door_opened"}) == 3


async def test_two_taps_at_once_begin_one_visit(scene: Night) -> None:
    desk = scene.station.desk
    desk.go(Screen.DEPOSIT)
    desk.choose_size("s")
    outcomes = await asyncio.gather(desk.start_deposit(""), desk.start_deposit(""), return_exceptions=True)
    assert all(each is None or isinstance(each, RefusedError) for each in outcomes)
    await step(scene, "open")
    assert await scene.world.coils() == {1: 1}


async def test_full_means_refused_before_paper_is_taken(scene: Night) -> None:
    desk = scene.station.desk
    await begin(scene, size="l")
    closed = await to_closed(scene)
    await desk.confirm(closed.visit, Answer.CONFIRMED)
    await desk.finish(closed.visit)
    assert "l" not in desk.state().sizes
    desk.go(Screen.DEPOSIT)
    desk.choose_size("l")
    assert desk.state().step == "full"
    await desk.start_deposit("")
    assert desk.state().step == "full"


async def test_closed_by_the_authority(scene: Night) -> None:
    await scene.give_documents(deposits_open=False)
    with pytest.raises(RefusedError, match="deposits_closed_now"):
        await begin(scene)
    assert await scene.world.coils() == {}


async def test_disk_nearly_full_refuses_before_any_door_moves(scene: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise StoreBusyError("full")

    monkeypatch.setattr(scene.store, "require_room", full)
    with pytest.raises(StoreBusyError):
        await begin(scene)
    assert await scene.world.coils() == {}
    assert scene.station.desk.state().step == "phone"


async def test_without_paper_the_screen_keeps_the_number_and_the_slip_comes_later_marked(scene: Night) -> None:
    await scene.world.do("printer", paper="out")
    await begin(scene)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    await until(lambda: scene.station.desk.state().slip == "failed")
    assert scene.station.desk.state().receipt_number is not None
    assert (await scene.last("print_failed"))["receipt_number"] == closed.receipt_number
    assert (await scene.types()).count("device_failed") == 1
    await scene.world.do("printer", paper="ok")
    await eventually(scene.world.paper, "补打 REPRINT")
    await eventually(scene.types, "device_recovered")
    assert (await scene.types()).count("print_failed") == 1


async def test_a_silent_printer_is_never_a_success(scene: Night) -> None:
    await scene.world.do("printer", plugged=False)
    await begin(scene)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    await until(lambda: scene.station.desk.state().slip in {"failed", "unverified"})


async def test_idle_at_a_closed_door_is_a_doubt(tmp_path: Path) -> None:
    async with night(tmp_path, replace(QUICK, idle_s=1)) as scene:
        await begin(scene)
        closed = await to_closed(scene)
        view = await step(scene, "result")
        assert (view.ending, view.receipt_number) == ("doubtful", closed.receipt_number)
        assert (await scene.last("deposit_abandoned"))["reason"] == "idle"
        await step(scene, "home")
        assert (await scene.compartment(1)).allocation is Allocation.DOUBTFUL


@pytest.mark.parametrize("written", [True, False])
async def test_a_disk_that_fails_at_the_commit_opens_nothing_and_the_kiosk_finds_out(
    scene: Night, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    whole = scene.store.transact
    failures = [written]

    async def once(work: Callable[[Transaction], Any]) -> Any:  # noqa: ANN401  any work
        if not failures:
            return await whole(work)
        if failures.pop():
            await whole(work)
        raise StoreBusyError("EIO")

    scene.station.desk.go(Screen.DEPOSIT)
    scene.station.desk.choose_size("s")
    monkeypatch.setattr(scene.store, "transact", once)
    with pytest.raises(StoreBusyError):
        await scene.station.desk.start_deposit("")
    if written:
        view = await step(scene, "result")
        assert view.ending == "doubtful"
        await scene.station.desk.finish(view.visit)
    assert await scene.world.coils() == {}
    await begin(scene)
    await step(scene, "open")


async def test_the_first_screen_speaks_chinese_again_when_nobody_is_there(tmp_path: Path) -> None:
    async with night(tmp_path, replace(QUICK, idle_s=1)) as scene:
        desk = scene.station.desk
        desk.speak("en")
        assert (desk.state().language, desk.state().screen) == ("en", Screen.HOME)
        assert not desk.state().counting_down
        await until(lambda: desk.state().language == "zh")
