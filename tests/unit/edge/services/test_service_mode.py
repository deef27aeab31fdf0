"""Service mode at a whole station: one door at a time, two persons for a release, nothing without being armed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.core.compartment import Allocation
from edge.core.visit import Answer
from edge.errors import WrongCodeError
from edge.services.refusals import RefusedError
from edge.services.view import KioskView, Screen
from tests.unit.edge.services.night import BADGE, PIN, Night, begin, eventually, night, step, to_closed, until

COLLEAGUE = "B-8"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        await scene.give_documents(colleagues=(COLLEAGUE,))
        yield scene


async def technician(scene: Night, *, armed: bool = True, two: bool = False) -> None:
    desk = scene.station.desk
    desk.go(Screen.STAFF)
    await desk.staff_login(BADGE, PIN)
    desk.service.enter()
    if armed:
        await desk.arm_service(on=True)
    if two:
        await desk.service.second_person(COLLEAGUE, PIN)


async def papers_inside(scene: Night) -> KioskView:
    """A citizen's papers lie in compartment 1."""
    await begin(scene)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    await scene.station.desk.finish(closed.visit)
    return closed


async def test_a_door_is_tested_and_comes_back(scene: Night) -> None:
    await scene.store.transact(lambda tx: tx.save(tx.compartment(3).take_out("not_opened")))
    await scene.station.picture.load()
    await technician(scene)
    await scene.station.desk.service.test_unlock(3)
    closed = await to_closed(scene)
    assert (closed.screen, closed.compartment) == (Screen.SERVICE, 3)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    assert (await scene.compartment(3)).in_service
    assert (await scene.last("door_opened"))["purpose"] == "service"
    assert await scene.world.coils() == {3: 1}
    await scene.station.desk.finish(closed.visit)
    assert scene.station.desk.state().step == "technician"


async def test_no_door_moves_unless_a_person_has_armed_service_mode(scene: Night) -> None:
    await papers_inside(scene)
    coils = await scene.world.coils()
    await technician(scene, armed=False)
    service = scene.station.desk.service
    for wish in (service.test_unlock(2), service.release(1, "release_jammed"), service.second_person(COLLEAGUE, PIN)):
        with pytest.raises(RefusedError, match="service_mode_first"):
            await wish
    await scene.station.desk.arm_service(on=True)
    with pytest.raises(RefusedError, match="not_free"):
        await service.test_unlock(1)
    with pytest.raises(RefusedError, match="bad_number"):
        await service.test_unlock(99)
    assert await scene.world.coils() == coils
    await scene.station.desk.arm_service(on=False)
    with pytest.raises(RefusedError, match="service_mode_first"):
        await service.test_unlock(2)


async def test_a_release_takes_two_different_persons_each_time(scene: Night) -> None:
    made = await papers_inside(scene)
    await technician(scene)
    desk = scene.station.desk
    with pytest.raises(RefusedError, match="second_person_first"):
        await desk.service.release(1, "release_jammed")
    with pytest.raises(RefusedError, match="same_person"):
        await desk.service.second_person(BADGE, PIN)
    with pytest.raises(WrongCodeError):
        await desk.service.second_person(COLLEAGUE, "0000")
    await desk.service.second_person(COLLEAGUE, PIN)
    await desk.service.release(1, "release_citizen")
    granted = await scene.last("emergency_release_granted")
    assert (granted["staff"], granted["reason"], granted["by"]) == ([BADGE, COLLEAGUE], "release_citizen", "staff")
    closed = await to_closed(scene)
    assert closed.screen is Screen.RELEASE
    await desk.confirm(closed.visit, Answer.CONFIRMED)
    cleared = await scene.last("deposit_cleared")
    assert (cleared["receipt_number"], cleared["found"]) == (made.receipt_number, True)
    assert (await scene.compartment(1)).allocation is Allocation.FREE
    await desk.finish(closed.visit)
    with pytest.raises(RefusedError, match="second_person_first"):
        await desk.service.release(2, "release_jammed")
    assert await scene.world.coils() == {1: 2}


async def test_a_colleague_without_the_right_does_not_count(scene: Night) -> None:
    await scene.give_documents(colleagues=(COLLEAGUE,), rights=("load", "clear"))
    await scene.crash()
    await scene.start()
    desk = scene.station.desk
    desk.go(Screen.STAFF)
    await desk.staff_login(BADGE, PIN)
    with pytest.raises(RefusedError, match="not_allowed"):
        desk.service.enter()
    with pytest.raises(RefusedError, match="not_allowed"):
        await desk.arm_service(on=True)
    assert (await desk.service.work()).numbers == ()


async def test_what_nobody_states_after_a_release_is_in_doubt_also_after_a_power_cut(scene: Night) -> None:
    made = await papers_inside(scene)
    await technician(scene, two=True)
    await scene.station.desk.service.release(1, "release_hazard")
    await step(scene, "open")
    coils = await scene.world.coils()
    await scene.crash()
    await scene.start()
    found = await scene.compartment(1)
    assert found.allocation is Allocation.DOUBTFUL
    assert (await scene.last("compartment_doubtful"))["receipt_number"] == made.receipt_number
    assert not scene.station.maintain.armed
    assert await scene.world.coils() == coils


async def test_a_jammed_bolt_is_opened_with_the_emergency_key_and_is_no_alarm(scene: Night) -> None:
    await papers_inside(scene)
    await technician(scene, two=True)
    await scene.world.do("jam", compartment=1, jammed=True)
    await scene.station.desk.service.release(1, "release_jammed")
    await eventually(scene.types, "door_failed")
    view = scene.station.desk.state()
    assert (view.step, view.notice and view.notice.key) == ("opening", "release_by_key")
    await scene.world.do("force", compartment=1)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.LEFT)
    now = await scene.compartment(1)
    assert (now.allocation, now.in_service) == (Allocation.OCCUPIED, False)
    assert "door_forced" not in await scene.types()
    assert (await scene.last("door_opened"))["grant"] is not None


async def test_mended_compartments_come_back_unless_somebody_must_look_first(scene: Night) -> None:
    states = {1: ("not_opened", False), 2: ("sensor_stuck", False), 3: ("not_opened", True)}
    for number, (reason, doubtful) in states.items():
        await scene.store.transact(
            lambda tx, number=number, reason=reason, doubtful=doubtful: tx.save(  # type: ignore[misc]  # defaults bind the loop's values
                (tx.compartment(number).mark_doubtful() if doubtful else tx.compartment(number)).take_out(reason)
            )
        )
    await scene.station.picture.load()
    await technician(scene, armed=False)
    service = scene.station.desk.service
    troubled = {each.number: each.may_return for each in (await service.work()).troubled}
    assert troubled == {1: True, 2: False, 3: False}
    await service.bring_back(1)
    assert (await scene.last("compartment_returned")) == {
        "compartment": 1, "by": "staff", "allocation": "free", "staff": BADGE,
    }  # fmt: skip
    for number in (2, 3):
        with pytest.raises(RefusedError, match="look_first"):
            await service.bring_back(number)
    with pytest.raises(RefusedError, match="bad_number"):
        await service.bring_back(1)


async def test_the_station_tests_its_devices(scene: Night) -> None:
    await technician(scene, armed=False)
    await scene.world.do("unplug", board="annex")
    await scene.station.desk.service.test_devices()
    told = [each["data"] for each in await scene.events() if each["type"] == "self_test_done"]
    assert {each["device"]: (each["passed"], each["detail"]) for each in told} == {
        "board-main": (True, ""),
        "board-annex": (False, "silent"),
        "printer-receipt": (True, ""),
    }
    work = await scene.station.desk.service.work()
    assert dict(work.boards) == {"main": True, "annex": False}
    assert await scene.world.coils() == {}
    assert await scene.world.paper() == ""


async def test_a_test_slip_says_that_it_is_one(scene: Night) -> None:
    await technician(scene, armed=False)
    await scene.station.desk.service.test_print()
    assert "PRINTER TEST" in await scene.world.paper()
    assert (await scene.station.desk.service.work()).test_slip == "printed"
    assert (await scene.last("print_done"))["layout"] == "test"


async def test_an_idle_technician_leaves_a_door_that_was_never_opened_as_it_was(scene: Night) -> None:
    await technician(scene, two=True)
    await scene.world.do("jam", compartment=2, jammed=True)
    await scene.station.desk.service.release(2, "release_jammed")
    await eventually(scene.types, "door_failed")
    await scene.station.desk.cancel(scene.station.desk.state().visit)
    await until(lambda: scene.station.desk.state().step == "result")
    assert (await scene.compartment(2)).allocation is Allocation.FREE
