"""One wire shared by its boards: conversations in turn, stale bytes drained, unplugged wires opened again.

A wire that talks nonsense (a run of conversations in which bytes came and none of them belonged) is closed, opened
afresh and left alone for a while. Until a question is answered again only questions are sent: unlocks are refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Self

from edge.errors import LinkError, NonsenseError, UnlockRefusedError
from edge.links.health import BusHealth
from edge.links.turns import Turns
from edge.links.wire import OpenLink, open_link
from edge.ports import ByteLink

_log = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 0.2
_LAST_RETRY_SECONDS = 5.0
# A line that is not silent for so long has a fault that waiting does not mend.
_SETTLE_SECONDS = 3.0
_NONSENSE_LIMIT = 6
_QUARANTINE_QUIET_SECONDS = 1.0
# What one conversation brought is kept for those who overhear it; no answer is longer than this.
_HEARD_BYTES = 512


class SharedBus:
    """The `Bus` of one port. `async with` keeps the wire open in the background until the end of the block.

    Between two conversations the line is silent for `quiet` seconds, counted from the last byte: the silence that ended
    an answer is part of it. After an unanswered one it must be silent for `late` seconds from its end: answers of lock
    boards carry no number, and a late one must not pass for that of the next question. Nothing that a `personal` wire
    brings is written to the log.
    """

    def __init__(
        self,
        port: str,
        baud: int,
        *,
        quiet: float,
        late: float,
        settle: float = _SETTLE_SECONDS,
        name: str = "",
        nonsense_limit: int = _NONSENSE_LIMIT,
        opener: Callable[[str, int], Awaitable[OpenLink]] = open_link,
        personal: bool = False,
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
        self._stray_at = float("-inf")
        self._personal = personal
        self._name, self._health = name or port, BusHealth(nonsense_limit)
        self._overhearers: list[Callable[[bytes], None]] = []

    @property
    def openings(self) -> int:
        """How often the wire was opened so far."""
        return self._openings

    @property
    def quarantine(self) -> str | None:
        """The name of the bus while unlocks on it are refused."""
        return self._name if self._health.quarantined else None

    def overhear(self, told: Callable[[bytes], None]) -> None:
        """Tell of all bytes, those that come between two conversations included; see `edge.ports.Bus`."""
        self._overhearers.append(told)

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
            NonsenseError: the line is never silent; nothing was sent.
            UnlockRefusedError: an urgent conversation on a bus in quarantine; nothing was sent.
        """
        async with self._turns.take(urgent=urgent):
            if urgent and self._health.quarantined:
                raise UnlockRefusedError("quarantine")
            link = self._link
            if link is None or not link.is_open:
                raise LinkError(f"{self._port}: {self._trouble}")
            try:
                await self._settle(link)
                async with self._watched(link) as watched:
                    yield watched
            except NonsenseError:
                if not urgent and self._health.bad():
                    await self._begin_quarantine(link)
                raise
            # What an unlock brings back is never an answer to a question.
            if watched.heard and not urgent and self._health.good():
                _log.warning("%s: answers again, quarantine is over", self._port)

    @asynccontextmanager
    async def _watched(self, link: OpenLink) -> AsyncIterator[_WatchedLink]:
        # Whatever ends the body early (silence, a cancelled caller) leaves an answer that may still come.
        self._silence = self._late
        watched = _WatchedLink(link)
        try:
            yield watched
        except BaseException:
            self._last_use = _now()
            raise
        finally:
            self._tell(bytes(watched.heard))
        self._silence, self._last_use = self._quiet, watched.last_byte

    async def _settle(self, link: OpenLink) -> None:
        give_up = _now() + self._settle_limit
        await self._drain(link)
        silent_at = max(self._last_use + self._silence, self._stray_at + self._quiet)
        while (left := silent_at - _now()) > 0:
            if _now() > give_up:
                raise NonsenseError(f"{self._port}: the line is never silent")
            if stray := await link.read(4096, left):
                self._note_stray(stray)
                silent_at = max(silent_at, self._stray_at + self._quiet)

    async def _drain(self, link: OpenLink) -> None:
        if stale := await link.discard_input():
            shown = "not shown" if self._personal else stale[:32].hex(" ")
            _log.info("%s: %d bytes unasked: %s", self._port, len(stale), shown)
            self._note_stray(stale)

    def _note_stray(self, stray: bytes) -> None:
        self._stray_at = _now()
        self._tell(stray)

    def _tell(self, heard: bytes) -> None:
        for told in self._overhearers if heard else ():
            told(heard)

    async def _overhear_until_closed(self, link: OpenLink) -> None:
        """Take what comes between two conversations soon after it came: a board may report a door by itself."""
        while link.is_open:
            await link.arrived()
            # Until the frame has ended, or the conversation that it belongs to.
            await asyncio.sleep(self._quiet)
            async with self._turns.take(urgent=False):
                await self._drain(link)

    async def _begin_quarantine(self, link: OpenLink) -> None:
        _log.warning("%s: talks nonsense, is opened afresh; unlocks on it are refused", self._port)
        self._silence, self._last_use = max(self._late, _QUARANTINE_QUIET_SECONDS), _now()
        await link.close()

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
            await self._overhear_until_closed(self._link)
            await self._link.close()
            self._note_trouble("gone")

    def _note_trouble(self, trouble: str) -> None:
        if trouble != self._trouble:
            _log.warning("%s: %s", self._port, trouble)
        self._trouble = trouble
        self._tried.set()


class _WatchedLink:
    """The `ByteLink` of one conversation: `heard` in it, and `last_byte`, when the line last carried one."""

    def __init__(self, link: ByteLink) -> None:
        self._link = link
        self.last_byte = _now()
        self.heard = bytearray()

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
            self.heard += data
            del self.heard[:-_HEARD_BYTES]
        return data

    async def discard_input(self) -> bytes:
        """Throw away what has arrived; see `ByteLink`."""
        return await self._link.discard_input()


def _now() -> float:
    return asyncio.get_running_loop().time()
