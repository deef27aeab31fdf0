"""Durable outbox puts: one at a time and many at once, beside raw fdatasync, persist-queue and a commit per row.

All rivals take turns within one run on one file system, in a fresh random order each round, because the speed of a sync
on a shared machine swings by a factor of 30 within minutes: only ratios within a run mean anything. What is put is the
same event (about 250 bytes of JSON); ours also builds, numbers and validates it, and crosses from the event loop to the
store's thread and back, as in the product.

    python -m tests.bench.bench_outbox [--rounds 2000] [--directory DIR]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import persistqueue

from contract.events import DepositMade
from contract.ids import new_receipt_number
from edge.clock import SystemClock
from edge.store.unit_of_work import Store

PRODUCERS = 256
GROUPED_ROWS = 40_000
SLICES = 4
COUNTED_PUTS = 300
EVENT = DepositMade(receipt_number=new_receipt_number(random.Random(7).randrange), compartment=12, size="m")

Put = Callable[[], Awaitable[object]]


async def open_store(directory: Path) -> Store:
    """Open a fresh store of the product, on a real clock."""
    return await Store.open(directory / "outbox" / "station.db", SystemClock("Asia/Shanghai"), software="bench")


def put_into(store: Store) -> Put:
    """One unit of work with one event."""
    return lambda: store.transact(lambda tx: tx.emit(EVENT, uuid4()))


def raw_put(directory: Path, body: bytes) -> Put:
    """Append the event's bytes to a file and call fdatasync: the floor of what durable can cost."""
    file = os.open(directory / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def put() -> None:
        os.write(file, body)
        os.fdatasync(file)

    return put


def sqlite_queue_put(directory: Path, body: bytes) -> Put:
    """persist-queue's SQLite queue, committing each put (WAL, SQLite's default synchronous=FULL)."""
    queue = persistqueue.SQLiteQueue(str(directory / "persist-sqlite"), auto_commit=True)

    async def put() -> None:
        queue.put(body)

    return put


def file_queue_put(directory: Path, body: bytes) -> Put:
    """persist-queue's file queue, saved and synced at each put."""
    queue = persistqueue.Queue(str(directory / "persist-file"), autosave=True)

    async def put() -> None:
        queue.put(body)

    return put


def naive_put(directory: Path, body: bytes) -> Put:
    """What one writes first: SQLite as it comes, one INSERT and one commit per row."""
    connection = sqlite3.connect(directory / "naive.db", isolation_level=None)
    connection.execute("CREATE TABLE outbox (seq INTEGER PRIMARY KEY, body BLOB)")

    async def put() -> None:
        connection.execute("INSERT INTO outbox (body) VALUES (?)", (body,))

    return put


async def _interleaved(rivals: dict[str, Put], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in rivals}
    order = list(rivals)
    shuffle = random.Random(20261124).shuffle
    for number in range(rounds + 50):
        shuffle(order)
        for name in order:
            began = time.perf_counter()
            await rivals[name]()
            if number >= 50:
                times[name].append(time.perf_counter() - began)
    return times


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


def report_single(times: dict[str, list[float]]) -> float:
    """Print p50, p99 and their ratio to raw fdatasync; return our p99's ratio."""
    raw50, raw99 = (_quantile(times["raw fdatasync"], share) for share in (0.5, 0.99))
    print(f"{'single durable put':36}{'p50 us':>10}{'p99 us':>10}{'p50 ratio':>11}{'p99 ratio':>11}{'rows/s':>10}")
    for name, values in times.items():
        p50, p99 = _quantile(values, 0.5), _quantile(values, 0.99)
        rate = len(values) / sum(values)
        print(f"  {name:34}{p50 * 1e6:10.0f}{p99 * 1e6:10.0f}{p50 / raw50:11.2f}{p99 / raw99:11.2f}{rate:10.0f}")
    return _quantile(times["nightdesk outbox"], 0.99) / raw99


async def _producers(put: Put, rows: int) -> None:
    async def produce(share: int) -> None:
        for _ in range(share):
            await put()

    await asyncio.gather(*(produce(rows // PRODUCERS) for _ in range(PRODUCERS)))


async def _alone(put: Put, rows: int) -> None:
    for _ in range(rows):
        await put()


async def _rates(rivals: dict[str, Put]) -> dict[str, float]:
    """Rows per second; every rival gets its slices in turn."""
    seconds, rows = dict.fromkeys(rivals, 0.0), dict.fromkeys(rivals, 0)
    for _ in range(SLICES):
        for name, put in rivals.items():
            share = GROUPED_ROWS // SLICES // PRODUCERS * PRODUCERS if name == "nightdesk outbox" else 500
            began = time.perf_counter()
            await (_producers if name == "nightdesk outbox" else _alone)(put, share)
            seconds[name] += time.perf_counter() - began
            rows[name] += share
    return {name: rows[name] / seconds[name] for name in rivals}


def report_grouped(rates: dict[str, float]) -> tuple[float, float]:
    """Print rows per second; return ours, and its ratio to the faster persist-queue."""
    ours = rates["nightdesk outbox"]
    print(f"{f'many at once ({PRODUCERS} producers)':36}{'rows/s':>10}{'ours/theirs':>13}")
    for name, rate in rates.items():
        print(f"  {name:34}{rate:10.0f}{ours / rate:13.1f}")
    return ours, ours / max(rate for name, rate in rates.items() if name.startswith("persist-queue"))


async def _counted(directory: Path, puts: int) -> None:
    async with await open_store(directory) as store:
        await _alone(put_into(store), puts)


def count_syncs(directory: Path) -> float:
    """Syncs of one put: strace counts two child runs that differ in their number of puts alone."""
    totals = []
    for puts in (0, COUNTED_PUTS):
        where = directory / f"counted-{puts}"
        where.mkdir()
        trace = where / "trace"
        command = ["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o", str(trace)]
        command += [sys.executable, "-m", "tests.bench.bench_outbox", "--count", str(puts), "--directory", str(where)]
        subprocess.run(command, check=True)
        totals.append(len(re.findall(r"\b(?:fsync|fdatasync|sync_file_range|msync)\(", trace.read_text())))
    return (totals[1] - totals[0]) / COUNTED_PUTS


async def measure(directory: Path, rounds: int) -> bool:
    """Run everything, print it, and return whether the targets hold."""
    async with await open_store(directory) as store:
        body = (await store.transact(lambda tx: tx.emit(EVENT, uuid4()))).to_bytes()
        rivals = {
            "raw fdatasync": raw_put(directory, body),
            "nightdesk outbox": put_into(store),
            "persist-queue SQLite": sqlite_queue_put(directory, body),
            "persist-queue file": file_queue_put(directory, body),
            "naive commit per row": naive_put(directory, body),
        }
        ratio = report_single(await _interleaved(rivals, rounds))
        rate, times = report_grouped(await _rates(rivals))
    syncs = count_syncs(directory)
    print(f"syncs per put, counted by strace: {syncs:.3f}")
    held = {
        f"p99 of a single put is {ratio:.2f} x raw fdatasync (at most 2)": ratio <= 2,
        f"{rate:.0f} rows/s, {times:.1f} x persist-queue (20,000 or 4 x)": rate >= 20_000 or times >= 4,
        f"{syncs:.3f} syncs a put (one)": abs(syncs - 1) < 0.05,
    }
    for target, holds in held.items():
        print(f"  {'holds ' if holds else 'MISSED'} {target}")
    return all(held.values())


def main(arguments: list[str] | None = None) -> int:
    """Measure; 0 when the targets hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2000)
    parser.add_argument("--directory", type=Path, help="on the disk to measure (default: the system's temporary one)")
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.count is not None:
        asyncio.run(_counted(options.directory, options.count))
        return 0
    with tempfile.TemporaryDirectory(prefix="nightdesk-bench-", dir=options.directory) as directory:
        print(f"(a) outbox, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} CPUs")
        return 0 if asyncio.run(measure(Path(directory), options.rounds)) else 1


if __name__ == "__main__":
    sys.exit(main())
