"""Wanted files go to the hub: asked for, sent on from where a cut left them, and let go only when the hub has them.

A file leaves the station in this order: the hub says that it holds content with this hash, verified and committed; the
row says so; the file is removed. Whatever happens in between leaves a file too many, never one too few. Where an upload
stands is asked anew each time, so nothing about it has to survive a restart here. Source: contract of the wire, 2.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from edge.errors import FileLostError, StoreBusyError
from edge.store.file_rows import FileRow
from edge.store.shelf import Shelf
from edge.store.unit_of_work import Store
from edge.uplink.documents import Source
from edge.uplink.hub_files import HubAwayError, HubFiles, NotTakenError, hub_files

log = logging.getLogger(__name__)

RETRY_MIN_S, RETRY_MAX_S = 1.0, 120.0
# Files are wanted together with an event, and a hub that comes back wakes us; this is for what was overlooked.
LOOK_EVERY_S = 60.0


class Uploads:
    """One after the other, oldest first; a file that the hub does not take does not hold up the others."""

    def __init__(self, store: Store, shelf: Shelf, source: Source) -> None:
        self._store, self._shelf, self._source = store, shelf, source
        self._news = asyncio.Event()
        self._moved = False
        self._told = ""

    def wake(self) -> None:
        """Look at once: the hub may be back."""
        self._news.set()

    async def run(self) -> None:
        """Send what is wanted until cancelled; what does not go is tried again with growing pauses."""
        attempt = 0
        while True:
            self._news.clear()
            self._moved = False
            before = await self._store.identity()
            done = await self._round()
            attempt = 0 if done else 1 if self._moved else attempt + 1
            if done:
                await self._wait(LOOK_EVERY_S, self._store.wait_appended(before.epoch, before.last_seq))
            else:
                await self._wait(_pause(attempt))

    async def _wait(self, seconds: float, *others: Coroutine[Any, Any, None]) -> None:
        """Wait to be woken, or for one of `others`, but not longer."""
        waits = {asyncio.create_task(each) for each in (self._news.wait(), *others)}
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()

    async def _round(self) -> bool:
        """Try each wanted file once; whether none is left to be tried again."""
        rows = await self._store.read(lambda tx: tx.wanted_files())
        if not rows:
            return True
        taken = 0
        try:
            async with hub_files(self._source) as hub:
                for row in rows:
                    taken += await self._one(hub, row)
        except HubAwayError as error:
            self._tell(f"files wait for the hub: {error}")
            return False
        if taken:
            log.info("%d files are at the hub", taken)
        return taken == len(rows)

    async def _one(self, hub: HubFiles, row: FileRow) -> bool:
        try:
            if not await hub.holds(row.sha256):
                await hub.send(row, lambda offset: self._shelf.files.chunks(row.sha256, offset), self._note_moved)
                await hub.require(row.sha256)
            await self._store.transact(lambda tx: tx.mark_file(row.sha256, "verified"))
        except FileLostError:
            await self._shelf.mark_lost(row.sha256)
        except (NotTakenError, StoreBusyError) as error:
            self._tell(f"a file waits: {error}")
            return False
        with suppress(StoreBusyError):
            # What the disk does not remove now, the next start's sweep does: no row needs it.
            await self._shelf.let_go(row.sha256)
        self._note_moved()
        self._told = ""
        return True

    def _note_moved(self) -> None:
        self._moved = True

    def _tell(self, what: str) -> None:
        """Say it once, not at each try."""
        if what != self._told:
            log.warning("%s", what)
            self._told = what


def _pause(attempt: int) -> float:
    ceiling = min(RETRY_MAX_S, RETRY_MIN_S * 2.0 ** min(attempt, 10))
    return random.uniform(RETRY_MIN_S / 2, ceiling)  # noqa: S311  jitter, no secret
