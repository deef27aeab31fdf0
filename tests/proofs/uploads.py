"""A file of 50 MB on its way from a station to a hub: cut lines, and both processes killed at random moments.

The judge reads the disks: what the station still keeps, what lies whole at the hub by its hash, and the hub's rows by
SQL. A station that removed its file while the hub had no verified row and no whole content lost it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from hall.network import Condition, Fault
from hub.db.engine import make_engine, reading
from hub.db.file_tables import files
from hub.services.file_format import DamagedError
from tests.broker import Mosquitto
from tests.postgres import Cluster
from tests.upload_stand import Run, a_run, states
from tests.uploader import hand_in

SIZE = 50_000_000
CUTS = 10
KILLS = ("station", "hub")
# A fault waits for a random place in the file, and then for a random moment; some wait for the last byte, where hash,
# place, row and removal follow each other.
LATEST_S, AT_THE_END = 0.03, 0.08


@dataclass
class Sent:
    """How one file came through; `wrong` is empty when all is well."""

    seed: int
    database: str
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


async def play(runs: int, kills: int, seed: int, told: Callable[[Sent], None]) -> list[Sent]:
    """Send `runs` files, each with ten cuts and `kills` kills of each side; SQLite and PostgreSQL take turns."""
    found = []
    with tempfile.TemporaryDirectory(prefix="nightdesk-uploads-") as name:
        folder = Path(name)
        os.chmod(folder, 0o755)
        async with _servers(folder) as (broker, cluster):
            for number in range(runs):
                kind = ("sqlite", "postgresql")[number % 2]
                place = folder / f"run-{number}"
                place.mkdir()
                url = cluster.database(f"r{number}") if kind == "postgresql" else f"sqlite:///{place}/hub.db"
                sent = Sent(seed + number, kind)
                await _send(sent, place, broker.url, url, kills)
                told(sent)
                found.append(sent)
    return found


@asynccontextmanager
async def _servers(folder: Path) -> AsyncIterator[tuple[Mosquitto, Cluster]]:
    broker, cluster = Mosquitto(folder), Cluster(folder / "cluster")
    await asyncio.to_thread(cluster.create)
    await asyncio.to_thread(cluster.start)
    try:
        broker.start()
        yield broker, cluster
    finally:
        broker.kill()
        await asyncio.to_thread(cluster.stop, "immediate")


async def _send(sent: Sent, place: Path, broker: str, url: str, kills: int) -> None:
    dice, began = random.Random(sent.seed), time.monotonic()
    content = dice.randbytes(SIZE)
    faults = ["cut"] * CUTS + [side for side in KILLS for _ in range(kills)]
    dice.shuffle(faults)
    places = sorted(SIZE if dice.random() < AT_THE_END else dice.randrange(SIZE) for _ in faults)
    async with a_run(place, broker, url) as run:
        (sha256,) = await hand_in(run.station, [content])
        await asyncio.to_thread(run.start_hub)
        run.start_uploader()
        judge = Judge(sent, run, sha256)
        watching = asyncio.create_task(judge.watch())
        for at, fault in zip(places, faults, strict=True):
            await run.until_arrived(sha256, at)
            await asyncio.sleep(dice.uniform(0, LATEST_S))
            sent.faults[fault if run.kept_here() else f"{fault} after the end"] += 1
            await _disturb(run, fault)
            judge.look()
        await run.until_sent()
        await judge.at_the_end(watching, content)
    sent.seconds = time.monotonic() - began


async def _disturb(run: Run, fault: str) -> None:
    """Not waiting for a hub to be ready, unlike the tests: the next fault may meet it half started."""
    if fault == "cut":
        await run.link.set(Condition(Fault.CUT))
        await run.link.set(Condition())
    elif fault == "station":
        run.kill_uploader()
        run.start_uploader()
    else:
        await asyncio.to_thread(run.hub.kill)
        await asyncio.to_thread(run.hub.start)


class Judge:
    """Looks at both disks all the time."""

    def __init__(self, sent: Sent, run: Run, sha256: str) -> None:
        self.sent, self.run, self._sha256 = sent, run, sha256
        self._most = 0

    async def watch(self) -> None:
        """In the moment in which the station's file is gone, the hub must have all of it."""
        while self.run.kept_here():  # noqa: ASYNC110 - a disk sets no event
            await asyncio.sleep(0.002)
        if not await self._row():
            self.sent.wrong.append("the station removed its file before the hub had its row")
        self._require_whole()

    def look(self) -> None:
        """No content is ever half in its place, and none begins anew."""
        now = self.run.arrived(self._sha256)
        if now < self._most:
            self.sent.wrong.append(f"an upload fell back from {self._most:,} to {now:,} bytes")
        self._most = max(self._most, now)
        if self.run.is_whole(self._sha256):
            self._require_whole()

    async def at_the_end(self, watching: asyncio.Task[None], content: bytes) -> None:
        """All is there, once, and nothing is left over."""
        await asyncio.wait_for(watching, 30)
        right = {
            "the content at the hub is another": self.run.content(self._sha256) == content,
            "something of an upload is left": self.run.parts() == [],
            "the station's row is not verified": await states(self.run) == {"verified"},
            "the station still has its file": self.run.kept_here() == 0,
            "the hub failed inside": self.run.hub.log.count("Traceback") == 0,
        }
        self.sent.wrong += [what for what, holds in right.items() if not holds]

    def _require_whole(self) -> None:
        try:
            whole = hashlib.sha256(self.run.content(self._sha256)).hexdigest() == self._sha256
        except (DamagedError, FileNotFoundError):
            whole = False
        if not whole:
            self.sent.wrong.append("a content was half in its place")

    async def _row(self) -> bool:
        engine = make_engine(self.run.database)
        try:
            async with reading(engine) as connection:
                row = await connection.scalar(select(files.c.state).where(files.c.sha256 == self._sha256))
        finally:
            await engine.dispose()
        return bool(row == "verified")
