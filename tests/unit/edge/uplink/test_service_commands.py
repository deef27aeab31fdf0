"""Commands for a technician on site, against a whole station: devices are asked, one door at most, two persons."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from edge.app import carriers
from edge.core.compartment import Allocation
from edge.core.visit import Answer
from edge.store.inbox import CommandRecord
from edge.uplink.command_check import PinnedKey
from edge.uplink.commands import Commands
from tests.unit.edge.services.moved_clock import MovedClock
from tests.unit.edge.services.night import BADGE, PIN, Night, begin, night, step, to_closed
from tests.unit.edge.services.test_service_mode import COLLEAGUE, papers_inside, technician
from tests.unit.edge.uplink.test_commands import KEY, token

HERE = "night-1"


class Line:
    """What the hub sends to a station that runs, and what it is told."""

    def __init__(self, scene: Night) -> None:
        self.scene = scene
        until = datetime.fromisoformat("2100-01-01T00:00:00Z")
        self.commands = Commands(
            scene.store,
            HERE,
            {"dispatch-1": PinnedKey(KEY, until)},
            scene.clock,
            carriers=carriers(scene.station),
            changed=scene.station.picture.note,
            service_mode=lambda: scene.station.maintain.armed,
        )

    async def claims(self, kind: str, **params: object) -> dict[str, Any]:
        now, epoch = int(self.scene.clock.now().timestamp()), (await self.scene.store.identity()).epoch
        times = {"iat": now, "nbf": now, "exp": now + 60}
        names = {"jti": str(uuid4()), "iss": "hub", "aud": HERE, "epoch": str(epoch), "corr": str(uuid4())}
        return names | times | {"cmd": {"type": kind, "params": params}}

    async def ask(self, kind: str, **params: object) -> str:
        """Send a command and return its result or the reason of its refusal."""
        claims = await self.claims(kind, **params)
        await self.commands.take(token(claims))
        answers = [each for each in await self.scene.events() if each["data"].get("jti") == claims["jti"]]
        (answer,) = answers
        return str(answer["data"].get("result") or answer["data"]["reason"])


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path, clock=MovedClock()) as scene:
        await scene.give_documents(colleagues=(COLLEAGUE,))
        yield scene


@pytest.fixture
def line(scene: Night) -> Line:
    return Line(scene)


async def test_a_self_test_answers_with_what_it_found(scene: Night, line: Line) -> None:
    assert await line.ask("self_test") == "3 of 3 passed"
    await scene.world.do("unplug", board="annex")
    assert await line.ask("self_test") == "2 of 3 passed: board-annex silent"
    assert (await scene.types()).count("self_test_done") == 6
    assert await scene.world.coils() == {}


async def test_a_test_slip_is_printed(scene: Night, line: Line) -> None:
    assert await line.ask("test_print") == "printed"
    assert "PRINTER TEST" in await scene.world.paper()


async def test_logs_are_not_sent_because_nothing_carries_them(line: Line) -> None:
    assert await line.ask("send_logs") == "unsupported"


async def test_no_coil_moves_for_a_signature_alone(scene: Night, line: Line) -> None:
    assert await line.ask("test_unlock", compartment=2) == "service_mode_off"
    assert await line.ask("emergency_release", compartment=2, reason="smoke") == "service_mode_off"
    assert await line.ask("open_all") == "unsupported"
    assert await scene.world.coils() == {}


async def test_a_test_unlock_is_a_visit_at_the_kiosk(scene: Night, line: Line) -> None:
    await technician(scene)
    assert await line.ask("test_unlock", compartment=3) == "begun at the kiosk"
    closed = await to_closed(scene)
    assert (closed.screen.value, closed.compartment) == ("service", 3)
    assert await line.ask("test_unlock", compartment=2) == "not_possible"
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    assert await scene.world.coils() == {3: 1}


async def test_a_released_door_names_its_command_and_both_persons(scene: Night, line: Line) -> None:
    await papers_inside(scene)
    await technician(scene)
    assert await line.ask("emergency_release", compartment=1, reason="smoke") == "second_person_missing"
    await scene.station.desk.service.second_person(COLLEAGUE, PIN)
    for odd in ({}, {"reason": ""}, {"reason": "  "}, {"reason": 5}):
        assert await line.ask("emergency_release", compartment=1, **odd) == "malformed"


async def test_a_release_by_command_is_carried_out_once(scene: Night, line: Line) -> None:
    await papers_inside(scene)
    await technician(scene, two=True)
    claims = await line.claims("emergency_release", compartment=1, reason="smoke")
    for _ in range(3):
        await line.commands.take(token(claims))
    closed = await to_closed(scene)
    assert (str(closed.visit), closed.screen.value) == (claims["jti"], "release")
    granted = await scene.last("emergency_release_granted")
    assert (granted["staff"], granted["by"], granted["command"]) == ([BADGE, COLLEAGUE], "command", claims["jti"])
    assert granted["reason"] == "smoke"
    await scene.station.desk.confirm(closed.visit, Answer.LEFT)
    await line.commands.take(token(claims))
    assert await scene.world.coils() == {1: 2}
    assert (await scene.types()).count("emergency_release_granted") == 1
    assert (await scene.compartment(1)).allocation is Allocation.OCCUPIED
    assert scene.station.maintain.second is None


async def test_a_citizen_at_the_kiosk_comes_first(scene: Night, line: Line) -> None:
    await technician(scene)
    await scene.station.desk.staff_logout()
    await begin(scene)
    await step(scene, "open")
    assert await line.ask("test_unlock", compartment=3) == "not_possible"


async def test_what_a_crash_interrupted_is_refused_and_never_done_again(scene: Night, line: Line) -> None:
    claims = await line.claims("test_print")
    begun = CommandRecord(jti=uuid4(), command="self_test", state="begun")
    await scene.store.transact(lambda tx: tx.save_command(begun))
    assert await line.commands.settle_interrupted() == 1
    assert (await scene.last("command_refused"))["reason"] == "interrupted"
    assert await line.commands.settle_interrupted() == 0
    await line.commands.take(token(claims))
    assert (await scene.last("command_done"))["result"] == "printed"


async def test_service_mode_does_not_outlive_its_ten_minutes(scene: Night, line: Line) -> None:
    await technician(scene, two=True)
    await scene.station.desk.arm_service(on=False)
    assert await line.ask("test_unlock", compartment=3) == "service_mode_off"
    await scene.station.desk.arm_service(on=True)
    assert await line.ask("emergency_release", compartment=3, reason="smoke") == "second_person_missing"
    assert await scene.world.coils() == {}
