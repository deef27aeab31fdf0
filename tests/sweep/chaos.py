"""Faults that come and go while people go on: something to run beside a story, ended before healing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

Between = Callable[[str], Awaitable[None]]


def at(where: str, act: Callable[[], Awaitable[None]], until: Callable[[], Awaitable[None]] | None = None) -> Between:
    """Do `act` when the story comes to `where`, and `until` (if given) when it comes to `code` or `healed` after it."""
    begun: list[str] = []

    async def between(place: str) -> None:
        if place == where:
            await act()
            begun.append(place)
        elif begun and place in {"code", "healed"} and until is not None:
            begun.clear()
            await until()

    return between


def beside(story_part: tuple[str, str], work: Callable[[], Coroutine[Any, Any, None]]) -> Between:
    """Run `work` from the first place of the story to the second, then cancel it and wait for its end."""
    first, last = story_part
    running: list[asyncio.Task[None]] = []

    async def between(place: str) -> None:
        if place == first:
            running.append(asyncio.create_task(work()))
        elif place == last:
            while running:
                task = running.pop()
                task.cancel()
                for result in await asyncio.gather(task, return_exceptions=True):
                    if isinstance(result, Exception):
                        raise result

    return between


def both(*each: Between) -> Between:
    """Join what is to happen between the parts of one story."""

    async def between(place: str) -> None:
        for one in each:
            await one(place)

    return between
