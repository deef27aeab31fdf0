"""Cut the power at every sync of the edge: killed before it, and what was written since the last one is lost.

A killed process leaves its unsynced writes in the page cache; a power cut does not. strace writes down what went into
the store's log and what was synced of it; before the edge starts again the rest of the log is cut off.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.sweep.edge_kills import EdgeKills
from tests.sweep.oracle import judge
from tests.sweep.runner import Found
from tests.sweep.scenario import tell_story
from tests.sweep.stand import Stand
from tests.sweep.station import swept_station

# `-y` names the file behind a descriptor, `-s 0` leaves out what is written.
_WRITE = re.compile(r"pwrite64\(\d+<[^>]*-wal>, .*, (\d+), (\d+)\) += (\d+)")
_SYNC = re.compile(r"f(?:data)?sync\(\d+<[^>]*-wal>\) += 0")


class PowerCuts(EdgeKills):
    """Cases `fdatasync:N`."""

    name = "power-cuts"

    async def cases(self, folder: Path) -> list[str]:
        return [case for case in await super().cases(folder) if case.startswith("fdatasync")]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        name = stand.station_name(self.name)
        trace = stand.folder / f"{name}.trace"
        async with swept_station(stand, name, wrapper=_tracer(int(case.split(":")[1]), trace)) as station:
            cut: list[int] = []
            station.before_restart = _once(lambda: cut.append(lose_unsynced(station.store, trace)))
            evidence = await tell_story(station, seed)
            lost = {"lost_bytes": cut[0] if cut else 0}
            return Found(station.kills, judge(evidence), met=station.kills > 0, notes=lost)


def lose_unsynced(store: Path, trace: Path) -> int:
    """Cut off what was not synced of the store's log; return how many bytes that was."""
    log = store.with_name(store.name + "-wal")
    store.with_name(store.name + "-shm").unlink(missing_ok=True)
    if not log.exists():
        return 0
    written, synced = log_ends(trace.read_text().splitlines())
    with log.open("r+b") as stream:
        stream.truncate(min(synced, log.stat().st_size))
    return max(0, written - synced)


def log_ends(lines: Iterable[str]) -> tuple[int, int]:
    """Return how far the log was written, and how far of that it was synced, in bytes from its start."""
    written = synced = 0
    for line in lines:
        if found := _WRITE.search(line):
            offset, size = int(found[2]), int(found[3])
            # The log begins anew: what it held is in the database and was synced there.
            written, synced = (size, 0) if offset == 0 else (max(written, offset + size), synced)
        elif _SYNC.search(line):
            synced = written
    return written, synced


def _tracer(number: int, trace: Path) -> list[str]:
    program = shutil.which("strace")
    assert program, "strace is needed (Debian: strace)"
    inject = f"inject=fdatasync:signal=SIGKILL:when={number}"
    together = ["setpriv", "--pdeathsig", "KILL"]
    options = ["-f", "-q", "-q", "-y", "-s", "0", "-e", "trace=pwrite64,fdatasync,fsync", "-e", inject]
    return [program, *options, "-o", str(trace), *together]


def _once(work: Callable[[], object]) -> Callable[[], None]:
    left = [work]

    def run() -> None:
        if left:
            left.pop()()

    return run
