"""One wire shared by its boards: conversations in turn, stale bytes thrown away, unplugged wires opened again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Self

from edge.errors import LinkError, NoAnswerError
from edge.links.turns import Turns
from edge.links.wire import OpenLink, open_link
from edge.ports import ByteLink

_log = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 0.2
_LAST_RETRY_SECONDS = 5.0
# A line that is not silent for so long has a fault that waiting does not mend.
_SETTLE_SECONDS = 3.0


class SharedBus:
    """The `Bus` of one port. `async with` keeps the wire open in the background until the end of the block.

    Between two conversations the line is silent for `quiet` seconds, counted from the last byte: the silence that ended
    an answer is part of it. After an unanswered one it must be silent for `late` seconds from its end: answers of lock
    boards carry no number, and a late one must not pass for that of the next question.
    """

    def __init__(
        self,
        port: str,
        baud: int,
        *,
        quiet: float,
        late: float,
        settle: float = _SETTLE_SECONDS,
        opener: Callable[[str, int], Awaitable[OpenLink]] = open_link,
    ) -> None:
        self._port, self._baud, self._quiet, self._late = port, baud, quiet, late
        self._settle_limit, self._opener = settle, opener
        self._turns = Turns()
        self._link: OpenLink | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._trouble = "not open"
        self._last_use = float("-inf")
        self._silence = quiet
        self._openings = 0

    @property
    def openings(self) -> int:
        """How often the wire was opened so far."""
        return self._openings

    @property
    def is_open(self) -> bool:
        """Whether the wire is there now."""
        return self._link is not None and self._link.is_open

    async def __aenter__(self) -> Self:
        """Try to open the wire once; when that fails, go on trying in the background."""
        self._supervisor = asyncio.create_task(self._keep_open(), name=f"bus {self._port}")
        await self._tried.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop trying and close the wire; idempotent."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervisor
            self._supervisor = None
        if self._link is not None:
            await self._link.close()
            self._link = None

    @asynccontextmanager
    async def conversation(self, *, urgent: bool) -> AsyncIterator[ByteLink]:
        """Take the wire for one request and its answer; urgent waiters are served before the others.

        Raises:
            LinkError: the wire is not there now; nothing was sent.
            NoAnswerError: the line is never silent; nothing was sent.
        """
        async with self._turns.take(urgent=urgent):
            link = self._link
            if link is None or not link.is_open:
                raise LinkError(f"{self._port}: {self._trouble}")
            await self._settle(link)
            # Whatever ends the body early (silence, a cancelled caller) leaves an answer that may still come.
            self._silence = self._late
            watched = _WatchedLink(link)
            try:
                yield watched
            except BaseException:
                self._last_use = _now()
                raise
            self._silence, self._last_use = self._quiet, watched.last_byte

    async def _settle(self, link: OpenLink) -> None:
        give_up = _now() + self._settle_limit
        silent_at = self._last_use + self._silence
        if stale := await link.discard_input():
            _log.info("%s: %d stale bytes thrown away: %s", self._port, len(stale), stale[:32].hex(" "))
            silent_at = max(silent_at, _now() + self._quiet)
        while (left := silent_at - _now()) > 0:
            if _now() > give_up:
                raise NoAnswerError(f"{self._port}: the line is never silent")
            if await link.read(4096, left):
                silent_at = max(silent_at, _now() + self._quiet)

    async def _keep_open(self) -> None:
        pause = _FIRST_RETRY_SECONDS
        while True:
            try:
                self._link = await self._opener(self._port, self._baud)
            except LinkError as error:
                self._note_trouble(str(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LAST_RETRY_SECONDS)
                continue
            self._openings += 1
            _log.info("%s: open", self._port)
            pause = _FIRST_RETRY_SECONDS
            self._tried.set()
            await self._link.closed()
            await self._link.close()
            self._note_trouble("gone")

    def _note_trouble(self, trouble: str) -> None:
        if trouble != self._trouble:
            _log.warning("%s: %s", self._port, trouble)
        self._trouble = trouble
        self._tried.set()


class _WatchedLink:
    """The `ByteLink` of one conversation; `last_byte` is when the line last carried one, at first the beginning."""

    def __init__(self, link: ByteLink) -> None:
        self._link = link
        self.last_byte = _now()

    @property
    def is_open(self) -> bool:
        """Whether the wire is there now."""
        return self._link.is_open

    async def write(self, data: bytes) -> None:
        """Write all of it; see `ByteLink`."""
        await self._link.write(data)
        self.last_byte = _now()

    async def read(self, size: int, deadline: float) -> bytes:
        """Read what comes; see `ByteLink`."""
        data = await self._link.read(size, deadline)
        if data:
            self.last_byte = _now()
        return data

    async def discard_input(self) -> bytes:
        """Throw away what has arrived; see `ByteLink`."""
        return await self._link.discard_input()


def _now() -> float:
    return asyncio.get_running_loop().time()
