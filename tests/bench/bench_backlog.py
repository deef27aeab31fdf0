"""(d) A backlog of one station that was offline for long: it drains in order, and the hub's memory stays flat.

`python -m tests.bench.bench_backlog [--events 100000] [--database sqlite|postgresql|both]`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from tests.bench.bench_ingest import Generator
from tests.broker import Mosquitto
from tests.hubs import HubProcess, cpu_of
from tests.postgres import Cluster

EVERY_S = 0.2
FLAT_MIB = 30
"""The hub may grow by this much between the first tenth of the backlog and its end."""


class Watch:
    """Reads the hub's memory while the backlog drains."""

    def __init__(self, hub: HubProcess) -> None:
        self._hub, self._end = hub, threading.Event()
        self.samples: list[float] = []
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(EVERY_S):
            self.samples.append(self._hub.rss_mib())


def measure(folder: Path, broker: Mosquitto, name: str, database: str, seed: int, events: int) -> bool:
    hub = HubProcess(folder, database, broker.url, f"backlog-{name}")
    hub.start()
    hub.wait_until_ready()
    try:
        generator = Generator(broker.port, seed, 1, events)
        cpu, broker_cpu = hub.cpu_s(), cpu_of(broker.pid)
        with Watch(hub) as watch:
            seconds = generator.run()["seconds"]
        used = f"hub {(hub.cpu_s() - cpu) / seconds:.0%}  mosquitto {(cpu_of(broker.pid) - broker_cpu) / seconds:.0%}"
        early = max(watch.samples[: max(1, len(watch.samples) // 10)])
        grown = max(watch.samples) - early
        print(
            f"{name:<12}{events:>9,} events in {seconds:6.1f} s   {events / seconds:>8,.0f} events/s   "
            f"RSS {early:.0f} MiB early, {max(watch.samples):.0f} MiB at most (+{grown:.1f})   CPU: {used}",
            flush=True,
        )
        return grown <= FLAT_MIB
    finally:
        hub.kill()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nightdesk-bench-"))
    folder.chmod(0o755)
    broker, cluster = Mosquitto(folder), Cluster(folder / "cluster")
    cluster.create()
    cluster.start()
    broker.start()
    print(f"(d) backlog of one station, batches of 50, eight in flight; {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    databases = {"sqlite": f"sqlite:///{folder}/hub.db", "postgresql": cluster.database("backlog")}
    chosen = databases if options.database == "both" else {options.database: databases[options.database]}
    try:
        flat = [
            measure(folder, broker, name, url, 100 + n, options.events) for n, (name, url) in enumerate(chosen.items())
        ]
    finally:
        broker.kill()
        cluster.stop("immediate")
        shutil.rmtree(folder)
    return 0 if all(flat) else 1


if __name__ == "__main__":
    sys.exit(main())
