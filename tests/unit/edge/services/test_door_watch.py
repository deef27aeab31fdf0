"""What doors do without being asked: forced, left open, another one than asked for; boards that fall silent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.core.compartment import Allocation
from edge.core.visit import Answer
from edge.ports import Door
from edge.services.view import Message, Screen
from tests.unit.edge.services.night import QUICK, Night, begin, eventually, night, step, to_closed, until


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        yield scene


async def test_a_forced_door_is_an_alarm_and_a_doubt_within_two_seconds(scene: Night) -> None:
    await scene.world.do("force", compartment=4)
    await eventually(scene.types, "door_forced", seconds=2)
    forced = await scene.compartment(4)
    assert forced.allocation is Allocation.DOUBTFUL
    assert (await scene.last("compartment_doubtful"))["reason"] == "forced"
    await scene.world.do("push", compartment=4)
    await eventually(scene.types, "door_closed")
    assert await scene.types() == ["door_forced", "compartment_doubtful", "door_closed"]
    assert await scene.world.coils() == {}


async def test_a_door_opened_and_shut_between_two_polls_is_an_alarm_by_its_boards_word_alone(scene: Night) -> None:
    await scene.world.do("force", compartment=4)
    await scene.world.do("push", compartment=4)
    await eventually(scene.types, "door_forced")
    assert (await scene.compartment(4)).allocation is Allocation.DOUBTFUL
    assert scene.station.doors.door(4) is Door.CLOSED
    assert 4 not in scene.station.watch.left_open


async def test_whoever_stands_there_is_told_of_a_forced_door_until_it_is_shut(scene: Night) -> None:
    await scene.world.do("force", compartment=4)
    await until(lambda: scene.station.desk.state().notice == Message("forced", {"number": 4}))
    await scene.world.do("push", compartment=4)
    await until(lambda: scene.station.desk.state().notice is None)


async def test_the_screen_after_a_visit_does_not_permit_its_door(scene: Night) -> None:
    await begin(scene)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    await scene.world.do("force", compartment=1)
    await eventually(scene.types, "door_forced")
    after = await scene.compartment(1)
    assert after.allocation is Allocation.DOUBTFUL
    assert (await scene.last("compartment_doubtful"))["receipt_number"] == closed.receipt_number


async def test_pulled_open_again_before_the_answer_is_forced_and_goes_on(scene: Night) -> None:
    await begin(scene)
    await to_closed(scene)
    await scene.world.do("force", compartment=1)
    await step(scene, "open")
    assert (await scene.types())[-1] == "door_forced"


async def test_another_door_than_asked_stops_everything_and_both_go_out_of_service(scene: Night) -> None:
    await scene.world.do("jam", compartment=1, jammed=True)
    await begin(scene)
    await scene.world.do("force", compartment=3)
    view = await step(scene, "result")
    assert view.ending in {"failed", "doubtful"}
    assert view.receipt_number is not None
    failed = await scene.last("door_failed")
    assert (failed["compartment"], failed["fault"], failed["other"]) == (1, "other_door", 3)
    asked, other = await scene.compartment(1), await scene.compartment(3)
    assert not asked.in_service
    assert not other.in_service
    assert other.allocation is Allocation.DOUBTFUL
    assert set(await scene.world.coils()) == {1}


async def test_left_open_is_told_once_as_prompt_and_once_as_alarm(tmp_path: Path) -> None:
    async with night(tmp_path, replace(QUICK, prompt_s=0.3, alarm_s=1.2)) as scene:

        async def stages() -> list[str]:
            return [e["data"]["stage"] for e in await scene.events() if e["type"] == "door_left_open"]

        await begin(scene)
        await step(scene, "open")
        await until(lambda: scene.station.desk.state().notice is not None)
        view = await step(scene, "result")
        assert view.ending == "doubtful"
        notice = view.notice
        assert notice is not None
        assert notice.key == "close_before_leaving"
        await eventually(stages, "alarm")
        assert await stages() == ["prompt", "alarm"]
        assert (await scene.last("deposit_abandoned"))["door_seen_open"]
        await scene.world.do("push", compartment=1)
        await eventually(scene.types, "door_closed")
        assert "door_forced" not in await scene.types()


async def test_a_silent_board_makes_its_own_doors_unknown_and_is_told_once(scene: Night) -> None:
    await scene.world.do("unplug", board="annex")
    await until(lambda: scene.station.doors.door(5) is Door.UNKNOWN)
    assert scene.station.doors.door(1) is Door.CLOSED
    await eventually(scene.types, "device_failed")
    assert (await scene.last("device_failed"))["device"] == "board-annex"
    assert {each.number: each.door for each in await scene.station.compartments_state()}[5] == "unknown"
    await begin(scene)
    assert (await step(scene, "open")).compartment == 1
    await scene.world.do("plug", board="annex")
    await eventually(scene.types, "device_recovered")
    assert scene.station.doors.door(5) is Door.CLOSED
    types = await scene.types()
    assert (types.count("device_failed"), types.count("device_recovered")) == (1, 1)
    assert "door_forced" not in types


async def test_a_board_that_was_silent_across_a_restart_is_told_as_recovered(scene: Night) -> None:
    await scene.world.do("unplug", board="annex")
    await eventually(scene.types, "device_failed")
    await scene.crash()
    await scene.world.do("plug", board="annex")
    await scene.start()
    await eventually(scene.types, "device_recovered")
    assert (await scene.types()).count("device_failed") == 1


async def test_opened_while_the_board_was_silent_is_found_forced(scene: Night) -> None:
    await scene.world.do("unplug", board="annex")
    await until(lambda: scene.station.doors.door(6) is Door.UNKNOWN)
    await scene.world.do("force", compartment=6)
    await scene.world.do("plug", board="annex")
    await eventually(scene.types, "door_forced")
    assert (await scene.compartment(6)).allocation is Allocation.DOUBTFUL


async def test_unplugged_at_an_opening_door_ends_in_doubt_with_a_number_and_nothing_is_sent_again(scene: Night) -> None:
    for number in (1, 2):
        await scene.world.do("jam", compartment=number, jammed=True)
    scene.station.desk.go(Screen.DEPOSIT)
    scene.station.desk.choose_size("s")
    await scene.station.desk.start_deposit("")
    await scene.world.do("unplug", board="main")
    view = await step(scene, "result")
    assert view.ending == "doubtful"
    assert view.receipt_number is not None
    assert (await scene.last("door_failed"))["fault"] == "no_answer"
    compartment = await scene.compartment(1)
    assert (compartment.allocation, compartment.in_service) == (Allocation.DOUBTFUL, False)
    assert sum((await scene.world.coils()).values()) <= 1


@pytest.mark.parametrize("sensor", ["closed", "open"])
async def test_a_stuck_sensor_is_bounded(scene: Night, sensor: str) -> None:
    if sensor == "open":
        await scene.world.do("stick", compartment=1, sensor="open")
        await eventually(scene.types, "door_forced")
        await begin(scene)
        assert (await step(scene, "open")).compartment == 2
        return
    await scene.world.do("stick", compartment=1, sensor="closed")
    await begin(scene)
    view = await step(scene, "open")
    assert view.compartment == 2
    assert (await scene.world.coils())[1] == 2
    assert not (await scene.compartment(1)).in_service
