"""Kill the hub at every sync of its database while it takes in the story's events; and at random moments.

The hub commits from several threads, and strace counts for each thread apart. So strace stops the whole process after
each sync (SIGSTOP), and the stops are counted here: process-wide, one by one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.sweep.chaos import Between, beside
from tests.sweep.edge_kills import CALLS, strace
from tests.sweep.oracle import judge
from tests.sweep.runner import Found
from tests.sweep.scenario import tell_story
from tests.sweep.stand import Stand
from tests.sweep.station import swept_station

STOPPER = strace("-e", f"inject={','.join(CALLS)}:signal=SIGSTOP", "-o", "/dev/null")
LOOK_EVERY_S = 0.002
# A process that is merely being traced looks stopped for microseconds; one that was stopped stays so.
SURE_AFTER_S = 0.002
RANDOM_CASES = 40


class Stops:
    """Counts the syncs of a hub that is started under `STOPPER`, lets it go on, and kills it at the chosen one."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self.counted = 0
        self.kill_at: int | None = None
        self._pid = 0

    async def run(self) -> None:
        """Let the hub live until it is killed or this is cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not self._is_stopped():
                continue
            await asyncio.sleep(SURE_AFTER_S)
            if not self._is_stopped():
                continue
            self.counted += 1
            if self.counted == self.kill_at:
                await self._stand.kill(self._stand.hub)
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGCONT)

    def begin(self, kill_at: int | None) -> None:
        """Count from here."""
        self.counted, self.kill_at = 0, kill_at

    def _is_stopped(self) -> bool:
        with contextlib.suppress(OSError, IndexError, ValueError):
            # Asked anew each time: strace tries out its own tricks on a first child before it starts ours.
            strace_pid = self._stand.hub.pid
            self._pid = int(Path(f"/proc/{strace_pid}/task/{strace_pid}/children").read_text().split()[0])
            threads = list(Path(f"/proc/{self._pid}/task").iterdir())
            return all((each / "stat").read_text().rpartition(") ")[2][0] in "tT" for each in threads)
        return False


class HubKills:
    """Cases `sync:N`: the N-th sync of the hub from the first touch of the citizen on."""

    name = "hub-kills"
    lanes = 4

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        return Stand(folder)

    async def cases(self, folder: Path) -> list[str]:
        async with Stand(folder / f"{self.name}-count") as stand:
            counted, found = await self._story(stand, 0, None)
        assert not found.problems, found.problems
        return [f"sync:{number}" for number in range(1, counted + 1)]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        return (await self._story(stand, seed, int(case.split(":")[1])))[1]

    async def _story(self, stand: Stand, seed: int, kill_at: int | None) -> tuple[int, Found]:
        stops, kills = Stops(stand), stand.kills
        task = asyncio.create_task(stops.run())
        await stand.restart(stand.hub, STOPPER)
        counted: list[int] = []

        async def between(where: str) -> None:
            if where == "deposit":
                stops.begin(kill_at)
            elif where == "healed":
                counted.append(stops.counted)
                stops.begin(None)

        async with swept_station(stand, stand.station_name(self.name)) as station:
            evidence = await tell_story(station, seed, between)
        if stand.hub.wrapper:
            # Not killed: without the one who counts it would stay stopped at its next sync.
            await stand.restart(stand.hub, ())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        killed = stand.kills - kills
        return counted[0], Found(killed, judge(evidence), met=killed > 0)


class HubCrashes:
    """Cases `crash:N`: the hub is killed again and again, at moments that the seed chooses."""

    name = "hub-crashes"
    lanes = 4

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        return Stand(folder)

    async def cases(self, folder: Path) -> list[str]:
        return [f"crash:{number}" for number in range(1, RANDOM_CASES + 1)]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        kills = stand.kills
        async with swept_station(stand, stand.station_name(self.name)) as station:
            await station.until_documents()
            evidence = await tell_story(station, seed, hub_crashes(stand, seed))
        return Found(stand.kills - kills, judge(evidence), met=stand.kills > kills)


def hub_crashes(stand: Stand, seed: int) -> Between:
    """Kill one hub after the other while the story is told."""
    rng = random.Random(seed)

    async def work() -> None:
        pause = rng.uniform(0.05, 1.5)
        while True:
            await asyncio.sleep(pause)
            await stand.kill(rng.choice(stand.hubs))
            # A hub needs more than a second to start; sooner kills hit its start.
            pause = rng.choice((rng.uniform(0.05, 1.0), rng.uniform(1.0, 5.0)))

    return beside(("deposit", "healed"), work)
