"""(c) From the tap on "open" to the unlock frame's bytes on the wire.

A tap is the kiosk page's own POST (the start of a deposit, or "open again"); it ends when the far end of the bus, a
process of its own, has read the unlock frame from its pty. In between lie HTTP, the checks of the form, one commit with
its sync (reservation, grant, events), the bus and the driver. Two real edge processes take turns, each on its own
buses: one with a fresh store, one with 100,000 old events and 10,000 remembered commands; a broker and a small hub
answer both. A raw fdatasync of 4 KiB in the same directory is taken between all taps.

Three ways to tap: while the bus is idle; at a moment drawn at random (the doors are read about four times a second, and
an unlock waits for a read that has begun); and just after a read began, which is the worst moment.

    python -m tests.bench.bench_tap [--taps 210] [--directory DIR]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from tests.bench.edge_process import fill_store
from tests.bench.report import machine, print_head, print_row, print_targets, quantile
from tests.bench.tapped_station import MOST_TAPS, OPENINGS, Moment, TappedStation, open_station
from tests.broker import Mosquitto
from tests.integration.little_hub import LittleHub

OLD_EVENTS, OLD_COMMANDS = 100_000, 10_000
SEED = 20261124
OTHERS_SHARE = 5
AIM_MS = 30.0
MORE_AT_MOST = 1.10
SAYS: dict[Moment, str] = {"idle": "bus idle", "random": "any moment", "read began": "a read just began"}


def sync_once(file: int) -> float:
    """Append 4 KiB and call fdatasync; milliseconds."""
    began = time.perf_counter()
    os.write(file, b"\0" * 4096)
    os.fdatasync(file)
    return (time.perf_counter() - began) * 1000


def plan(taps: int) -> list[Moment]:
    """`taps` idle ones and a fifth as many of each other, mixed; as many as whole visits and the doors allow."""
    counts: dict[Moment, int] = {"idle": taps, "random": taps // OTHERS_SHARE, "read began": taps // OTHERS_SHARE}
    moments = [moment for moment, count in counts.items() for _ in range(count)]
    random.Random(SEED).shuffle(moments)
    return moments[: min(len(moments), MOST_TAPS) // OPENINGS * OPENINGS]


async def measure(directory: Path, taps: int) -> bool:
    """Tap both stations in turn, print, and return whether the aims hold."""
    broker = Mosquitto(directory)
    broker.start()
    try:
        async with AsyncExitStack() as stack:
            full = directory / "full"
            store, shift = full / "station" / "station.db", full / "clock-shift"
            filled = await fill_store(store, shift, events=OLD_EVENTS, commands=OLD_COMMANDS)
            hub = await stack.enter_async_context(LittleHub(broker.port))
            hub.ledger, hub.numbers[filled.epoch] = filled.ledger, dict(filled.numbers)
            stations = [
                await open_station(stack, "bench-fresh", directory / "fresh", broker.port),
                await open_station(stack, "bench-full", full, broker.port),
            ]
            syncs = await _tap_in_turn(stations, plan(taps), directory / "raw")
    finally:
        broker.kill()
    return report(stations[0], stations[1], syncs)


async def _tap_in_turn(stations: list[TappedStation], moments: list[Moment], raw: Path) -> list[float]:
    syncs: list[float] = []
    file = os.open(raw, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for moment in moments:
        for station in stations:
            syncs.append(sync_once(file))
            await station.tap(moment)
    os.close(file)
    return syncs


def report(fresh: TappedStation, full: TappedStation, syncs: list[float]) -> bool:
    """Print all quantiles in milliseconds and the aims; return whether these hold."""
    print_head("", "taps", "p50 ms", "p90 ms", "p99 ms", "max ms")
    _row("raw fdatasync of 4 KiB, in between", syncs)
    for station, store in ((fresh, "fresh store"), (full, "full store")):
        for moment, says in SAYS.items():
            _row(f"{says}; {store}", station.times[moment])
    print(f"  full store: {OLD_EVENTS:,} old events, {OLD_COMMANDS:,} remembered commands; machine now: {machine()}")
    print(f"  left out, because a read began in between: {fresh.disturbed} (fresh), {full.disturbed} (full)")
    p99 = quantile(fresh.times["idle"], 0.99)
    more, more99 = (quantile(full.times["idle"], q) / quantile(fresh.times["idle"], q) for q in (0.5, 0.99))
    return print_targets(
        {
            f"bus idle: p99 is {p99:.1f} ms (aim: {AIM_MS:g})": p99 <= AIM_MS,
            f"full store: {more:.2f} x the p50 (at most {MORE_AT_MOST}); {more99:.2f} x the p99": more <= MORE_AT_MOST,
        }
    )


def _row(name: str, times: list[float]) -> None:
    print_row(name, str(len(times)), *(f"{quantile(times, share):.2f}" for share in (0.5, 0.9, 0.99, 1.0)))


def main(arguments: list[str] | None = None) -> int:
    """Measure; 0 when the aims hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--taps", type=int, default=210, help="taps while the bus is idle, for each store")
    parser.add_argument("--directory", type=Path, help="on the disk to measure (default: the system's temporary one)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="nightdesk-bench-", dir=options.directory) as directory:
        Path(directory).chmod(0o755)
        print(f'(c) tap on "open" to bytes on the wire, {machine()}', flush=True)
        return 0 if asyncio.run(measure(Path(directory), options.taps)) else 1


if __name__ == "__main__":
    sys.exit(main())
