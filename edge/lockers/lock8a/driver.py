"""`LockBoard` for the 0x8A family: doors from whole-board queries, unlock by one frame that is never repeated."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Literal

from edge.errors import LinkError, UnknownChannelError
from edge.lockers.line import CoilPacer, DoorReader, Line, LineSettings
from edge.lockers.lock8a.codec import Feedback, QueryAll, Status, Unlock, frames_in
from edge.ports import Bus, ByteLink, Door

_log = logging.getLogger(__name__)


class Settings(LineSettings):
    """Commissioned per board by opening and closing doors: sources contradict each other about all three."""

    status_byte_order: Literal["high_first", "low_first"] = "high_first"
    single_polarity: Literal["closed_is_11", "closed_is_00"] = "closed_is_11"
    bitmap_polarity: Literal["one_is_open", "one_is_closed"] = "one_is_open"


class Lock8aBoard:
    """One board on a bus."""

    def __init__(
        self, name: str, *, address: int, channels: range, settings: Settings, bus: Bus, pacer: CoilPacer
    ) -> None:
        self.name, self.channels = name, channels
        self._address, self._settings, self._bus, self._pacer = address, settings, bus, pacer
        self._line, self._doors = Line(settings), DoorReader(self._query)

    async def unlock(self, channel: int) -> None:
        """Put exactly one unlock frame on the wire; see `edge.ports.LockBoard`."""
        if channel not in self.channels:
            raise UnknownChannelError(f"board {self.name} has no channel {channel}")
        request = Unlock(self._address, channel).to_bytes()
        async with self._pacer.coil(), self._bus.conversation(urgent=True) as link:
            await link.write(request)
            await self._log_feedback(link, request, channel)

    async def read_doors(self) -> Mapping[int, Door]:
        """Ask for all doors; see `edge.ports.LockBoard`."""
        return await self._doors.read()

    async def _query(self) -> Mapping[int, Door]:
        request = QueryAll(self._address).to_bytes()
        async with self._bus.conversation(urgent=False) as link:
            status = await self._line.ask(link, request, lambda heard: self._status(request, heard))
        return status.doors(
            self.channels,
            high_first=self._settings.status_byte_order == "high_first",
            one_is_open=self._settings.bitmap_polarity == "one_is_open",
        )

    def _status(self, request: bytes, heard: bytes) -> Status | None:
        mine = [f for f in frames_in(heard) if isinstance(f, Status) and f.address == self._address]
        if not mine:
            return None
        if not mine[-1].to_bytes().startswith(request):
            self._line.learn_echo(self._line.echoes or heard.startswith(request))
        return mine[-1]

    async def _log_feedback(self, link: ByteLink, request: bytes, channel: int) -> None:
        """Read the answer so that it does not disturb the next question; nothing is concluded from it."""

        def find(heard: bytes) -> Feedback | None:
            return next((f for f in frames_in(heard) if isinstance(f, Feedback) and not f.unsolicited), None)

        try:
            feedback = await self._line.listen(link, request, find)
        except LinkError as error:
            # Some boards never answer an unlock. The frame went out whole; the door alone tells what it did.
            _log.info("board %s: unlock of channel %d without an answer: %s", self.name, channel, error)
            return
        closed_contact = 0x11 if self._settings.single_polarity == "closed_is_11" else 0x00
        says = "still shut, or an echo" if feedback.contact == closed_contact else "opened"
        _log.info("board %s: channel %d, contact %02X: %s", self.name, channel, feedback.contact, says)
