"""The page that asks whose submission it is, over plain HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.services.collect_item import Proofs
from tests.unit.edge.kiosk.page import Person, message, person, screen
from tests.unit.edge.services.night import Night, night, step
from tests.unit.edge.services.stand_ins import StandInCamera


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path, proofs=Proofs("night-1", b"c" * 32)) as scene:
        await scene.crash()
        scene.camera = StandInCamera()
        await scene.start()
        yield scene


@pytest.fixture
async def one(scene: Night) -> AsyncIterator[Person]:
    async with person(scene) as one:
        await one.post("/go", to="submission")
        yield one


@pytest.mark.parametrize(("language", "words"), [("zh", "谁来交材料"), ("en", "Who hands in?")])
async def test_a_card_is_asked_for_shown_masked_and_taken_back(
    scene: Night, one: Person, language: str, words: str
) -> None:
    await one.post("/language", language=language)
    assert screen(one.page) == ("submission", "identity")
    assert words in one.page.text
    await scene.world.do("card", on=True, person="li")
    await step(scene, "materials")
    await one.look()
    assert message(one.page) == "identity_read"
    assert ("李*例" in one.page.text, "李样例" in one.page.text) == (True, False)
    await one.post("/submission/identity", do="forget")
    assert 'data-test="identity-ask"' in one.page.text
    await one.post("/submission/identity", do="ask")
    assert screen(one.page) == ("submission", "identity")
    await one.post("/submission/identity", do="skip")
    assert screen(one.page) == ("submission", "materials")
    assert (await one.post("/submission/identity", do="sell")).status_code == 400
