"""Files on their way from a station to a hub, with cuts and kills at random places: whole there before gone here.

The seed is fixed; the places of the cuts follow from how many bytes the hub has of the file, not from time.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

from edge.store.unit_of_work import Store
from hall.addresses import free_port
from hall.network import Condition, Fault, Link
from tests.broker import Mosquitto
from tests.hubs import ROOT, HubProcess
from tests.uploader import CLOCK, hand_in

SEED = 11
MIB = 1024 * 1024
SIZE, CUTS, KILLS = 50 * MIB, 10, 2
STATION = "dc-24h-01"


class Run:
    """One hub process, one line to it, and a station's uploader process."""

    def __init__(self, folder: Path, broker: str) -> None:
        self.station, self.token = folder / "station", folder / "token"
        self.files = folder / "hub-files"
        self.database = f"sqlite:///{folder}/hub.db"
        self.hub = HubProcess(folder, self.database, broker)
        self.link = Link("files", free_port(), self.hub.port)
        self._log = folder / "uploader.log"
        self.uploader: subprocess.Popen[bytes] | None = None

    def start_hub(self, wrapper: tuple[str, ...] = ()) -> None:
        self.hub.start(wrapper)
        self.hub.wait_until_ready()

    def start_uploader(self) -> None:
        url = f"http://127.0.0.1:{self.link.port}"
        command = [sys.executable, "-m", "tests.uploader", str(self.station), url, str(self.token)]
        with self._log.open("ab") as log:
            self.uploader = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def kill_uploader(self) -> None:
        assert self.uploader is not None
        self.uploader.kill()
        self.uploader.wait()

    def arrived(self, sha256: str) -> int:
        """How many bytes of it the hub has on its disk."""
        sizes = (_size(each) for each in (self._part(sha256), self.files / sha256[:2] / sha256))
        return max(sizes)

    def is_whole(self, sha256: str) -> bool:
        """Whether the hub has it in its place."""
        return (self.files / sha256[:2] / sha256).exists()

    def _part(self, sha256: str) -> Path:
        return self.files / "parts" / STATION / f"{sha256}.part"

    async def until(self, probe: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
        async with asyncio.timeout(seconds):
            while not await probe():
                assert self.uploader is None or self.uploader.poll() in (None, 0), self.log()
                await asyncio.sleep(0.005)

    async def until_arrived(self, sha256: str, size: int) -> None:
        async def there() -> bool:
            return self.arrived(sha256) >= size

        await self.until(there)

    async def until_sent(self) -> None:
        assert self.uploader is not None
        assert await asyncio.to_thread(self.uploader.wait, 60) == 0, self.log()

    def log(self) -> str:
        return self._log.read_text()[-3000:]

    def kept_here(self) -> int:
        """How many files the station still has."""
        return len(list((self.station / "files").iterdir()))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@asynccontextmanager
async def a_run(folder: Path, broker: str) -> AsyncIterator[Run]:
    run = Run(folder, broker)
    await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "hub", "station", "add", STATION, "--token-file", str(run.token),
         "--database", run.database],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    await run.link.open()
    try:
        yield run
    finally:
        await run.link.close()
        run.hub.kill()
        if run.uploader is not None:
            run.kill_uploader()


def assert_whole_there(run: Run, contents: list[bytes]) -> None:
    for content in contents:
        sha256 = hashlib.sha256(content).hexdigest()
        assert (run.files / sha256[:2] / sha256).read_bytes() == content
    assert list((run.files / "parts").rglob("*.part")) == []
    assert list((run.files / "parts").rglob("*.json")) == []


async def states(run: Run) -> set[str]:
    async with await Store.open(run.station / "station.db", CLOCK) as store:
        return {row.state for row in await store.read(lambda tx: tx.files_of("S"))}


async def test_fifty_megabytes_survive_ten_cuts_and_kills_of_both_ends(tmp_path: Path, mosquitto: Mosquitto) -> None:
    dice = random.Random(SEED)
    content = dice.randbytes(SIZE)
    places = sorted(dice.sample(range(MIB, SIZE - 4 * MIB), CUTS + 2 * KILLS))
    faults = ["cut"] * CUTS + ["station"] * KILLS + ["hub"] * KILLS
    dice.shuffle(faults)
    async with a_run(tmp_path, mosquitto.url) as run:
        (sha256,) = await hand_in(run.station, [content])
        run.start_hub()
        run.start_uploader()
        seen: list[int] = []
        for place, fault in zip(places, faults, strict=True):
            await run.until_arrived(sha256, place)
            await disturb(run, fault)
            seen.append(run.arrived(sha256))
            # The last pieces may have gone while a hub was starting.
            assert run.kept_here() == 1 or run.is_whole(sha256)
        assert seen == sorted(seen), "an upload began anew"
        await run.until_sent()
        assert_whole_there(run, [content])
        assert (run.kept_here(), await states(run)) == (0, {"verified"})
        # Everything that went over the line more than once: nothing like a second file.
        assert run.hub.log.count("Traceback") == 0


async def test_a_full_disk_at_the_hub_is_waited_for(tmp_path: Path, mosquitto: Mosquitto) -> None:
    contents = [random.Random(SEED).randbytes(size) for size in (6 * MIB, MIB)]
    async with a_run(tmp_path, mosquitto.url) as run:
        large, small = await hand_in(run.station, contents)
        run.start_hub(("prlimit", f"--fsize={4 * MIB}"))
        run.start_uploader()

        async def full() -> bool:
            return "no room for uploads" in run.hub.log

        await run.until(full)
        # What a disk refuses of one file need not be so for others; here the uploader waits for the whole hub.
        assert run.arrived(large) <= 4 * MIB
        assert run.kept_here() == 2

        async def told() -> bool:
            return "507" in run.log()

        await run.until(told)
        run.hub.kill()
        run.start_hub()
        await run.until_sent()
        assert run.arrived(small) == MIB
        assert_whole_there(run, contents)
        assert (run.kept_here(), await states(run)) == (0, {"verified"})


async def test_a_hub_killed_between_place_and_row_adopts_the_file(tmp_path: Path, mosquitto: Mosquitto) -> None:
    content = random.Random(SEED).randbytes(3 * MIB)
    async with a_run(tmp_path, mosquitto.url) as run:
        (sha256,) = await hand_in(run.station, [content])
        run.start_hub()
        with closing(sqlite3.connect(tmp_path / "hub.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # nobody else commits now
            run.start_uploader()

            async def in_place() -> bool:
                return run.is_whole(sha256)

            await run.until(in_place)
            await asyncio.sleep(0.2)
            assert run.kept_here() == 1
            run.hub.kill()
            other.execute("ROLLBACK")
            assert other.execute("SELECT count(*) FROM files").fetchone() == (0,)
        run.start_hub()
        await run.until_sent()
        assert "adopted" in run.hub.log
        assert (run.kept_here(), await states(run)) == (0, {"verified"})
        assert (run.files / sha256[:2] / sha256).read_bytes() == content


async def disturb(run: Run, fault: str) -> None:
    if fault == "cut":
        await run.link.set(Condition(Fault.CUT))
        await run.link.set(Condition())
    elif fault == "station":
        run.kill_uploader()
        run.start_uploader()
    else:
        run.hub.kill()
        run.start_hub()
