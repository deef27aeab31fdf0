"""(b) From one load generator through mosquitto to durable rows at the hub, acknowledged.

Side by side in one run, on one PostgreSQL: the ceiling (the database's own batch insert of the same rows, audit and
projection included, 500 events a batch on one connection), one hub, two hubs, and a plain loop (paho, one message an
event, one commit a message). `python -m tests.bench.bench_ingest [--events N]`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.ceiling import run_ceiling
from tests.bench.plain_loop import run_plain_loop
from tests.broker import Mosquitto
from tests.hubs import ROOT, HubProcess, cpu_of
from tests.postgres import Cluster

STATIONS = 32
"""Enough that two hubs seldom wait for the same station's row lock."""
ROUNDS = 2
LOOP_SHARE = 20
"""The plain loop gets only this part of the events: it would take minutes."""


@dataclass(frozen=True)
class Result:
    """One measurement."""

    name: str
    events: int
    seconds: float
    cpu: dict[str, float]

    @property
    def rate(self) -> float:
        return self.events / self.seconds

    def __str__(self) -> str:
        cpu = "  ".join(f"{name} {100 * seconds / self.seconds:.0f} %" for name, seconds in self.cpu.items())
        return f"{self.name:<28}{self.rate:>9,.0f} events/s   {self.events:,} in {self.seconds:.2f} s   CPU: {cpu}"


class Generator:
    """The load generator's process, ready to go."""

    def __init__(self, port: int, seed: int, stations: int, events: int, size: int = 50) -> None:
        numbers = [str(number) for number in (port, seed, stations, events)]
        command = [sys.executable, "-m", "tests.bench.loadgen", *numbers, "--size", str(size)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.read()

    def read(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the load generator ended"
        answer: dict[str, float] = json.loads(line)
        return answer

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def run(self) -> dict[str, float]:
        """Let it go and return its measurement."""
        self.go()
        answer = self.read()
        self._process.wait()
        return answer


def measure_hubs(folder: Path, broker: Mosquitto, database: str, count: int, seed: int, events: int) -> Result:
    hubs = [HubProcess(folder, database, broker.url, f"bench-{count}-{n}") for n in range(count)]
    for hub in hubs:
        hub.start()
    for hub in hubs:
        hub.wait_until_ready()
    try:
        Generator(broker.port, seed + 1, STATIONS, 500).run()  # warm: plans, caches, pages
        generator = Generator(broker.port, seed, STATIONS, events // STATIONS)
        before = [hub.cpu_s() for hub in hubs], cpu_of(broker.pid)
        answer = generator.run()
        cpu = {"generator": answer["cpu"], "mosquitto": cpu_of(broker.pid) - before[1]}
        cpu |= {f"hub {n + 1}": hub.cpu_s() - before[0][n] for n, hub in enumerate(hubs)}
    finally:
        for hub in hubs:
            hub.kill()
    return Result(f"hub x {count} ({STATIONS} stations)", events // STATIONS * STATIONS, answer["seconds"], cpu)


def measure_ceiling(url: str, seed: int, events: int) -> Result:
    count, seconds, cpu = asyncio.run(run_ceiling(url, seed, STATIONS, events))
    return Result("ceiling (batch insert)", count, seconds, {"client": cpu})


def measure_loop(broker: Mosquitto, url: str, seed: int, events: int, size: int) -> Result:
    share = events // STATIONS // LOOP_SHARE
    with run_plain_loop(broker.port, url) as loop:
        generator = Generator(broker.port, seed, STATIONS, share, size)
        began = time.process_time()
        answer = generator.run()
        cpu = {"generator": answer["cpu"], "loop": time.process_time() - began + loop.cpu_s()}
    name = "plain loop, event by event" if size == 1 else f"plain loop, batches of {size}"
    return Result(name, share * STATIONS, answer["seconds"], cpu)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=40_000)
    events = parser.parse_args().events
    folder = Path(tempfile.mkdtemp(prefix="nightdesk-bench-"))
    folder.chmod(0o755)
    broker, cluster = Mosquitto(folder), Cluster(folder / "cluster")
    cluster.create()
    cluster.start()
    broker.start()
    try:
        return compare(folder, broker, cluster, events)
    finally:
        broker.kill()
        cluster.stop("immediate")
        shutil.rmtree(folder)


def compare(folder: Path, broker: Mosquitto, cluster: Cluster, events: int) -> int:
    print(f"(b) ingest: {events:,} events in batches of 50, PostgreSQL on this machine, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    ceilings, ones = [], []
    for turn in range(ROUNDS):
        ceilings.append(said(measure_ceiling(cluster.database(f"ceiling{turn}"), turn, events)))
        ones.append(said(measure_hubs(folder, broker, cluster.database(f"one{turn}"), 1, 10 + 2 * turn, events)))
    two = said(measure_hubs(folder, broker, cluster.database("two"), 2, 30, events))
    loop = said(measure_loop(broker, cluster.database("loop"), 40, events, 1))
    said(measure_loop(broker, cluster.database("loop50"), 50, events, 50))
    # The machine may be shared: of each the better turn.
    ceiling, one = (max(result.rate for result in results) for results in (ceilings, ones))
    print(f"one hub / ceiling        {one / ceiling:.2f}   (wanted: 0.30)")
    print(f"one hub / plain loop     {one / loop.rate:.1f}   (wanted: 4)")
    print(f"two hubs / one hub       {two.rate / one:.2f}   (wanted: 1.4 where there are cores for both)")
    return 0 if one >= 0.3 * ceiling and one >= 4 * loop.rate else 1


def said(result: Result) -> Result:
    """Print a measurement as soon as it is there."""
    print(result, flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
