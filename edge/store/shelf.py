"""Contents and their rows together: nothing is kept without a row, and no row is without its file unless that is said.

Order everywhere: a file is on the disk before its row is committed, and its row has let go of it before it is removed.
A crash in between leaves a file too many, which `sweep` removes, and never a row too many.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from contract.events import DeviceFailed
from edge.store.file_rows import FileRow
from edge.store.files import Files, StoredFile
from edge.store.transaction import FILES_LOST, Transaction
from edge.store.unit_of_work import Store

log = logging.getLogger(__name__)

# What is known of a content whose row was lost with a broken store.
_UNKNOWN_TYPE, SALVAGED = "application/octet-stream", "salvaged"


class Shelf:
    """What the services and the uplink keep contents with."""

    def __init__(self, store: Store, files: Files) -> None:
        self._store, self.files = store, files

    async def take(self, content: bytes | AsyncIterator[bytes], media_type: str, submission: str) -> StoredFile:
        """Keep a content as a draft of a submission; both are durable when this returns.

        Raises:
            StoreBusyError: no room, or the disk refuses; nothing was kept.
        """

        async def claim(stored: StoredFile) -> None:
            await self._store.transact(lambda tx: tx.add_file(stored.sha256, stored.size, media_type, submission))

        return await self.files.put(content, claim)

    async def drop(self, submission: str) -> None:
        """Remove the drafts of a submission: its visit is over and nobody handed them in."""
        for sha256 in await self._store.transact(lambda tx: tx.drop_drafts(submission)):
            await self.let_go(sha256)

    async def drop_one(self, sha256: str, submission: str) -> None:
        """Remove one draft: the citizen threw the page or the file away."""
        if await self._store.transact(lambda tx: tx.drop_draft(sha256, submission)):
            await self.let_go(sha256)

    async def let_go(self, sha256: str) -> None:
        """Remove a content's file if no row needs it any more."""
        await self.files.delete(sha256, unless=lambda: self._store.read(lambda tx: tx.needs_file(sha256)))

    async def mark_lost(self, sha256: str) -> None:
        """Record, and tell the hub, that a wanted content is not there any more, or damaged."""
        log.error("a stored file that was to be sent is lost")
        await self._store.transact(lambda tx: _tell_lost(tx, sha256))
        await self.let_go(sha256)

    async def sweep(self) -> None:
        """At the start, before anything is taken: drop all drafts, remove what no row needs, tell what is missing.

        A submission that is to survive the restart has to be `want`ed before.
        """
        if await self._store.read(lambda tx: tx.meta(FILES_LOST)):
            await self._adopt()
        await self._store.transact(lambda tx: tx.drop_drafts())
        swept = await self.files.sweep(await self._store.read(lambda tx: tx.needed_files()))
        if swept.removed:
            log.info("%d files that nobody needs were removed", swept.removed)
        for sha256 in swept.missing:
            await self.mark_lost(sha256)

    async def _adopt(self) -> None:
        """After a salvage a file without a row may be one that a citizen handed in: it is sent."""
        there = await self.files.all()

        def adopt(tx: Transaction) -> int:
            known = tx.needed_files()
            rows: list[FileRow] = [
                tx.add_file(each.sha256, each.size, _UNKNOWN_TYPE, SALVAGED, "wanted")
                for each in there
                if each.sha256 not in known
            ]
            tx.set_meta(FILES_LOST, "")
            return len(rows)

        log.warning("%d files without a row are sent after a salvage", await self._store.transact(adopt))


def _tell_lost(tx: Transaction, sha256: str) -> None:
    for submission in tx.mark_file(sha256, "lost"):
        tx.emit(DeviceFailed(device="files", fault=f"a stored file of submission {submission[:64]} is lost"))
