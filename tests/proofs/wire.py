"""A serial line in memory and in virtual time: it can be unplugged, and it disturbs as `Pty` does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from edge.errors import LinkError
from edge.links.memory import MemoryLink
from edge.links.simulator import Noise
from edge.links.wire import OpenLink

# How long a board thinks, and how long a frame that is held back waits for the next one.
ANSWER_S = 0.006
GLUE_S = 0.015


class MemoryWire:
    """One port. What the edge writes goes to `received`, what devices `send` comes back, both through the noise."""

    def __init__(self, received: Callable[[bytes], None]) -> None:
        self._received = received
        self._far: MemoryLink | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.noise_in, self.noise_out = Noise(), Noise()
        self.plugged = True

    async def open(self, port: str, _baud: int) -> OpenLink:
        """Open it, as a driver's bus does; the link opened before is dead."""
        if not self.plugged:
            raise LinkError(f"{port}: no such device")
        await self._drop()
        near, self._far = MemoryLink.pair()
        self._begin(self._listen(self._far))
        return near

    async def unplug(self) -> None:
        """Take the adapter away: open links break, what is on the way is lost."""
        self.plugged = False
        await self._drop()

    def plug(self) -> None:
        self.plugged = True

    def hush(self) -> None:
        """End all noise."""
        self.noise_in, self.noise_out = Noise(), Noise()

    def send(self, frame: bytes) -> None:
        """Put a device's frame on the wire."""
        self._begin(self._pass(self.noise_out, frame, self._write, ANSWER_S))

    async def _drop(self) -> None:
        far, self._far = self._far, None
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()
        for noise in (self.noise_in, self.noise_out):
            noise.release()
        if far is not None:
            await far.close()

    async def _listen(self, far: MemoryLink) -> None:
        while far.is_open:
            try:
                data = await far.read(4096, 3600.0)
            except LinkError:
                return
            if data and "echo" in self.noise_in.modes:
                await self._write(data)
            if data:
                await self._pass(self.noise_in, data, self._hear, 0.0)

    async def _hear(self, data: bytes) -> None:
        self._received(data)

    async def _write(self, data: bytes) -> None:
        if self._far is not None and self._far.is_open:
            await self._far.write(data)

    async def _pass(self, noise: Noise, frame: bytes, onward: Callable[[bytes], Awaitable[None]], pause: float) -> None:
        portions = noise.disturb(frame)
        await asyncio.sleep(pause)
        if not portions:
            await asyncio.sleep(GLUE_S)
            portions = [(0.0, noise.release())]
        for wait, portion in portions:
            await asyncio.sleep(wait)
            if portion:
                await onward(portion)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
