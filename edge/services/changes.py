"""Telling many listeners that something changed, without queues: each asks for anything newer than what it saw."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator


class Changes:
    """A counter that one can wait on. A slow listener misses intermediate counts, never the latest."""

    def __init__(self) -> None:
        self.revision = 0
        self._news = asyncio.Event()

    def notify(self) -> None:
        """Count one change and wake every listener."""
        self.revision += 1
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def after(self, revision: int) -> int:
        """Return the present count as soon as it is beyond `revision`."""
        while self.revision <= revision:
            await self._news.wait()
        return self.revision

    async def __aiter__(self) -> AsyncIterator[None]:
        """Yield once for every change seen from now on; bursts may be joined."""
        seen = self.revision
        while True:
            seen = await self.after(seen)
            yield
