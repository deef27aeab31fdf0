"""Commands from a hub, over a real broker, to a station that runs on simulated devices: what they do and never do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from contract.commands import COMMAND_TYP
from contract.signing import new_signing_key, sign
from edge.app import hooks
from edge.core.visit import Answer
from edge.uplink.command_check import PinnedKey
from edge.uplink.documents import Source
from edge.uplink.uplink import Uplink, UplinkSettings
from tests.integration.little_hub import LittleHub
from tests.integration.test_uplink import a_broker, eventually
from tests.unit.edge.services.moved_clock import MovedClock
from tests.unit.edge.services.night import PIN, Night, night, to_closed, unseal
from tests.unit.edge.services.test_service_mode import COLLEAGUE, technician
from tests.unit.edge.services.test_staff_and_pickup import load

STATION = "night-1"
KEY = new_signing_key("dispatch-1")


class Hub:
    """Asks, and waits until the answer's event has arrived and every event before it."""

    def __init__(self, scene: Night, hub: LittleHub, epoch: UUID) -> None:
        self.scene, self.hub, self.epoch = scene, hub, epoch

    async def ask(self, kind: str, **params: object) -> str:
        now, jti = int(self.scene.clock.now().timestamp()), str(uuid4())
        claims = {"jti": jti, "iss": "hub", "aud": STATION, "iat": now, "nbf": now, "exp": now + 60}
        whole = claims | {"epoch": str(self.epoch), "cmd": {"type": kind, "params": params}}
        await self.hub.ask(STATION, sign(json.dumps(whole).encode(), KEY, typ=COMMAND_TYP).encode())
        await eventually(self._answered(jti), f"an answer to {kind}")
        data = next(data for _, data in self.told() if data.get("jti") == jti)
        return str(data.get("result") or data["reason"])

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Every event that has arrived, in the station's order."""
        events = sorted(self.hub.events.values(), key=lambda event: event.seq)
        return [(event.type, event.data) for event in events]

    def _answered(self, jti: str) -> Callable[[], Awaitable[bool]]:
        async def answered() -> bool:
            return any(data.get("jti") == jti for _, data in self.told())

        return answered


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    async with AsyncExitStack() as stack:
        port, _ = await stack.enter_async_context(a_broker("mosquitto", tmp_path))
        little = await stack.enter_async_context(LittleHub(port))
        scene = await stack.enter_async_context(night(tmp_path, clock=MovedClock()))
        await scene.give_documents(colleagues=(COLLEAGUE,))
        settings = UplinkSettings(
            station=STATION,
            broker=f"mqtt://127.0.0.1:{port}",
            documents=Source("http://127.0.0.1:1", tmp_path / "token"),
            document_keys={},
            command_keys={"dispatch-1": PinnedKey(KEY, datetime.fromisoformat("2100-01-01T00:00:00Z"))},
            software="test",
            reconnect_min_s=0.05,
        )
        uplink = Uplink(scene.store, scene.station.picture, scene.clock, settings, hooks(scene.station))
        running = asyncio.create_task(uplink.run())
        stack.push_async_callback(asyncio.wait, {running})
        stack.callback(running.cancel)
        await eventually(_online(uplink), "a connection")
        yield Hub(scene, little, (await scene.store.identity()).epoch)


def _online(uplink: Uplink) -> Callable[[], Awaitable[bool]]:
    async def online() -> bool:
        return uplink.online

    return online


async def test_devices_are_tested_from_afar_and_no_door_moves(hub: Hub) -> None:
    assert await hub.ask("self_test") == "3 of 3 passed"
    assert await hub.ask("test_print") == "printed"
    assert await hub.ask("send_logs") == "unsupported"
    assert await hub.ask("test_unlock", compartment=2) == "service_mode_off"
    assert await hub.ask("emergency_release", compartment=2, reason="smoke") == "service_mode_off"
    assert [data["device"] for kind, data in hub.told() if kind == "self_test_done"] == [
        "board-main",
        "board-annex",
        "printer-receipt",
    ]
    assert await hub.scene.world.coils() == {}


async def test_two_persons_and_the_hub_open_one_door(hub: Hub) -> None:
    scene = hub.scene
    await technician(scene)
    assert await hub.ask("emergency_release", compartment=2, reason="smoke") == "second_person_missing"
    await scene.station.desk.service.second_person(COLLEAGUE, PIN)
    assert await hub.ask("emergency_release", compartment=2, reason="smoke") == "begun at the kiosk"
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.NOTHING)
    assert await scene.world.coils() == {2: 1}
    await scene.station.desk.finish(closed.visit)
    assert await hub.ask("emergency_release", compartment=3, reason="smoke") == "second_person_missing"
    kinds = [kind for kind, _ in hub.told()]
    assert kinds.index("emergency_release_granted") < kinds.index("door_opened") < kinds.index("door_closed")
    assert kinds.count("emergency_release_granted") == 1


async def test_an_item_gets_a_new_code_and_is_withdrawn_from_afar(hub: Hub) -> None:
    scene = hub.scene
    number, first = await load(scene)
    loaded = await scene.last("item_loaded")
    about = {"compartment": number, "case_number": loaded["case_number"]}
    assert await hub.ask("reissue_code", **about) == "done"
    sealed = dict(hub.told())["code_reissued"]["code_sealed"]
    assert unseal(sealed) != first
    assert await hub.ask("withdraw_item", **about) == "done"
    assert await hub.ask("reissue_code", **about) == "not_possible"
    assert dict(hub.told())["item_withdrawn"] == about
    assert await scene.store.read(lambda tx: tx.code(number)) is None
