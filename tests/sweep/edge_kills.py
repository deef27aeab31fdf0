"""Kill the edge at every fsync of a deposit, a clearing, a load and a pickup; and once more while it recovers.

strace stops the process at its N-th sync and kills it there: what was committed before is on the disk, what was to
follow (the coil, the page, the slip, the message) did not happen.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.sweep.oracle import judge
from tests.sweep.runner import Found
from tests.sweep.scenario import tell_story
from tests.sweep.stand import Stand
from tests.sweep.station import swept_station

CALLS = ("fdatasync", "fsync")
RECOVERY_SYNCS = 6
RECOVERED_POINTS = 8


def strace(*options: str) -> list[str]:
    """Return the wrapper. Not with --seccomp-bpf: strace 6.1 then sends no signal."""
    program = shutil.which("strace")
    assert program, "strace is needed (Debian: strace)"
    # A sweep that is killed must not leave the traced process behind: it would hold the ports of the next one.
    together = ["setpriv", "--pdeathsig", "KILL"]
    return [program, "-f", "-q", "-q", "-e", f"trace={','.join(CALLS)}", *options, *together]


def killer(call: str, number: int) -> list[str]:
    """Return the wrapper that kills at the `number`-th call; all syncs of the edge are made by one thread."""
    return strace("-e", f"inject={call}:signal=SIGKILL:when={number}", "-o", "/dev/null")


async def count_syncs(stand: Stand) -> dict[str, int]:
    """Tell the story once undisturbed and count the syncs."""
    trace = stand.folder / "syncs"
    async with swept_station(stand, stand.station_name("count"), wrapper=strace("-o", str(trace))) as station:
        problems = judge(await tell_story(station, 0))
    assert not problems, problems
    lines = trace.read_text().splitlines()
    return {call: sum(f" {call}(" in line for line in lines) for call in CALLS}


class EdgeKills:
    """Cases `fdatasync:N` and `fsync:N`."""

    name = "edge-kills"
    lanes = 4

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        return Stand(folder)

    async def cases(self, folder: Path) -> list[str]:
        async with Stand(folder / f"{self.name}-count") as stand:
            counted = await count_syncs(stand)
        return [f"{call}:{number}" for call in CALLS for number in range(1, counted[call] + 1)]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        call, number = case.split(":")
        return await killed_story(stand, self.name, seed, [killer(call, int(number))])


class EdgeKillsInRecovery(EdgeKills):
    """Cases `N:M`: killed at the N-th fdatasync of the story, and at the M-th of the start after it."""

    name = "edge-recovery"

    async def cases(self, folder: Path) -> list[str]:
        points = [case for case in await super().cases(folder) if case.startswith("fdatasync")]
        step = max(1, len(points) // RECOVERED_POINTS)
        first = [int(case.split(":")[1]) for case in points[step // 2 :: step]]
        return [f"{number}:{again}" for number in first for again in range(1, RECOVERY_SYNCS + 1)]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        first, again = case.split(":")
        return await killed_story(
            stand, self.name, seed, [killer("fdatasync", int(first)), killer("fdatasync", int(again))]
        )


async def killed_story(stand: Stand, sweep: str, seed: int, wrappers: Sequence[Sequence[str]]) -> Found:
    """Tell the story with an edge that is killed once for each wrapper."""
    async with swept_station(stand, stand.station_name(sweep), wrapper=wrappers[0]) as station:
        station.later_wrappers = list(wrappers[1:])
        evidence = await tell_story(station, seed)
        return Found(station.kills, judge(evidence), met=station.kills >= len(wrappers))
