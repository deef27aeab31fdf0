"""Asking a device of the counter: only while a form wants it, its failure told once and its recovery noticed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from edge.errors import CardUnreadableError, LinkError, TryAgainError
from edge.services.changes import Changes
from edge.services.devices import Devices

T = TypeVar("T")

AGAIN_S = 5.0
LONG_S = 30.0


async def while_asked(changes: Changes, asked: Callable[[], bool], work: Awaitable[T]) -> T | None:
    """Do something as long as the screen asks for it; None, and the work cancelled, as soon as it no longer does."""
    task = asyncio.ensure_future(work)
    try:
        while asked():
            news = asyncio.ensure_future(changes.after(changes.revision))
            try:
                await asyncio.wait({task, news}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                news.cancel()
            if task.done():
                return task.result()
        return None
    finally:
        task.cancel()
        # Awaiting the task itself could take a cancellation of ours for that of the task, and swallow it.
        await asyncio.wait({task})
        if not task.cancelled():
            # What came too late is nobody's, an error included.
            task.exception()


class Asked:
    """A device that some forms ask: `run` waits for what it brings, and looks after it while it does not answer."""

    def __init__(self, name: str, devices: Devices, changes: Changes) -> None:
        self._name, self._devices, self._changes = name, devices, changes
        self.works = True

    async def until(self, asked: Callable[[], bool]) -> None:
        """Return once the screen asks."""
        seen = self._changes.revision
        while not asked():
            seen = await self._changes.after(seen)

    async def failed(self) -> None:
        """It does not answer: the screen must not offer it."""
        self.works = False
        with contextlib.suppress(TryAgainError):
            await self._devices.failed(self._name, "no_answer")

    async def recovered(self) -> None:
        """It answers."""
        self.works = True
        with contextlib.suppress(TryAgainError):
            await self._devices.recovered(self._name)

    async def until_it_answers(self, look: Callable[[float], Awaitable[object]]) -> None:
        """Look now and then whether it answers, form or no form; what it brings meanwhile is nobody's."""
        while not self.works:
            await asyncio.sleep(AGAIN_S)
            with contextlib.suppress(LinkError):
                with contextlib.suppress(CardUnreadableError):
                    await look(0.0)
                await self.recovered()
