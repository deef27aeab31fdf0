"""(f) Five boards with 24 doors each on one bus of 9600 baud: how long a full poll, a change and an unlock take.

The station's real services, drivers and kiosk run in this process; the boards are a process of their own that lets
every byte pass at its own time (`bus_peer.py`). Three figures, each beside what the bytes alone take on the line:

- full poll: from the moment a board begins to be asked until the last of the five has answered;
- door change: from the moment somebody opens a door until the station's picture shows it (two answers must agree);
- code to coil: from the kiosk's POST of a right pickup code until the unlock frame's last byte is on the line.

Once with 5 ms of quiet between two conversations (enough for a board in the field) and once with the 200 ms that
vendors' programs leave.

    python -m tests.bench.bench_bus [--pickups 120] [--changes 40] [--directory DIR]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from edge.clock import SystemClock
from edge.config import BoardConfig
from edge.core.compartment import Allocation, Compartment, Item
from edge.kiosk.app import create_kiosk
from edge.lockers.registry import open_boards
from edge.ports import Door
from edge.services.door_control import Channel
from edge.services.station import FittedCompartment, Station, Timings
from edge.store.compartments import Fitted
from edge.store.unit_of_work import Store, Transaction
from hall.processes import ROOT, environment, python
from tests.bench.report import machine, print_head, print_row, print_targets, quantile
from tests.materials import kept_in
from tests.unit.edge.kiosk.page import NAMES, ORIGIN, Person, screen
from tests.unit.edge.services.night import CODE_KEY, GlassSealer, unseal

BOARDS, CHANNELS = 5, 24
BYTE_MS, THINKS_MS = 10 / 9.6, 5.0
QUERY, STATUS, UNLOCK = 5, 7, 5
FULL_POLL_MS, CHANGE_MS, UNLOCK_MS = 1000.0, 1200.0, 150.0
CASE = "11110101MB00001A9B400013100100020261124"
SEED = 20261124


@dataclass
class Wire:
    """What the far end has seen: milliseconds of CLOCK_MONOTONIC."""

    process: Process
    queries: list[tuple[float, int]] = field(default_factory=list)
    answers: list[tuple[float, int]] = field(default_factory=list)
    unlocks: asyncio.Queue[float] = field(default_factory=asyncio.Queue)
    opened: asyncio.Queue[float] = field(default_factory=asyncio.Queue)

    async def follow(self) -> None:
        """Take down what it says, until cancelled."""
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            at, what, board, *_ = line.split()
            match what:
                case b"query":
                    self.queries.append((int(at) / 1e6, int(board)))
                case b"answer":
                    self.answers.append((int(at) / 1e6, int(board)))
                case b"unlock":
                    self.unlocks.put_nowait(int(at) / 1e6)
                case _:
                    self.opened.put_nowait(int(at) / 1e6)

    async def open_door(self, number: int) -> float:
        """Let somebody open a door; return when."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"open %d %d\n" % _where(number))
        return await self.opened.get()

    def full_polls(self) -> list[float]:
        """How long it took from each beginning of a query until every board has answered one asked after that."""
        spans = []
        for begun, _ in self.queries:
            asked = {board: at for at, board in reversed(self.queries) if at >= begun}
            ends = [
                min((at for at, b in self.answers if b == board and at > first), default=None)
                for board, first in asked.items()
            ]
            if len(asked) == BOARDS and None not in ends:
                spans.append(max(end for end in ends if end is not None) - begun + QUERY * BYTE_MS)
        return spans


@dataclass(frozen=True)
class Figures:
    """Milliseconds."""

    full_poll: list[float]
    change: list[float]
    unlock: list[float]


def _where(number: int) -> tuple[int, int]:
    board, channel = divmod(number - 1, CHANNELS)
    return board + 1, channel + 1


@asynccontextmanager
async def _peer(path: Path) -> AsyncIterator[Wire]:
    command = python("tests.bench.bus_peer", str(path), str(BOARDS), str(CHANNELS))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment(), stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    await process.stdout.readline()
    wire = Wire(process)
    following = asyncio.create_task(wire.follow())
    try:
        yield wire
    finally:
        process.stdin.close()
        await process.wait()
        following.cancel()


@asynccontextmanager
async def _station(folder: Path, port: Path, quiet_ms: int) -> AsyncIterator[tuple[Station, Store]]:
    clock, settings = SystemClock("Asia/Shanghai"), {"quiet_ms": quiet_ms}
    configs = [
        BoardConfig(
            name=f"b{n}", family="lock8a", port=str(port), address=n, channels=CHANNELS, settings=dict(settings)
        )
        for n in range(1, BOARDS + 1)
    ]
    fitted = [
        FittedCompartment(Fitted(n, "s", "middle"), Channel(f"b{_where(n)[0]}", _where(n)[1]))
        for n in range(1, BOARDS * CHANNELS + 1)
    ]
    async with (
        await Store.open(folder / "station.db", clock) as store,
        open_boards(folder / "station.toml", configs) as boards,
    ):
        station = Station(
            store,
            boards,
            None,
            fitted,
            kept_in(folder, store),
            clock,
            GlassSealer(),
            boot=(await store.identity()).boot,
            code_key=CODE_KEY,
            names=("试", "Bench"),
            timings=Timings(idle_s=60),
        )
        await station.start()
        running = asyncio.create_task(station.run())
        try:
            yield station, store
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def _load_all(station: Station, store: Store) -> dict[int, str]:
    """Put an item behind every door; return the codes."""
    numbers, expires = range(1, BOARDS * CHANNELS + 1), datetime.now(UTC) + timedelta(days=1)

    def work(tx: Transaction) -> tuple[list[Compartment], dict[int, str]]:
        codes, loaded = {}, []
        for number in numbers:
            case = f"{CASE}{number:04d}"
            loaded.append(replace(tx.compartment(number), allocation=Allocation.OCCUPIED, content=Item(case)))
            tx.save(loaded[-1])
            codes[number] = unseal(station.codes.draw(tx, number, case, expires).code_sealed)
        return loaded, codes

    loaded, codes = await store.transact(work)
    station.picture.note(loaded)
    return codes


async def _pick_up(one: Person, wire: Wire, number: int, code: str, source: random.Random) -> float:
    """One visit; milliseconds from the POST of the code to the coil's frame."""
    await one.post("/go", to="pickup")
    await one.post("/pickup/number", number=str(number))
    # At any moment of the polling.
    await asyncio.sleep(source.uniform(0, 0.5))
    tapped = time.monotonic_ns() / 1e6
    await one.post("/pickup/start", code=code)
    took = await asyncio.wait_for(wire.unlocks.get(), 20) - tapped
    async with asyncio.timeout(20):
        while screen(await one.look()) != ("pickup", "closed"):  # noqa: ASYNC110  a page sets no event
            await asyncio.sleep(0.05)
    await one.post("/confirm", answer="confirmed")
    await one.post("/finish")
    return took


async def _change(station: Station, wire: Wire, number: int, source: random.Random) -> float:
    await asyncio.sleep(source.uniform(0.3, 0.8))
    began = await wire.open_door(number)
    async with asyncio.timeout(20):
        while station.doors.door(number) is not Door.OPEN:
            await station.doors.changes.after(station.doors.changes.revision)
        took = time.monotonic_ns() / 1e6 - began
        while station.doors.door(number) is not Door.CLOSED:
            await station.doors.changes.after(station.doors.changes.revision)
    return took


async def measure(folder: Path, quiet_ms: int, pickups: int, changes: int) -> Figures:
    """Run one station over one bus."""
    source = random.Random(SEED)
    async with _peer(folder / "bus") as wire, _station(folder, folder / "bus", quiet_ms) as (station, store):
        codes = await _load_all(station, store)
        async with _kiosk(station) as one:
            numbers = source.sample(sorted(codes), pickups)
            unlock = [await _pick_up(one, wire, number, codes[number], source) for number in numbers]
        wire.queries.clear()
        wire.answers.clear()
        doors = [source.randrange(1, BOARDS * CHANNELS + 1) for _ in range(changes)]
        change = [await _change(station, wire, number, source) for number in doors]
        return Figures(wire.full_polls(), change, unlock)


@asynccontextmanager
async def _kiosk(station: Station) -> AsyncIterator[Person]:
    kiosk = create_kiosk(station.desk, NAMES, origin=ORIGIN)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(kiosk), base_url=ORIGIN) as client:
        one = Person(client)
        await one.look()
        yield one


def line_ms(quiet_ms: int) -> dict[str, float]:
    """What bytes, boards and demanded silences alone take: one conversation five times; two for a change; one frame."""
    talk = (QUERY + STATUS) * BYTE_MS + THINKS_MS
    return {
        "full poll": BOARDS * talk + (BOARDS - 1) * quiet_ms,
        "door change": 2 * talk + quiet_ms,
        "code to coil": UNLOCK * BYTE_MS,
    }


def report(quiet_ms: int, figures: Figures) -> dict[str, float]:
    """Print one table; return the quantiles that targets are about."""
    alone = line_ms(quiet_ms)
    rows = {"full poll": figures.full_poll, "door change": figures.change, "code to coil": figures.unlock}
    print_head(f"{quiet_ms} ms quiet, milliseconds", "line", "p50", "p99", "most", "of")
    for name, values in rows.items():
        cells = [alone[name], quantile(values, 0.5), quantile(values, 0.99), max(values)]
        print_row(name, *(f"{cell:.0f}" for cell in cells), str(len(values)))
    return {
        "full poll": max(figures.full_poll),
        "door change": max(figures.change),
        "code to coil": quantile(figures.unlock, 0.99),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure; 0 when the targets hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pickups", type=int, default=120, help="at most one for each door")
    parser.add_argument("--changes", type=int, default=40)
    parser.add_argument("--directory", type=Path, help="on the disk to measure (default: the system's temporary one)")
    options = parser.parse_args(arguments)
    print(f"(f) five boards with 24 doors on one bus of 9600 baud, {machine()}", flush=True)
    with tempfile.TemporaryDirectory(prefix="nightdesk-bench-", dir=options.directory) as directory:
        for name in ("quick", "vendor"):
            (Path(directory) / name).mkdir()
        quick = report(5, asyncio.run(measure(Path(directory) / "quick", 5, options.pickups, options.changes)))
        few = max(1, options.pickups // 4), max(1, options.changes // 4)
        report(200, asyncio.run(measure(Path(directory) / "vendor", 200, *few)))
    return 0 if print_targets({
        f"5 ms quiet: every full poll within {FULL_POLL_MS:.0f} ms": quick["full poll"] <= FULL_POLL_MS,
        f"5 ms quiet: every door change known within {CHANGE_MS:.0f} ms": quick["door change"] <= CHANGE_MS,
        f"5 ms quiet: code to coil within {UNLOCK_MS:.0f} ms (p99)": quick["code to coil"] <= UNLOCK_MS,
    }) else 1  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
