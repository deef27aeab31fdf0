"""Two link ends joined in memory, for tests of code that needs a `ByteLink` and no file or socket."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self

from edge.errors import LinkError


class MemoryLink:
    """One end of a wire; make both with `MemoryLink.pair()`."""

    def __init__(self) -> None:
        self._inbox = bytearray()
        self._arrived = asyncio.Event()
        self._gone = asyncio.Event()
        self._peer: Self | None = None

    @classmethod
    def pair(cls) -> tuple[Self, Self]:
        """Return two ends; what one writes the other reads, and closing either breaks both."""
        one, other = cls(), cls()
        one._peer, other._peer = other, one
        return one, other

    @property
    def is_open(self) -> bool:
        """Whether the wire is there now."""
        return not self._gone.is_set()

    async def write(self, data: bytes) -> None:
        """Give all bytes to the other end or raise `LinkError`."""
        if self._peer is None or not self.is_open:
            raise LinkError("memory link: closed")
        self._peer._inbox += data
        self._peer._arrived.set()

    async def read(self, size: int, deadline: float) -> bytes:
        """Return up to `size` bytes, or `b""` after `deadline` seconds of silence; `LinkError` once closed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline):
                await self._arrived.wait()
        data = self._take(size)
        if not data and not self.is_open:
            raise LinkError("memory link: closed")
        return data

    async def discard_input(self) -> bytes:
        """Throw away what has arrived and return it."""
        return self._take(len(self._inbox))

    async def arrived(self) -> None:
        """Return once bytes wait to be read, or the wire is gone."""
        await self._arrived.wait()

    async def closed(self) -> None:
        """Return once the wire is gone."""
        await self._gone.wait()

    async def close(self) -> None:
        """Break the wire for both ends; idempotent."""
        for end in (self, self._peer):
            if end is not None:
                end._gone.set()
                end._arrived.set()

    def _take(self, size: int) -> bytes:
        data = bytes(self._inbox[:size])
        del self._inbox[:size]
        if not self._inbox and self.is_open:
            self._arrived.clear()
        return data
