"""A station that prints three papers, killed at every sync, and a printer that fails and loses power meanwhile.

The printer is this process: it outlives the station's, and its record of sheets is on the disk before a sheet comes
out. The judge (`prints_judge.py`) reads that record and the station's tables; it uses none of the station's rules.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from edge.links.simulator_control import Answer, ControlServer, Request
from edge.printers.licence.simulator import Device, SimulatedLicencePrinter, Tray
from tests.hubs import ROOT
from tests.paper_issuer import CONTENTS, PLAIN, TRAY, prepare
from tests.proofs.prints_judge import Judge
from tests.sweep.edge_kills import CALLS, killer, strace

WITHIN_S = 60
AGAIN_AT = range(1, 7)
POWER_DELAYS = (0.0, 0.02, 0.06, 0.12)
OFF_S = 0.15
SCENES: dict[str, tuple[dict[str, object], bool]] = {
    "sensor": ({}, True),
    "no sensor": ({}, False),
    "slow": ({"sheet_seconds": 0.15}, True),
    "silent after taking the job": ({"answers": "not_to_jobs"}, True),
    "jam": ({"jam": True}, True),
    "completed without paper": ({"comes": "nothing"}, True),
    "two sheets": ({"comes": "two_sheets"}, True),
}
"""What is wrong with the printer, and whether its output has a sensor."""


@dataclass(frozen=True, slots=True)
class Case:
    """One run. `kills`: call and number of the sync of each life that ends there; `power`: at which job the printer
    loses its power, how many seconds after it took it, and what it remembers afterwards.
    """

    scene: str
    kills: tuple[tuple[str, int], ...] = ()
    power: tuple[int, float, str] | None = None


@dataclass(slots=True)
class Played:
    """How one run ended; `wrong` is empty when all is well."""

    case: Case
    kills: int = 0
    power_cuts: int = 0
    sheets: int = 0
    doubts: int = 0
    judged: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


async def play(case: Case, folder: Path) -> Played:
    """Run one case in a fresh folder."""
    played, began = Played(case), time.monotonic()
    await _prepared(folder)
    judge = Judge(folder)
    async with _printer(folder, case) as printer:
        breaker = asyncio.create_task(_power(printer, case, played))
        try:
            async with asyncio.timeout(WITHIN_S):
                await _live(case, folder, played, judge)
        except TimeoutError:
            played.wrong.append("it came to no end")
        breaker.cancel()
    judge.at_the_end(len(CONTENTS))
    played.wrong += judge.wrong
    played.sheets, played.doubts, played.judged = judge.sheets, judge.doubts, judge.judged
    played.seconds = time.monotonic() - began
    return played


async def _prepared(folder: Path) -> None:
    await asyncio.to_thread(folder.mkdir, parents=True)
    await prepare(folder)


async def _live(case: Case, folder: Path, played: Played, judge: Judge) -> None:
    """Start the station again and again, until a life of it comes to the end of its work."""
    lives = [killer(call, number) for call, number in case.kills]
    while True:
        ended, said = await _life(folder, SCENES[case.scene][1], lives.pop(0) if lives else [])
        if ended == 0:
            return
        judge.look()
        if ended not in (-9, 137):
            played.wrong.append(f"the station ended with {ended}: {said[-600:]}")
            return
        played.kills += 1


async def _life(folder: Path, sensor: bool, wrapper: Sequence[str]) -> tuple[int, str]:
    command = [*wrapper, sys.executable, "-m", "tests.paper_issuer", str(folder), "sensor" if sensor else "blind"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.PIPE)
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, said.decode(errors="replace")


@asynccontextmanager
async def _printer(folder: Path, case: Case) -> AsyncIterator[SimulatedLicencePrinter]:
    trays = {TRAY: Tray(297_000, 420_000, "secure", 8), PLAIN: Tray(210_000, 297_000, "stationery", 20)}
    device = Device(folder / "printer", trays)
    device.moods.sheet_seconds = 0.03
    for name, value in SCENES[case.scene][0].items():
        device.moods.set(name, value)
    if case.power is not None:
        device.moods.set("remembers", case.power[2])
    printer = SimulatedLicencePrinter(device, folder / "ipp")
    server = ControlServer(folder / "control", _doing(printer), printer.state)
    async with server.serving():
        printer.plug()
        try:
            yield printer
        finally:
            printer.unplug()
            device.close()


def _doing(printer: SimulatedLicencePrinter) -> Callable[[Request], Answer]:
    def do(request: Request) -> Answer:
        if request.get("do") == "set":
            printer.do(request)
        return printer.state()

    return do


async def _power(printer: SimulatedLicencePrinter, case: Case, played: Played) -> None:
    if case.power is None:
        return
    at, delay, _ = case.power
    while len(printer.device.jobs) < at:  # noqa: ASYNC110 - a printer sets no event
        await asyncio.sleep(0.002)
    await asyncio.sleep(delay)
    printer.unplug()
    played.power_cuts += 1
    await asyncio.sleep(OFF_S)
    printer.plug()


async def count_syncs(scene: str, folder: Path) -> dict[str, int]:
    """Run a scene once undisturbed and count the syncs of the station's busiest thread for each call.

    strace counts for each thread by itself, so a number stands for the first thread that comes to it.
    """
    trace, case = folder.with_suffix(".syncs"), Case(scene)
    await _prepared(folder)
    async with _printer(folder, case):
        ended, said = await _life(folder, SCENES[scene][1], strace("-o", str(trace)))
    assert ended == 0, said
    lines = [line.split(maxsplit=1) for line in trace.read_text().splitlines()]
    threads = {line[0] for line in lines}
    return {
        call: max(sum(who == thread and what.startswith(f"{call}(") for who, what in lines) for thread in threads)
        for call in CALLS
    }


async def cases(folder: Path, scenes: Sequence[str]) -> list[Case]:
    """Return every kill of every scene, kills in the start after some of them, and losses of the printer's power."""
    found = []
    for number, scene in enumerate(scenes):
        counted = await count_syncs(scene, folder / f"count-{number}")
        # The start of a life is the same in each scene, and a doubt may take one commit more than was counted.
        points = [(call, each) for call in CALLS for each in range(1, counted[call] + 3)]
        found += [Case(scene, (point,)) for point in points]
        found += [Case(scene, (point, ("fdatasync", again))) for point in points[2:-2:4] for again in AGAIN_AT]
    for remembers in ("ended", "nothing", "repeats"):
        cuts = [(at, delay, remembers) for at in range(1, len(CONTENTS) + 1) for delay in POWER_DELAYS]
        found += [Case("slow", power=cut) for cut in cuts]
        found += [Case("slow", (("fdatasync", 8 + 6 * (cut[0] - 1)),), cut) for cut in cuts]
    return found


async def play_all(scenes: Sequence[str], only: int | None, told: Callable[[Played], None]) -> list[Played]:
    """Play every case, or each `only`-th of them."""
    with tempfile.TemporaryDirectory(prefix="nightdesk-prints-") as name:
        listed, played = await cases(Path(name), scenes), []
        for number, case in enumerate(listed[:: only or 1]):
            folder = Path(name) / f"run-{number}"
            played.append(await play(case, folder))
            told(played[-1])
            shutil.rmtree(folder)
    return played
