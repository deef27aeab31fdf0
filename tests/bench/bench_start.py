"""(e) How long the edge takes to its word `ready`, and how much memory it holds after a deposit.

The station is the demonstration's own: two lock boards and a receipt printer played by `python -m edge simulate`, a
broker, no hub. The time runs from the start of the process (interpreter and imports included) to the line `ready`,
after which pages are served and every door was asked once. Memory is VmRSS of the edge process after one deposit with
its slip; helper processes are counted apart. A store of 100,000 old events is started too, because it is checked first.

    python -m tests.bench.bench_start [--runs 9] [--directory DIR]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import median

from hall.house import House
from hall.processes import until
from hall.visitor import Page, Visitor
from tests.bench.edge_process import EdgeProcess, children_of, fill_store, memory_mib
from tests.bench.report import machine, print_head, print_row, print_targets

OLD_EVENTS, OLD_COMMANDS = 100_000, 10_000
READY_WITHIN_S = 2.0
RSS_MIB = 90.0
STEP_WITHIN_S = 20.0


async def measure(directory: Path, runs: int) -> bool:
    """Start both stores `runs` times in turn, print, and return whether the targets hold."""
    fresh, full = directory / "fresh", directory / "full"
    await fill_store(full / "station" / "station.db", full / "clock-shift", events=OLD_EVENTS, commands=OLD_COMMANDS)
    starts: dict[str, list[float]] = {"fresh store": [], "full store": []}
    memories: dict[str, list[dict[str, float]]] = {"fresh store": [], "full store": []}
    for name, path in (("fresh store", fresh), ("full store", full)):
        async with House(path, parts=("broker", "simulate")) as house:
            await house.start()
            for _ in range(runs):
                seconds, memory = await _one_run(house)
                starts[name].append(seconds)
                memories[name].append(memory)
    return report(starts, memories)


async def _one_run(house: House) -> tuple[float, dict[str, float]]:
    edge = EdgeProcess(house.directory.station_file, house.directory.log("edge"))
    house.directory.logs.mkdir(exist_ok=True)
    try:
        # In a thread, because the network between station and broker is played in this loop.
        seconds = await asyncio.to_thread(edge.start)
        await deposit(house)
        return seconds, memory_of(edge.pid) | {"simulate": memory_mib(house.processes["simulate"].pid)["VmRSS"]}
    finally:
        await asyncio.to_thread(edge.stop)


def memory_of(pid: int) -> dict[str, float]:
    """Memory of a process and, apart, of its children, in MiB."""
    return memory_mib(pid) | {"helpers": sum(memory_mib(child)["VmRSS"] for child in children_of(pid))}


async def deposit(house: House) -> None:
    """Hand in papers at the real pages, until the slip is out."""
    async with Visitor(house.ports.kiosk_url) as visitor:
        page = await visitor.press(await visitor.open(), "hand-in")
        page = await visitor.press(page, "size-s")
        await visitor.press(page, "start-deposit", phone="13800000000")
        page = await _step(visitor, "open")
        await house.world.push(int(page.data("compartment") or 0))
        await visitor.press(await _step(visitor, "closed"), "confirm")
        page = await _step(visitor, "result")
        await until(lambda: _slip_is_out(visitor), STEP_WITHIN_S, "the slip is out")
        await visitor.press(page, "finish")


async def _step(visitor: Visitor, step: str) -> Page:
    pages: list[Page] = []

    async def shown() -> bool:
        pages[:] = [await visitor.open()]
        return pages[0].data("step") == step

    await until(shown, STEP_WITHIN_S, f"the kiosk shows {step}")
    return pages[0]


async def _slip_is_out(visitor: Visitor) -> bool:
    return (await visitor.open()).find(data_slip="printed") is not None


def report(starts: dict[str, list[float]], memories: dict[str, list[dict[str, float]]]) -> bool:
    """Print medians and ranges; return whether the targets hold."""
    print_head("", "runs", "median", "least", "most")
    for name, seconds in starts.items():
        _row(f"start to ready, s; {name}", seconds, 2)
    for name, runs in memories.items():
        _row(f"VmRSS after a deposit, MiB; {name}", [run["VmRSS"] for run in runs], 1)
        _row(f"VmHWM (its highest), MiB; {name}", [run["VmHWM"] for run in runs], 1)
    every = [run for runs in memories.values() for run in runs]
    _row("apart: children of the edge, MiB", [run["helpers"] for run in every], 1)
    _row("apart: simulated devices' process, MiB", [run["simulate"] for run in every], 1)
    print(f"  machine now: {machine()}")
    ready = median(starts["fresh store"])
    rss = max(median(run["VmRSS"] for run in runs) for runs in memories.values())
    return print_targets(
        {
            f"ready after {ready:.2f} s (at most {READY_WITHIN_S:g})": ready <= READY_WITHIN_S,
            f"{rss:.1f} MiB (at most {RSS_MIB:g})": rss <= RSS_MIB,
        }
    )


def _row(name: str, values: list[float], digits: int) -> None:
    cells = (f"{value:.{digits}f}" for value in (median(values), min(values), max(values)))
    print_row(name, str(len(values)), *cells)


def main(arguments: list[str] | None = None) -> int:
    """Measure; 0 when the targets hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9, help="starts of each store")
    parser.add_argument("--directory", type=Path, help="on the disk to measure (default: the system's temporary one)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="nightdesk-bench-", dir=options.directory) as directory:
        Path(directory).chmod(0o755)
        print(f"(e) edge: start to ready, and memory; {machine()}", flush=True)
        return 0 if asyncio.run(measure(Path(directory), options.runs)) else 1


if __name__ == "__main__":
    sys.exit(main())
