"""Two hub processes on one PostgreSQL that is stopped, crashed, or loses its hubs while the story is told."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from hall.addresses import is_free
from tests.postgres import Cluster
from tests.sweep.chaos import Between, at, beside
from tests.sweep.hub_books import PostgresBooks
from tests.sweep.hub_kills import hub_crashes
from tests.sweep.oracle import judge
from tests.sweep.runner import Found
from tests.sweep.scenario import tell_story
from tests.sweep.stand import Stand
from tests.sweep.station import swept_station

SECONDS = {"moment": 3.0, "minute": 60.0}
PLACES = ("deposit", "staff", "pickup")
FLAPPING, CRASHES = 10, 30
# Below what Linux gives to clients (ip_local_port_range begins at 32768).
LASTING_PORTS = range(20000, 30000)


class DatabaseFaults:
    """Cases `moment:PLACE`, `minute:PLACE` (stopped so long), `crashes:N` (of PostgreSQL), `hubs:N` (of the hubs), and
    `restored:PLACE` (copied there, put back when the text message is waited for, or at the end).
    """

    name = "database"
    lanes = 2

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        return postgres_stand(folder)

    async def cases(self, folder: Path) -> list[str]:
        stopped = [f"{long}:{place}" for long in SECONDS for place in PLACES]
        crashes = [f"crashes:{number}" for number in range(1, FLAPPING + 1)]
        restored = [f"restored:{place}" for place in PLACES[1:]]
        return [*stopped, *crashes, *(f"hubs:{number}" for number in range(1, CRASHES + 1)), *restored]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        what, place = case.split(":")
        server = server_of(stand)
        kills, stops = stand.kills, server.stops
        async with swept_station(stand, stand.station_name(self.name)) as station:
            await station.until_documents()
            if what == "hubs":
                between = hub_crashes(stand, seed)
            elif what == "crashes":
                between = beside(("deposit", "healed"), lambda: _crash(server, random.Random(seed)))
            elif what == "restored":
                between = at(place, server.back_up, server.restore)
                station.rewound = True
            else:
                between = server.stopped(place, SECONDS[what])
            evidence = await tell_story(station, seed, between)
        killed = stand.kills - kills + server.stops - stops
        return Found(killed, judge(evidence), met=killed > 0)


class Server:
    """The PostgreSQL of one stand; counts how often it was stopped or crashed."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._stopped_at: float | None = None
        self.stops = 0

    async def stop(self, mode: str = "fast") -> None:
        self.stops += 1
        self._stopped_at = time.monotonic()
        await _to_its_end(lambda: self._cluster.stop(mode))

    async def start(self) -> None:
        if self._stopped_at is not None:
            await _to_its_end(self._cluster.start)
            self._stopped_at = None

    def stopped(self, place: str, seconds: float) -> Between:
        """Stop it as a visit begins, and start it so long afterwards; people go on, the text message waits."""

        async def back() -> None:
            if self._stopped_at is not None:
                await asyncio.sleep(self._stopped_at + seconds - time.monotonic())
            await self.start()

        return at(place, self.stop, back)

    async def back_up(self) -> None:
        """Copy the files of the stopped cluster, and start it again."""
        await self.stop()
        await _to_its_end(lambda: _copy(self._cluster.folder / "data", self._cluster.folder / "backup"))
        await self.start()

    async def restore(self) -> None:
        """Put the copy back. Whoever does it here forgets to renew the ledger: the hub has to notice."""
        await self.stop()
        await _to_its_end(lambda: _copy(self._cluster.folder / "backup", self._cluster.folder / "data"))
        await self.start()


_SERVERS: dict[Stand, Server] = {}


def server_of(stand: Stand) -> Server:
    """Return the PostgreSQL that belongs to a stand of `postgres_stand`."""
    return _SERVERS[stand]


@asynccontextmanager
async def postgres_stand(folder: Path, *, hubs: int = 2) -> AsyncIterator[Stand]:
    """Make a cluster and a stand on it. The cluster lies where the user postgres may look."""
    outside = _reachable_folder()
    cluster = Cluster(outside / "cluster")
    cluster.port = _lasting_port()
    server = Server(cluster)
    try:
        await asyncio.to_thread(cluster.create)
        await asyncio.to_thread(cluster.start)
        books = PostgresBooks(await asyncio.to_thread(cluster.database, "hub"))
        async with Stand(folder, books=books, hubs=hubs) as stand:
            _SERVERS[stand] = server
            try:
                yield stand
            finally:
                await server.start()
                del _SERVERS[stand]
    finally:
        await asyncio.to_thread(cluster.stop, "immediate")
        shutil.rmtree(outside, ignore_errors=True)


def _lasting_port() -> int:
    """Return a free port that no client is given: one that keeps calling a stopped server may else get its port."""
    ports = (port for port in random.sample(LASTING_PORTS, len(LASTING_PORTS)) if is_free(port))
    return next(ports)


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def _reachable_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="nightdesk-sweep-"))
    folder.chmod(0o711)
    return folder


async def _crash(server: Server, rng: random.Random) -> None:
    try:
        while True:
            await asyncio.sleep(rng.uniform(0.2, 2.5))
            await server.stop("immediate")
            await asyncio.sleep(rng.uniform(0.0, 1.5))
            await server.start()
    finally:
        await server.start()


async def _to_its_end(work: Callable[[], None]) -> None:
    """Run a blocking call in a thread; who is cancelled meanwhile still waits for it."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
