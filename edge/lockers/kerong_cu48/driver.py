"""`LockBoard` for the KERONG CU48: doors from status frames; an unlock is one frame that nothing answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from edge.errors import UnknownChannelError
from edge.lockers.kerong_cu48.codec import FrameReader, GetStatus, Status, Unlock
from edge.lockers.line import CoilPacer, DoorReader, Line, LineSettings
from edge.ports import Bus, Door


class Settings(LineSettings):
    """The polarity is commissioned per board: it depends on the locks' switches."""

    baud: Annotated[int, Field(ge=1200, le=460800)] = 19200
    bitmap_polarity: Literal["one_is_locked", "one_is_unlocked"] = "one_is_locked"


class KerongCu48Board:
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

    async def read_doors(self) -> Mapping[int, Door]:
        """Ask for all doors; see `edge.ports.LockBoard`."""
        return await self._doors.read()

    async def _query(self) -> Mapping[int, Door]:
        request = GetStatus(self._address).to_bytes()
        async with self._bus.conversation(urgent=False) as link:
            status = await self._line.ask(link, request, self._status)
        return status.doors(self.channels, one_is_locked=self._settings.bitmap_polarity == "one_is_locked")

    def _status(self, heard: bytes) -> Status | None:
        reader = FrameReader()
        reader.feed(heard)
        mine = [frame for frame in reader.frames() if frame.address == self._address]
        return mine[-1] if mine else None
