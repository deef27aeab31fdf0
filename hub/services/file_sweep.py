"""Contents that no submission names go after a long grace, uploads that nobody goes on with after two days.

A station hands in by one commit: the event that names a content is older than the content's way here, and yet may come
weeks later, because the line was down, or because this hub does not know its type yet. So the grace counts from when a
station was last told that a content is here, it is long, and what any stored event names that was not projected stays.

Order: the row goes and the file leaves its place inside one transaction that no submission can be projected beside;
then it is committed; then the file is unlinked. A crash before the commit leaves a row whose file lies in `removed/`:
it is put back at the next sweep. One after it leaves a file there without a row: it goes at the next sweep.

Contents in their place without a row are adopted: of a crash before the commit, or of a database restored from a backup
that is older. Their stations have been told and will not ask again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from datetime import timedelta
from functools import partial

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.engine import is_away, is_postgresql, reading, writing
from hub.db.file_tables import files
from hub.db.submission_tables import submission_files
from hub.db.tables import deposits, events
from hub.services.file_disk import REMOVED, make_folder
from hub.services.file_part import sync_folder
from hub.services.file_store import FileStore, in_thread

log = logging.getLogger(__name__)

ABANDONED_S, SWEEP_EVERY_S = 48 * 3600.0, 1800.0
DAYS_UNNAMED = 180
AT_ONCE = 200


class FileSweep:
    """`days` is the grace of contents without a name; 0 keeps them for ever."""

    def __init__(self, store: FileStore, days: int = DAYS_UNNAMED) -> None:
        self._store, self._days = store, days
        self._engine, self._disk, self._clock = store.engine, store.disk, store.clock
        self._damaged: set[str] = set()

    async def keep(self) -> None:
        """Sweep now and then, until cancelled."""
        while True:
            try:
                await self.once(time.time())
            except Exception as error:
                if not is_away(error):
                    raise
                log.warning("the file store was not swept (%s)", type(error).__name__)
            await asyncio.sleep(SWEEP_EVERY_S)

    async def once(self, disk_now: float) -> None:
        """Sweep; `disk_now` is the time of the disk, in seconds since 1970, which no shifted clock moves."""
        abandoned = await in_thread(lambda: self._disk.remove_older(disk_now - ABANDONED_S))
        await self.settle()
        await self.adopt()
        unnamed = 0
        while self._days and (some := await self.remove_unnamed()):
            unnamed += some
        if abandoned or unnamed:
            log.info("%d abandoned uploads and %d contents that no submission names were removed", abandoned, unnamed)

    async def settle(self) -> None:
        """Finish what a crash left on its way out: back to its place when its row is there, else gone.

        In a transaction of its own kind, so that no other sweep is in the middle of it.
        """
        there = await in_thread(self._on_its_way_out)
        if not there:
            return
        async with writing(self._engine) as connection:
            await _shut_out_others(connection)
            known = [row.sha256 for row in await connection.execute(select(files.c.sha256))]
            names = {self._disk.keys.name(sha256): sha256 for sha256 in known}
            for name in there:
                await in_thread(partial(self._put_back_or_drop, name, names.get(name)))

    async def adopt(self) -> None:
        """Give rows to contents that lie in their place without one."""
        there = await in_thread(lambda: set(self._disk.names()))
        async with reading(self._engine) as connection:
            known = [row.sha256 for row in await connection.execute(select(files.c.sha256))]
        rowless = there - await in_thread(lambda: {self._disk.keys.name(sha256) for sha256 in known})
        for name in sorted(rowless - self._damaged):
            found = await in_thread(partial(self._disk.look_at, name))
            if found is None or not await self._store.adopt(found):
                self._damaged.add(name)

    async def remove_unnamed(self) -> int:
        """Remove some contents whose grace is over; return how many."""
        if not await self._has_candidates():
            return 0
        async with writing(self._engine) as connection:
            await _shut_out_others(connection)
            gone = [sha256 for sha256 in await self._candidates(connection) if not await _is_told(connection, sha256)]
            if gone:
                await connection.execute(delete(files).where(files.c.sha256.in_(gone)))
                await in_thread(lambda: self._take_out(gone))
        await in_thread(lambda: self._drop(gone))
        return len(gone)

    async def _has_candidates(self) -> bool:
        async with reading(self._engine) as connection:
            found = await self._candidates(connection)
            return any([not await _is_told(connection, sha256) for sha256 in found])

    async def _candidates(self, connection: AsyncConnection) -> list[str]:
        f, now = files.c, self._clock.now()
        named = select(submission_files.c.sha256).where(submission_files.c.sha256 == f.sha256).exists()
        listed = select(deposits.c.manifest).where(deposits.c.manifest == f.sha256).exists()
        late = func.coalesce(f.told_at, f.verified_at) < now - timedelta(days=self._days)
        query = select(f.sha256).where(late, ~named, ~listed).order_by(f.verified_at, f.sha256).limit(AT_ONCE)
        return list(await connection.scalars(query))

    def _on_its_way_out(self) -> list[str]:
        folder = self._disk.directory / REMOVED
        return [path.name for path in folder.iterdir()] if folder.is_dir() else []

    def _put_back_or_drop(self, name: str, sha256: str | None) -> None:
        path = self._disk.directory / REMOVED / name
        if sha256 is not None and not self._disk.place(sha256).exists():
            path.rename(self._disk.place(sha256))
            sync_folder(self._disk.place(sha256).parent)
        path.unlink(missing_ok=True)

    def _take_out(self, gone: list[str]) -> None:
        make_folder(self._disk.directory / REMOVED)
        for sha256 in gone:
            with contextlib.suppress(FileNotFoundError):
                self._disk.place(sha256).rename(self._disk.removed(sha256))

    def _drop(self, gone: list[str]) -> None:
        for sha256 in gone:
            self._disk.removed(sha256).unlink(missing_ok=True)


async def _shut_out_others(connection: AsyncConnection) -> None:
    """Nobody projects a submission or takes in a content meanwhile; SQLite's writers are alone anyway."""
    if is_postgresql(connection):
        await connection.execute(text("LOCK TABLE events, submission_files, files IN SHARE ROW EXCLUSIVE MODE"))


async def _is_told(connection: AsyncConnection, sha256: str) -> bool:
    """Whether an event names it that is not projected: of a type or version of later, or standing still."""
    query = select(events.c.id).where(events.c.state != "done", events.c.body.contains(sha256)).limit(1)
    return await connection.scalar(query) is not None
