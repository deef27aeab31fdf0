"""Who may stop the station for commissioning: a technician in service mode, before an empty cabinet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.core.visit import Answer
from edge.services.refusals import RefusedError
from edge.services.view import Screen
from tests.unit.edge.services.night import BADGE, PIN, Night, begin, night, to_closed


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        await scene.give_documents()
        yield scene


async def sign_in(scene: Night) -> None:
    scene.station.desk.go(Screen.STAFF)
    await scene.station.desk.staff_login(BADGE, PIN)


def refused(scene: Night) -> str:
    with pytest.raises(RefusedError) as error:
        scene.station.desk.service.commission()
    assert not scene.station.desk.service.commission_wanted.is_set()
    return error.value.text


async def test_an_armed_technician_before_an_empty_cabinet(scene: Night) -> None:
    desk = scene.station.desk
    assert refused(scene) == "not_allowed"
    await sign_in(scene)
    assert refused(scene) == "service_mode_first"
    await desk.arm_service(on=True)
    desk.service.commission()
    assert desk.service.commission_wanted.is_set()


async def test_without_the_right_nobody(tmp_path: Path) -> None:
    async with night(tmp_path) as scene:
        await scene.give_documents(rights=("load", "clear"))
        await sign_in(scene)
        assert refused(scene) == "not_allowed"


async def test_not_while_somebody_is_at_a_door(scene: Night) -> None:
    await begin(scene)
    await to_closed(scene)
    scene.station.maintain.arm(on=True, badge=BADGE)
    await scene.station.staff.sign_in(BADGE, PIN)
    assert refused(scene) == "busy"


async def test_not_with_papers_inside(scene: Night) -> None:
    desk = scene.station.desk
    await begin(scene)
    closed = await to_closed(scene)
    await desk.confirm(closed.visit, Answer.CONFIRMED)
    await desk.finish(closed.visit)
    await sign_in(scene)
    await desk.arm_service(on=True)
    assert refused(scene) == "not_all_empty"
