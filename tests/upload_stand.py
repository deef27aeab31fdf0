"""A hub process, a line that can be cut, and a station's uploader process, for tests and proofs that kill them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from edge.store.unit_of_work import Store
from hall.addresses import free_port
from hall.network import Condition, Fault, Link
from hub.services.file_disk import FileDisk
from hub.services.file_format import PIECE, FileKeys, walk
from hub.services.key_files import shared_secret
from tests.hubs import ROOT, HubProcess
from tests.uploader import CLOCK

MIB = 1024 * 1024
STATION = "dc-24h-01"


class Run:
    """One hub process, one line to it, and a station's uploader process."""

    def __init__(self, folder: Path, broker: str, database: str) -> None:
        self.station, self.token = folder / "station", folder / "token"
        self.files, self._key = folder / "hub-files", folder / "hub-files.key"
        self.database = database
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

    @property
    def disk(self) -> FileDisk:
        """The hub's folder of contents; its key is there once the hub has started."""
        return FileDisk(self.files, FileKeys(shared_secret(self._key)))

    def arrived(self, sha256: str) -> int:
        """How many bytes of it the hub has on its disk."""
        return max(_content_of(path) for path in (self.disk.part(STATION, sha256), self.disk.place(sha256)))

    def is_whole(self, sha256: str) -> bool:
        """Whether the hub has it in its place."""
        return self.disk.place(sha256).exists()

    def content(self, sha256: str) -> bytes:
        """What the hub has of it, whole."""
        with self.disk.whole(sha256) as file:
            return b"".join(file.pieces())

    def parts(self) -> list[Path]:
        """What is left of uploads."""
        return [path for path in (self.files / "parts").rglob("*") if path.is_file()]

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


def _content_of(path: Path) -> int:
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return 0
    try:
        return sum(record.length for record in walk(file) if record.kind == PIECE)
    finally:
        os.close(file)


@asynccontextmanager
async def a_run(folder: Path, broker: str, database: str) -> AsyncIterator[Run]:
    """One run; everything it started is dead at the end."""
    run = Run(folder, broker, database)
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


async def states(run: Run) -> set[str]:
    async with await Store.open(run.station / "station.db", CLOCK) as store:
        return {row.state for row in await store.read(lambda tx: tx.files_of("S"))}


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
