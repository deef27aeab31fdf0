"""Kill the edge again and again when the seed says so: between a coil and its door, a page and its answer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.sweep.chaos import beside
from tests.sweep.oracle import judge
from tests.sweep.runner import Found
from tests.sweep.scenario import tell_story
from tests.sweep.stand import Stand
from tests.sweep.station import swept_station

CASES = 60


class EdgeCrashes:
    """Cases `crash:N`."""

    name = "edge-crashes"
    lanes = 4

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        return Stand(folder)

    async def cases(self, folder: Path) -> list[str]:
        return [f"crash:{number}" for number in range(1, CASES + 1)]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        rng = random.Random(seed)
        async with swept_station(stand, stand.station_name(self.name)) as station:

            async def work() -> None:
                pause = rng.uniform(0.1, 3.0)
                while True:
                    await asyncio.sleep(pause)
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(station.edge.pid, signal.SIGKILL)
                    # An edge needs about a second to start; sooner kills hit its recovery.
                    pause = rng.choice((rng.uniform(0.1, 1.2), rng.uniform(1.2, 4.0)))

            evidence = await tell_story(station, seed, beside(("deposit", "healed"), work))
            return Found(station.kills, judge(evidence), met=station.kills > 0)
