"""Contents that stations send: arriving in parts, hashed here, kept by their hash, and only then said to be here.

Order: the part is whole and synced, its hash is counted, it takes its place, the folder is synced, the row is
committed, and its place is looked at once more, because the sweep may have been there (`file_sweep.py`). A crash in
between leaves a file without a row: it is hashed again and adopted when somebody asks for it. A row without its file (a
restored database, a lost disk) does not count, so that stations which still have it send again.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.clock import Clock
from hub.db.batch import upsert
from hub.db.engine import reading, writing
from hub.db.file_tables import files
from hub.errors import HubError
from hub.services.file_disk import FileDisk, free_bytes, make_folder
from hub.services.file_format import Announced
from hub.services.file_part import Part

log = logging.getLogger(__name__)

T = TypeVar("T")
MIB = 1024 * 1024
# Of one station, unfinished: it sends one file after the other, so more than this is a fault or worse.
UNFINISHED_BYTES, UNFINISHED_FILES = 512 * MIB, 256
# What uploads leave free for the database, which may lie on the same disk.
RESERVE_BYTES = 256 * MIB
# Who is told that a content is here deletes its own copy: its grace begins anew, written down once a day at most.
TOLD_EVERY = timedelta(days=1)
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
        self, engine: AsyncEngine, disk: FileDisk, clock: Clock, free: Callable[[Path], int] = free_bytes
    ) -> None:
        self.engine, self.disk, self.clock, self._free = engine, disk, clock, free
        # Hashing keeps a core busy: one at a time, whoever asks.
        self._hashing = asyncio.Lock()

    async def begin(self, station: str, said: Announced) -> None:
        """Be ready for an upload; one that this station began already goes on.

        Raises:
            QuotaError: too much is unfinished. PartBusyError: it is being sent now, and was announced differently.
            OSError: ENOSPC when there is no room.
        """
        known = await in_thread(lambda: self.disk.announced(self.disk.part(station, said.sha256)))
        if known is not None and known.size != said.size:
            # One of the two sizes is a mistake, and only the hash will tell which: start anew.
            await self._discard(station, said.sha256)
        others = [each for each in await in_thread(lambda: self.disk.unfinished(station)) if each.sha256 != said.sha256]
        if len(others) >= UNFINISHED_FILES or sum(each.size for each in others) + said.size > UNFINISHED_BYTES:
            raise QuotaError("too many unfinished uploads of one station")
        if self._free(self.disk.directory) < said.size + RESERVE_BYTES:
            raise OSError(errno.ENOSPC, "no room for an upload")
        await in_thread(lambda: self.disk.announce(station, said))

    async def open(self, station: str, sha256: str) -> Part | None:
        """Hold an unfinished upload of this station, with what there is of it on the disk; `close` it.

        Raises:
            PartBusyError: another request holds it.
        """
        part = await in_thread(lambda: self.disk.open_part(station, sha256))
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
        said, target = part.said, self.disk.place(part.said.sha256)
        async with self._hashing:
            whole = await in_thread(part.is_whole)
        if not whole:
            await in_thread(part.discard)
            raise WrongHashError("the content does not have the announced hash")
        await in_thread(lambda: make_folder(target.parent))
        await in_thread(lambda: part.place(target))
        await self._commit(said)

    async def size_of(self, sha256: str) -> int | None:
        """Return the size of a content that is here, verified and committed; None for every other."""
        found = await in_thread(lambda: self.disk.look(sha256))
        if found is None:
            return None
        here = await self._tell(found) or await self.adopt(found)
        # The row is ours now, and keeps the sweep away; before it was, the file may have gone.
        return found.size if here and await in_thread(lambda: self.disk.place(sha256).exists()) else None

    async def _tell(self, found: Announced) -> bool:
        """Whether the row says so; a station that is told so now may rely on it for a whole grace."""
        now, f = self.clock.now(), files.c
        mine = (f.sha256 == found.sha256) & (f.size == found.size) & (f.state == "verified")
        async with reading(self.engine) as connection:
            last = await connection.scalar(select(func.coalesce(f.told_at, f.verified_at)).where(mine))
        if last is not None and now - last < TOLD_EVERY:
            return True
        async with writing(self.engine) as connection:
            changed = await connection.execute(update(files).where(mine).values(told_at=now))
        return bool(changed.rowcount)

    async def adopt(self, found: Announced) -> bool:
        """Give a content that lies in its place the row that it lacks; whether it is sound."""
        async with self._hashing:
            sound = await in_thread(lambda: self.disk.is_sound(found.sha256))
        if not sound:
            # It stays until the station has sent it again, which takes its place.
            log.error("a content in the file store is damaged; its station will be asked for it again")
            return False
        await self._commit(found)
        log.info("a content without its row was hashed again and adopted")
        return True

    async def _commit(self, said: Announced) -> None:
        now = self.clock.now()
        row = {
            "sha256": said.sha256, "size": said.size, "media_type": said.media_type, "state": "verified",
            "verified_at": now, "told_at": now,
        }  # fmt: skip
        async with writing(self.engine) as connection:
            await upsert(connection, files, [row])

    async def _discard(self, station: str, sha256: str) -> None:
        part = await self.open(station, sha256)
        if part is not None:
            try:
                await in_thread(part.discard)
            finally:
                part.close()
