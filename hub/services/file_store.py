"""Contents that stations send: arriving in parts, hashed here, kept by their hash, and only then said to be here.

Order: the part is whole and synced, its hash is counted, it takes its place, the folder is synced, the row is
committed. A crash in between leaves a file without a row: it is hashed again and adopted when somebody asks for it. A
row without its file (a restored database, a lost disk) does not count, so that stations which still have it send again.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.clock import Clock
from hub.db.batch import upsert
from hub.db.engine import reading, writing
from hub.db.file_tables import files
from hub.errors import HubError
from hub.services import file_disk
from hub.services.file_disk import Announced, Part, free_bytes, place_of

log = logging.getLogger(__name__)

T = TypeVar("T")
MIB = 1024 * 1024
LARGEST_FILE = 64 * MIB
# Of one station, unfinished: it sends one file after the other, so more than this is a fault or worse.
UNFINISHED_BYTES, UNFINISHED_FILES = 512 * MIB, 256
# What uploads leave free for the database, which may lie on the same disk.
RESERVE_BYTES = 256 * MIB
ABANDONED_S, SWEEP_EVERY_S = 48 * 3600.0, 1800.0
UNKNOWN_TYPE = "application/octet-stream"


class QuotaError(HubError):
    """This station has too many unfinished uploads."""


class WrongHashError(HubError):
    """What came is not what was announced; nothing of it was kept."""


async def in_thread(work: Callable[[], T]) -> T:
    """Run it in a thread and see it end, even when cancelled: it uses a file that is closed afterwards."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


class FileStore:
    """One folder of contents, shared by all hub processes of one database."""

    def __init__(
        self, engine: AsyncEngine, directory: Path, clock: Clock, free: Callable[[Path], int] = free_bytes
    ) -> None:
        self._engine, self._directory, self._clock, self._free = engine, directory, clock, free
        # Hashing keeps a core busy: one at a time, whoever asks.
        self._hashing = asyncio.Lock()

    async def begin(self, station: str, said: Announced) -> None:
        """Be ready for an upload; one that this station began already goes on.

        Raises:
            QuotaError: too much is unfinished. PartBusyError: it is being sent now, and was announced differently.
            OSError: ENOSPC when there is no room.
        """
        folder = self._folder(station)
        known = await in_thread(lambda: file_disk.read_announced(folder, said.sha256))
        if known is not None and known.size != said.size:
            # One of the two sizes is a mistake, and only the hash will tell which: start anew.
            await self._discard(station, said.sha256)
        others = [each for each in await in_thread(lambda: file_disk.unfinished(folder)) if each.sha256 != said.sha256]
        if len(others) >= UNFINISHED_FILES or sum(each.size for each in others) + said.size > UNFINISHED_BYTES:
            raise QuotaError("too many unfinished uploads of one station")
        if self._free(self._directory) < said.size + RESERVE_BYTES:
            raise OSError(errno.ENOSPC, "no room for an upload")
        await in_thread(lambda: file_disk.announce(folder, said))

    async def open(self, station: str, sha256: str) -> Part | None:
        """Hold an unfinished upload of this station, with what there is of it on the disk; `close` it.

        Raises:
            PartBusyError: another request holds it.
        """
        folder = self._folder(station)
        part = await in_thread(lambda: Part.open(folder, sha256))
        if part is not None:
            try:
                await in_thread(part.sync)
            except BaseException:
                part.close()
                raise
        return part

    async def finish(self, part: Part) -> None:
        """Take a part that has all its bytes, synced, among the contents that are here.

        Raises:
            WrongHashError: it is another content; the part is gone.
        """
        said, target = part.said, place_of(self._directory, part.said.sha256)
        async with self._hashing:
            whole = await in_thread(part.is_whole)
        if not whole:
            await in_thread(part.discard)
            raise WrongHashError("the content does not have the announced hash")
        await in_thread(lambda: part.place(target))
        await self._commit(said)
        await in_thread(part.forget)

    async def size_of(self, sha256: str) -> int | None:
        """Return the size of a content that is here, verified and committed; None for every other."""
        path = place_of(self._directory, sha256)
        size = await in_thread(lambda: path.stat().st_size if path.is_file() else None)
        if size is None:
            return None
        query = select(files.c.size).where(files.c.sha256 == sha256, files.c.state == "verified")
        async with reading(self._engine) as connection:
            known: int | None = await connection.scalar(query)
        return size if size == known or await self._adopt(sha256, size) else None

    async def keep_swept(self) -> None:
        """Remove abandoned parts now and then, until cancelled."""
        while True:
            before = time.time() - ABANDONED_S  # the disk's time, not the shifted clock's
            try:
                removed = await in_thread(partial(file_disk.remove_older, self._directory, before))
            except OSError as error:
                log.warning("abandoned uploads were not removed: %s", error.strerror)
            else:
                if removed:
                    log.info("%d abandoned uploads were removed", removed)
            await asyncio.sleep(SWEEP_EVERY_S)

    async def _adopt(self, sha256: str, size: int) -> bool:
        path = place_of(self._directory, sha256)
        async with self._hashing:
            hashed = await in_thread(lambda: file_disk.hash_of(path))
        if hashed != sha256:
            log.error("a content in the file store is damaged; it was removed")
            await in_thread(lambda: path.unlink(missing_ok=True))
            return False
        await in_thread(lambda: file_disk.sync_folder(path.parent))
        media_type = await in_thread(lambda: file_disk.find_media_type(self._directory, sha256))
        await self._commit(Announced(sha256, size, media_type or UNKNOWN_TYPE))
        log.info("a content without its row was hashed again and adopted")
        return True

    async def _commit(self, said: Announced) -> None:
        row = {
            "sha256": said.sha256,
            "size": said.size,
            "media_type": said.media_type,
            "state": "verified",
            "verified_at": self._clock.now(),
        }
        async with writing(self._engine) as connection:
            await upsert(connection, files, [row])

    async def _discard(self, station: str, sha256: str) -> None:
        part = await self.open(station, sha256)
        if part is not None:
            try:
                await in_thread(part.discard)
            finally:
                part.close()

    def _folder(self, station: str) -> Path:
        return self._directory / file_disk.PARTS / station
