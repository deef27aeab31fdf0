"""Sensors that stick or flicker: what the person in front is told, and what nobody may believe."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract.ids import show_receipt_number
from edge.core.compartment import Allocation
from edge.ports import Door
from edge.services import contradictions
from edge.services.refusals import RefusedError
from tests.unit.edge.services.night import Night, begin, eventually, night, step, until


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        yield scene


async def doubted(scene: Night, number: int, fault: str) -> None:
    now = await scene.compartment(number)
    assert (now.allocation, now.in_service, now.out_reason) == (Allocation.DOUBTFUL, False, fault)
    assert (await scene.last("door_failed"))["fault"] == fault
    assert (await scene.last("compartment_doubtful"))["reason"] in {"sensor_stuck", "forced"}


async def test_a_door_that_reads_open_for_ever_ends_with_a_number_and_the_right_words(
    scene: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(scene)
    view = await step(scene, "open")
    assert "says_shut" in view.actions
    await scene.world.do("stick", compartment=1, sensor="open")
    await scene.world.do("push", compartment=1)
    desk = scene.station.desk
    for _ in range(2):
        # The second word so soon after the first is one word: the sensor may only be slow.
        with pytest.raises(RefusedError, match="still_reads_open"):
            await desk.service.says_shut(view.visit)
    monkeypatch.setattr(contradictions, "LOOK_AGAIN_S", 0.0)
    await desk.service.says_shut(view.visit)
    ended = await step(scene, "result")
    assert (ended.ending, ended.notice and ended.notice.key) == ("doubtful", "sensor_broken")
    assert ended.receipt_number is not None
    await doubted(scene, 1, "sensor_stuck")
    await until(lambda: desk.state().slip == "printed")
    assert show_receipt_number(ended.receipt_number) in await scene.world.paper()


async def test_a_door_that_was_shut_a_moment_ago_is_simply_shut(scene: Night) -> None:
    await begin(scene)
    view = await step(scene, "open")
    await scene.world.do("push", compartment=1)
    await scene.station.desk.service.says_shut(view.visit)
    await step(scene, "closed")
    assert (await scene.compartment(1)).in_service


async def test_a_door_that_opened_unseen_is_told_by_the_person_who_stands_before_it(scene: Night) -> None:
    await scene.world.do("stick", compartment=1, sensor="closed")
    await begin(scene)
    view = await step(scene, "open")
    assert (view.compartment, view.doubted) == (2, 1)
    await scene.station.desk.service.says_open(view.visit, 1)
    await doubted(scene, 1, "sensor_stuck")
    after = scene.station.desk.state()
    assert (after.step, after.compartment, after.doubted) == ("open", 2, None)
    assert "receipt_number" not in await scene.last("compartment_doubtful")


async def test_nobody_can_take_a_compartment_out_by_word_alone(scene: Night) -> None:
    await begin(scene)
    view = await step(scene, "open")
    for number in (1, 2, 3, 99):
        await scene.station.desk.service.says_open(view.visit, number)
    await scene.world.do("push", compartment=1)
    closed = await step(scene, "closed")
    for number in (1, 2):
        await scene.station.desk.service.says_open(closed.visit, number)
    await scene.station.desk.service.says_shut(closed.visit)
    await scene.station.desk.service.says_open(None, 1)
    assert all(each.in_service for each in scene.station.picture.all())
    assert "door_failed" not in await scene.types()


async def test_a_flickering_sensor_is_one_fault_and_not_an_alarm_a_second(scene: Night) -> None:
    scene.station.doors.hurry(on=True)
    for n in range(40):
        seen = (await scene.types()).count("door_failed")
        if seen:
            break
        before = scene.station.doors.door(3)
        await scene.world.do("stick", compartment=3, sensor="open" if n % 2 == 0 else "closed")
        await until(lambda before=before: scene.station.doors.door(3) is not before)  # type: ignore[misc]  # binds the loop's value
        if 3 in scene.station.doors.flapping():
            await eventually(scene.types, "door_failed")
    await doubted(scene, 3, "flapping")
    assert scene.station.doors.door(3) is Door.UNKNOWN
    alarms = (await scene.types()).count("door_forced")
    for n in range(10):
        await scene.world.do("stick", compartment=3, sensor="open" if n % 2 == 0 else "closed")
        await scene.station.doors.read(3)
    assert (await scene.types()).count("door_forced") == alarms
    assert (await scene.types()).count("door_failed") == 1


async def test_a_flickering_sensor_ends_the_visit_at_its_door(scene: Night) -> None:
    await begin(scene)
    await step(scene, "open")
    for n in range(60):
        if scene.station.doors.flapping():
            break
        await scene.world.do("stick", compartment=1, sensor="closed" if n % 2 == 0 else "open")
        await scene.station.doors.read(1)
    view = await step(scene, "result")
    assert view.ending == "doubtful"
    assert view.receipt_number is not None
    await doubted(scene, 1, "flapping")
