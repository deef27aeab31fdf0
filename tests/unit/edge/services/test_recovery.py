"""After a crash the doors are read, never fired again; what was not observed is in doubt."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from contract.ids import show_receipt_number
from edge.core.compartment import Allocation
from edge.core.grants import GrantState
from edge.core.visit import Answer
from edge.services.recovery import recover
from edge.services.view import Screen
from edge.store.compartments import Fitted
from tests.unit.edge.services.night import CASE, Night, begin, eventually, night, step, to_closed
from tests.unit.edge.services.test_staff_and_pickup import collect, load


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        yield scene


async def again(scene: Night) -> None:
    await scene.crash()
    await scene.start()


async def test_a_permitted_deposit_is_in_doubt_even_behind_a_shut_door_and_no_coil_moves(scene: Night) -> None:
    # Nobody watched meanwhile: it may have been opened, filled and shut.
    await scene.world.do("jam", compartment=1, jammed=True)
    await begin(scene)
    await scene.crash()
    before = await scene.world.coils()
    await scene.start()
    view = scene.station.desk.state()
    assert (view.step, view.ending) == ("result", "doubtful")
    assert view.receipt_number is not None
    assert (await scene.compartment(1)).allocation is Allocation.DOUBTFUL
    assert (await scene.last("deposit_abandoned"))["reason"] == "restarted"
    assert await scene.world.coils() == before


async def test_crashed_with_the_door_open_is_a_doubt_with_number_and_slip(scene: Night) -> None:
    await begin(scene)
    opened = await step(scene, "open")
    await again(scene)
    view = scene.station.desk.state()
    assert (view.ending, view.receipt_number) == ("doubtful", opened.receipt_number)
    assert (await scene.compartment(1)).allocation is Allocation.DOUBTFUL
    assert (await scene.last("compartment_doubtful"))["reason"] == "restarted"
    assert opened.receipt_number is not None
    await eventually(scene.world.paper, show_receipt_number(opened.receipt_number))
    await scene.world.do("push", compartment=1)
    await eventually(scene.types, "door_closed")
    assert "door_forced" not in await scene.types()
    assert await scene.world.coils() == {1: 1}


async def test_crashed_after_the_door_was_shut_is_a_doubt(scene: Night) -> None:
    await begin(scene)
    closed = await to_closed(scene)
    await again(scene)
    view = scene.station.desk.state()
    assert (view.ending, view.receipt_number) == ("doubtful", closed.receipt_number)
    assert await scene.world.coils() == {1: 1}


async def test_a_confirmed_deposit_survives_and_its_slip_comes_marked(scene: Night) -> None:
    await scene.world.do("printer", plugged=False)
    await begin(scene)
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    await scene.crash()
    await scene.world.do("printer", plugged=True)
    await scene.start()
    assert scene.station.desk.state().step == "home"
    assert (await scene.compartment(1)).allocation is Allocation.OCCUPIED
    assert closed.receipt_number is not None
    await eventually(scene.world.paper, "补打 REPRINT")
    assert show_receipt_number(closed.receipt_number) in await scene.world.paper()


async def test_a_crashed_pickup_behind_a_shut_door_keeps_its_code(scene: Night) -> None:
    await scene.give_documents()
    number, code = await load(scene)
    await scene.world.do("jam", compartment=number, jammed=True)
    await collect(scene, number, code)
    await scene.crash()
    await scene.world.do("jam", compartment=number, jammed=False)
    await scene.start()
    view = scene.station.desk.state()
    assert (view.screen, view.ending, view.case_number) == (Screen.PICKUP, "failed", CASE)
    await scene.station.desk.finish(view.visit)
    await collect(scene, number, code)
    assert (await step(scene, "open")).compartment == number


async def test_a_crashed_pickup_behind_an_open_door_is_a_doubt_and_its_code_is_spent(scene: Night) -> None:
    await scene.give_documents()
    number, code = await load(scene)
    await collect(scene, number, code)
    await step(scene, "open")
    await again(scene)
    assert (await scene.compartment(number)).allocation is Allocation.DOUBTFUL
    assert await scene.store.read(lambda tx: tx.code(number)) is None
    assert (await scene.last("compartment_doubtful"))["case_number"] == CASE


async def test_a_crashed_load_draws_no_code(scene: Night) -> None:
    await scene.give_documents()
    scene.station.desk.go(Screen.STAFF)
    await scene.station.desk.staff_login("B-7", "2468")
    await scene.station.desk.start_load(CASE)
    await step(scene, "open")
    await again(scene)
    assert await scene.store.read(lambda tx: tx.codes()) == []
    assert (await scene.compartment(1)).allocation is Allocation.DOUBTFUL
    assert scene.station.desk.state().staff is None


async def test_every_grant_of_an_interrupted_visit_is_used_or_dead(scene: Night) -> None:
    await begin(scene)
    opened = await step(scene, "open")
    grant = (await scene.last("door_opened"))["grant"]
    assert opened.compartment == 1
    await again(scene)
    kept = await scene.store.read(lambda tx: tx.grant(UUID(grant)))
    assert kept is not None
    assert kept.state is GrantState.USED


async def test_a_door_found_open_behind_a_free_compartment_is_forced(scene: Night) -> None:
    await scene.crash()
    await scene.world.do("force", compartment=2)
    await scene.start()
    await eventually(scene.types, "door_forced")
    assert (await scene.compartment(2)).allocation is Allocation.DOUBTFUL
    await again(scene)
    assert (await scene.types()).count("door_forced") == 1


async def test_a_compartment_that_left_the_station_file_goes_out_of_service(scene: Night) -> None:
    station = scene.station
    await recover(scene.store, station.doors, station.visits, station.watch, station.picture, [Fitted(1, "s", "low")])
    assert not (await scene.compartment(2)).in_service
