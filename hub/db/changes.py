"""How a process learns that somebody committed: LISTEN/NOTIFY on PostgreSQL, polling `data_version` on SQLite.

`ChangeFeed` watches once for a process and wakes any number of subscribers; what changed is for them to read. While the
database is away it tries again, and its return counts as a change.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import is_away, is_postgresql

log = logging.getLogger(__name__)

CHANNEL = "nightdesk"
POLL_S = 0.2
RETRY_S = 1.0
ALIVE_S = 5.0


class ChangeFeed:
    """`async with ChangeFeed(engine) as feed`, then `async for _ in feed.changes()` in as many tasks as wanted."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._subscribers: set[asyncio.Event] = set()
        self._watcher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start watching."""
        self._watcher = asyncio.create_task(self._watch(), name="database changes")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching; idempotent."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait({self._watcher})
            self._watcher = None

    async def changes(self, pause_s: float = 0.0, at_least_every_s: float | None = None) -> AsyncIterator[None]:
        """Yield once at the beginning, then after each commit (many at once count as one).

        `pause_s` is the least time between two; `at_least_every_s` yields also when nothing was heard.
        """
        woken = asyncio.Event()
        woken.set()
        self._subscribers.add(woken)
        try:
            while True:
                await _wait(woken, at_least_every_s)
                woken.clear()
                yield
                if pause_s:
                    await asyncio.sleep(pause_s)
        finally:
            self._subscribers.discard(woken)

    def wake(self) -> None:
        """Let every subscriber look again."""
        for woken in self._subscribers:
            woken.set()

    async def _watch(self) -> None:
        while True:
            try:
                if is_postgresql(self._engine):
                    await self._listen()
                else:
                    await self._poll()
            except Exception as error:
                if not is_away(error):
                    raise
                log.warning("changes of the database cannot be watched (%s)", type(error).__name__)
            await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        async with self._engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            gone = asyncio.Event()
            driver.add_termination_listener(lambda _connection: gone.set())
            await driver.add_listener(CHANNEL, lambda *_: self.wake())
            self.wake()
            try:
                while not gone.is_set():
                    await driver.fetchval("SELECT 1")  # notices a half-open connection
                    await _wait(gone, ALIVE_S)
            finally:
                await connection.invalidate()  # a listening connection never goes back to the pool

    async def _poll(self) -> None:
        async with self._engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            known: int | None = None
            while True:
                cursor = await driver.execute("PRAGMA data_version")
                (version,) = await cursor.fetchone()
                await cursor.close()
                if version != known:
                    known = version
                    self.wake()
                await asyncio.sleep(POLL_S)


async def _wait(event: asyncio.Event, seconds: float | None) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
