"""Everybody who has a page open: one watcher of the database for all of them, one read for the same question.

While at least one stream is open, a single task follows the change feed and counts a version; each stream tells its
page "changed", the page fetches its live part again, and viewers of the same page share the read of that version.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from typing import Any, TypeVar

from hub.db.changes import ChangeFeed

T = TypeVar("T")

PAUSE_S = 0.5
"""Least time between two refreshes of a page, however busy the stations are."""


class Viewers:
    """Counts versions while somebody watches; `answer` shares reads within a version."""

    def __init__(self, feed: ChangeFeed) -> None:
        self._feed = feed
        self._life = secrets.token_hex(4)  # another process, or this one after a restart, counts anew
        self._version = 0
        self._moved = asyncio.Event()
        self._watching = 0
        self._watcher: asyncio.Task[None] | None = None
        self._answers: dict[Hashable, asyncio.Future[Any]] = {}

    @property
    def seen(self) -> str:
        """What a page that is rendered now has seen."""
        return f"{self._life}.{self._version}"

    async def follow(self, seen: str, at_least_every_s: float) -> AsyncIterator[bool]:
        """Yield True whenever the database moved on from what the page has seen, False after a quiet while."""
        async with self._watch():
            known = seen
            while True:
                moved = self._moved
                if self.seen != known:
                    known = self.seen
                    yield True
                    continue
                try:
                    await asyncio.wait_for(moved.wait(), at_least_every_s)
                except TimeoutError:
                    yield False

    async def answer(self, question: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Return what `read` gives; the same question within one version is read once."""
        if self._watcher is None:
            return await read()
        answers = self._answers
        waiting = answers.get(question)
        if waiting is None:
            waiting = answers[question] = asyncio.ensure_future(read())
            waiting.add_done_callback(lambda done: _forget_failure(answers, question, done))
        # One viewer who leaves must not cancel the read of the others.
        found: T = await asyncio.shield(waiting)
        return found

    @contextlib.asynccontextmanager
    async def _watch(self) -> AsyncIterator[None]:
        self._watching += 1
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._follow_feed(), name="viewers of the desk")
        try:
            yield
        finally:
            self._watching -= 1
            if self._watching == 0 and self._watcher is not None:
                self._watcher.cancel()
                self._watcher = None

    async def _follow_feed(self) -> None:
        async for _ in self._feed.changes(pause_s=PAUSE_S):
            self._version += 1
            self._answers = {}
            moved, self._moved = self._moved, asyncio.Event()
            moved.set()


def _forget_failure(
    answers: dict[Hashable, asyncio.Future[Any]], question: Hashable, done: asyncio.Future[Any]
) -> None:
    if done.cancelled() or done.exception() is not None:
        answers.pop(question, None)
