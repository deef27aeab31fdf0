"""Frames of the KERONG CU48 (protocol v2.1 of 2020-03-23), 19200 8N1.

Host: `02 ADDR LOCKNUM CMD 03 SUM`; status: `02 ADDR xx 65 D1..D6 03 SUM`. SUM is the low byte of the sum of all bytes
before it. LOCKNUM is the lock's number less one; in a status it means nothing. An unlock has no answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from edge.lockers.frames import require, scan
from edge.ports import Door

_STX, _ETX = 0x02, 0x03
_GET_STATUS, _UNLOCK, _STATUS = 0x50, 0x51, 0x65
_STATUS_BYTES = 12
# 0A addresses every board of the bus and LOCKNUM 30 every lock of a board: no unlock with them can be made here.
ADDRESSES = range(0x0A)
LOCKS = range(1, 0x31)


def _with_sum(*body: int) -> bytes:
    return bytes([*body, sum(body) & 0xFF])


@dataclass(frozen=True, slots=True)
class Unlock:
    """`02 ADDR LOCKNUM 51 03 SUM`: pulse one coil."""

    address: int
    lock: int

    def __post_init__(self) -> None:
        require(self.address in ADDRESSES, f"address {self.address}, expected 0 to 9")
        require(self.lock in LOCKS, f"lock {self.lock}, expected 1 to 48")

    def to_bytes(self) -> bytes:
        """Return the six bytes."""
        return _with_sum(_STX, self.address, self.lock - 1, _UNLOCK, _ETX)


@dataclass(frozen=True, slots=True)
class GetStatus:
    """`02 ADDR 00 50 03 SUM`: ask one board for all its locks."""

    address: int

    def __post_init__(self) -> None:
        require(self.address in ADDRESSES, f"address {self.address}, expected 0 to 9")

    def to_bytes(self) -> bytes:
        """Return the six bytes."""
        return _with_sum(_STX, self.address, 0, _GET_STATUS, _ETX)


@dataclass(frozen=True, slots=True)
class Status:
    """`02 ADDR xx 65 D1..D6 03 SUM`: bit 0 of D1 is lock 1, bit 7 of D6 is lock 48."""

    address: int
    bits: bytes

    def to_bytes(self) -> bytes:
        """Return the twelve bytes, with the meaningless third one zero."""
        return _with_sum(_STX, self.address, 0, _STATUS, *self.bits, _ETX)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Take twelve bytes apart, or raise `FrameError`."""
        require(len(data) == _STATUS_BYTES, f"{len(data)} bytes, expected 12")
        expected = sum(data[:-1]) & 0xFF
        require(data[-1] == expected, f"SUM expected {expected:02X}, received {data[-1]:02X}")
        require((data[0], data[3], data[10]) == (_STX, _STATUS, _ETX), "start, command or end is not that of a status")
        return cls(data[1], data[4:10])

    def doors(self, channels: range, *, one_is_locked: bool) -> Mapping[int, Door]:
        """Return each channel's door; a normally closed switch inverts the meaning of the bits."""
        bits = int.from_bytes(self.bits, "little")

        def door(channel: int) -> Door:
            return Door.CLOSED if bool(bits >> (channel - 1) & 1) == one_is_locked else Door.OPEN

        return {channel: door(channel) if channel in LOCKS else Door.UNKNOWN for channel in channels}


def frames_in(heard: bytes) -> list[Status]:
    """Return the status frames in what a line brought."""
    return scan(heard, lambda rest: (Status.from_bytes(rest[:_STATUS_BYTES]), _STATUS_BYTES))
