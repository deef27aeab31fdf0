"""The line between station and hub: cut, refused, swallowing packets, slow, flapping; and the broker killed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from hall.network import Direction
from tests.sweep.chaos import Between, at, beside
from tests.sweep.oracle import judge
from tests.sweep.runner import Found
from tests.sweep.scenario import tell_story
from tests.sweep.stand import Stand
from tests.sweep.station import swept_station

PLACES = ("deposit", "staff", "pickup")
FLAPPING = 6
FAULTS: dict[str, Callable[[Stand], Awaitable[None]]] = {
    "cut": lambda stand: stand.network.cut(),
    "refuse": lambda stand: stand.network.refuse(),
    "black-hole": lambda stand: stand.network.black_hole(),
    "black-hole-up": lambda stand: stand.network.black_hole(direction=Direction.UP),
    "black-hole-down": lambda stand: stand.network.black_hole(direction=Direction.DOWN),
    "slow": lambda stand: stand.network.delay(1.0),
}
DOWNTIMES = {"short": 0.0, "long": 3.0}


class NetworkFaults:
    """Cases `FAULT:PLACE` and `flapping:N`."""

    name = "network"
    lanes = 4

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        return Stand(folder)

    async def cases(self, folder: Path) -> list[str]:
        steady = [f"{fault}:{place}" for fault in FAULTS for place in PLACES]
        return steady + [f"flapping:{number}" for number in range(1, FLAPPING + 1)]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        fault, place = case.split(":")
        async with swept_station(stand, stand.station_name(self.name)) as station:
            # What the station works by comes before the line goes: it is offline work that is tried here.
            await station.until_documents()
            if fault == "flapping":
                between = beside(("deposit", "healed"), lambda: _flap(stand, random.Random(seed)))
            else:
                between = at(place, lambda: FAULTS[fault](stand), stand.network.heal)
            return Found(0, judge(await tell_story(station, seed, between)))


class BrokerKills:
    """Cases `short:PLACE`, `long:PLACE` (seconds away) and `flapping:N`. A killed broker has forgotten everything."""

    name = "broker-kills"
    lanes = 4

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        return Stand(folder)

    async def cases(self, folder: Path) -> list[str]:
        steady = [f"{downtime}:{place}" for downtime in DOWNTIMES for place in PLACES]
        return steady + [f"flapping:{number}" for number in range(1, FLAPPING + 1)]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        what, place = case.split(":")
        kills = stand.kills
        async with swept_station(stand, stand.station_name(self.name)) as station:
            await station.until_documents()
            if what == "flapping":
                between = beside(("deposit", "healed"), lambda: _kill_brokers(stand, random.Random(seed)))
            else:
                between = _away(stand, place, DOWNTIMES[what])
            evidence = await tell_story(station, seed, between)
        return Found(stand.kills - kills, judge(evidence), met=stand.kills > kills)


class OtherBrokerKills(BrokerKills):
    """The same with the broker of the iotcore wheel, which sends nothing again after a reconnect."""

    name = "broker-kills-iotcore"

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        return Stand(folder, broker="iotcore")


def _away(stand: Stand, place: str, seconds: float) -> Between:
    """The broker dies as a visit begins, and is back after so long."""

    async def work() -> None:
        stand.broker.wanted = False
        await stand.kill(stand.broker)
        await asyncio.sleep(seconds)
        await stand.broker.start()
        await asyncio.Event().wait()

    return beside((place, "healed"), work)


async def _flap(stand: Stand, rng: random.Random) -> None:
    while True:
        await rng.choice(list(FAULTS.values()))(stand)
        await asyncio.sleep(rng.uniform(0.05, 1.5))
        await stand.network.heal()
        await asyncio.sleep(rng.uniform(0.05, 1.0))


async def _kill_brokers(stand: Stand, rng: random.Random) -> None:
    while True:
        await asyncio.sleep(rng.uniform(0.1, 2.5))
        await stand.kill(stand.broker)
