"""An infrared sensor inside a compartment against what a person says: asked once, and an item seen is never "taken"."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.core.compartment import Allocation
from edge.core.visit import Answer
from edge.services.refusals import RefusedError
from edge.services.view import KioskView, Screen
from tests.unit.edge.services import night as nights
from tests.unit.edge.services.night import CASE, Night, begin, night, step, to_closed, unseal
from tests.unit.edge.services.test_staff_and_pickup import collect, on_paper, sign_in

BOARD = 'family = "kerong_cu48"\nport = "{folder}/ptys/annex"\naddress = 0\nchannels = 48\nsettings = {{'
WITH_EYES = f'{BOARD.replace("kerong_cu48", "kerong_cu16").replace("48", "16")} infrared = "one_is_item",'
# Only the board with sensors: every compartment behind it.
ALL_ANNEX = [(n, "annex", n, size) for n, size in ((1, "s"), (2, "m"))]


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Night]:
    assert BOARD in nights.FILE
    monkeypatch.setattr(nights, "FILE", nights.FILE.replace(BOARD, WITH_EYES))
    monkeypatch.setattr(nights, "LAYOUT", ALL_ANNEX)
    async with night(tmp_path) as scene:
        await scene.give_documents()
        yield scene


async def say(scene: Night, view: KioskView, answer: Answer) -> None:
    await scene.station.desk.confirm(view.visit, answer)


async def lay(scene: Night, number: int, *, inside: bool) -> None:
    await scene.world.do("item", compartment=number, inside=inside)


async def loaded(scene: Night) -> tuple[int, str]:
    await sign_in(scene)
    await scene.station.desk.start_load(CASE)
    opened = await step(scene, "open")
    assert opened.compartment is not None
    await lay(scene, opened.compartment, inside=True)
    closed = await to_closed(scene)
    await say(scene, closed, Answer.CONFIRMED)
    await scene.station.desk.finish(closed.visit)
    await scene.station.desk.staff_logout()
    item = await scene.last("item_loaded")
    return int(item["compartment"]), unseal(item["code_sealed"])


async def test_what_the_sensor_sees_too_is_taken_at_once(scene: Night) -> None:
    number, code = await loaded(scene)
    await collect(scene, number, code)
    await step(scene, "open")
    await lay(scene, number, inside=False)
    await say(scene, await to_closed(scene), Answer.CONFIRMED)
    assert scene.station.desk.state().ending == "done"


async def test_an_item_that_still_lies_there_is_asked_about_and_then_in_doubt(scene: Night) -> None:
    number, code = await loaded(scene)
    await collect(scene, number, code)
    closed = await to_closed(scene)
    with pytest.raises(RefusedError) as asked:
        await say(scene, closed, Answer.CONFIRMED)
    assert asked.value.text == "something_inside"
    assert scene.station.desk.state().step == "closed"
    await say(scene, closed, Answer.CONFIRMED)
    view = scene.station.desk.state()
    assert (view.screen, view.ending) == (Screen.PICKUP, "doubtful")
    assert (await scene.compartment(number)).allocation is Allocation.DOUBTFUL
    await on_paper(scene, view)


async def test_papers_below_the_beam_are_believed_the_second_time(scene: Night) -> None:
    await begin(scene)
    closed = await to_closed(scene)
    with pytest.raises(RefusedError) as asked:
        await say(scene, closed, Answer.CONFIRMED)
    assert asked.value.text == "nothing_seen_inside"
    await say(scene, closed, Answer.CONFIRMED)
    assert scene.station.desk.state().ending == "done"
    assert (await scene.last("deposit_made"))["compartment"] == closed.compartment


async def test_i_put_nothing_in_is_asked_about_while_something_lies_there(scene: Night) -> None:
    await begin(scene)
    opened = await step(scene, "open")
    assert opened.compartment is not None
    await lay(scene, opened.compartment, inside=True)
    closed = await to_closed(scene)
    with pytest.raises(RefusedError) as asked:
        await say(scene, closed, Answer.NOTHING)
    assert asked.value.text == "something_inside"
    await say(scene, closed, Answer.CONFIRMED)
    assert scene.station.desk.state().ending == "done"
