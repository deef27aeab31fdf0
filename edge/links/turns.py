"""Whose turn it is on a wire: one at a time, urgent waiters before the others, each kind in order of arrival."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """A lock with two queues. Urgent turns are rare (a person waits at a door), so the others are not starved."""

    def __init__(self) -> None:
        self._taken = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def take(self, *, urgent: bool) -> AsyncIterator[None]:
        """Hold the wire for the body of the `async with`."""
        await self._acquire(self._urgent if urgent else self._others)
        try:
            yield
        finally:
            self._pass_on()

    async def _acquire(self, queue: deque[asyncio.Future[None]]) -> None:
        if not self._taken:
            self._taken = True
            return
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                queue.remove(turn)
            else:
                # The turn was given in the same moment; without this nobody would ever get it again.
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        for queue in (self._urgent, self._others):
            waiting = [turn for turn in queue if not turn.done()]
            if waiting:
                queue.remove(waiting[0])
                waiting[0].set_result(None)
                return
        self._taken = False
