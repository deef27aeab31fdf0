"""Frames of the KERONG CU16 and CU12 (19200 8N1), as public code for them spells them.

Host `02 ADDR CMD 03 SUM`, status `02 ADDR 35 H1 H2 I1 I2 03 SUM`; ADDR is the board in its high nibble and the lock's
number less one in its low one, SUM the low byte of the sum of all bytes before it. No frame with command 33 (all locks)
or address F0 (all boards) can be made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from edge.lockers.frames import require, scan
from edge.ports import Door, Inside

_STX, _ETX = 0x02, 0x03
_GET_STATUS, _UNLOCK, _STATUS = 0x30, 0x31, 0x35
_STATUS_BYTES = 9
ADDRESSES = range(10)
LOCKS = range(1, 17)


def _with_sum(*body: int) -> bytes:
    return bytes([*body, sum(body) & 0xFF])


@dataclass(frozen=True, slots=True)
class Unlock:
    """`02 ADDR 31 03 SUM`: pulse one coil."""

    address: int
    lock: int

    def __post_init__(self) -> None:
        require(self.address in ADDRESSES, f"address {self.address}, expected 0 to 9")
        require(self.lock in LOCKS, f"lock {self.lock}, expected 1 to 16")

    def to_bytes(self) -> bytes:
        """Return the five bytes."""
        return _with_sum(_STX, self.address << 4 | self.lock - 1, _UNLOCK, _ETX)


@dataclass(frozen=True, slots=True)
class GetStatus:
    """`02 ADDR 30 03 SUM`: ask one board for all its locks."""

    address: int

    def __post_init__(self) -> None:
        require(self.address in ADDRESSES, f"address {self.address}, expected 0 to 9")

    def to_bytes(self) -> bytes:
        """Return the five bytes."""
        return _with_sum(_STX, self.address << 4, _GET_STATUS, _ETX)


@dataclass(frozen=True, slots=True)
class Status:
    """`02 ADDR 35 H1 H2 I1 I2 03 SUM`: hooks and infrared sensors, bit 0 of the first byte is lock 1.

    The low nibble of ADDR means nothing: sources do not say what an answer has there.
    """

    address: int
    hooks: int
    items: int

    def to_bytes(self) -> bytes:
        """Return the nine bytes, with the meaningless nibble zero."""
        hooks, items = self.hooks.to_bytes(2, "little"), self.items.to_bytes(2, "little")
        return _with_sum(_STX, self.address << 4, _STATUS, *hooks, *items, _ETX)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Take nine bytes apart, or raise `FrameError`."""
        require(len(data) == _STATUS_BYTES, f"{len(data)} bytes, expected 9")
        expected = sum(data[:-1]) & 0xFF
        require(data[-1] == expected, f"SUM expected {expected:02X}, received {data[-1]:02X}")
        require((data[0], data[2], data[7]) == (_STX, _STATUS, _ETX), "start, command or end is not that of a status")
        return cls(data[1] >> 4, int.from_bytes(data[3:5], "little"), int.from_bytes(data[5:7], "little"))

    def doors(self, channels: range, *, one_is_locked: bool) -> Mapping[int, Door]:
        """Return each channel's door; a normally closed switch inverts the meaning of the bits."""
        locked, unlocked = (Door.CLOSED, Door.OPEN) if one_is_locked else (Door.OPEN, Door.CLOSED)
        return {
            c: (locked if self.hooks >> (c - 1) & 1 else unlocked) if c in LOCKS else Door.UNKNOWN for c in channels
        }

    def inside(self, channels: range, *, one_is_item: bool) -> Mapping[int, Inside]:
        """Return what the infrared sensor of each channel says; boards without sensors send some constant."""
        one, zero = (Inside.PRESENT, Inside.ABSENT) if one_is_item else (Inside.ABSENT, Inside.PRESENT)
        return {c: (one if self.items >> (c - 1) & 1 else zero) if c in LOCKS else Inside.UNKNOWN for c in channels}


def frames_in(heard: bytes) -> list[Status]:
    """Return the status frames in what a line brought."""
    return scan(heard, lambda rest: (Status.from_bytes(rest[:_STATUS_BYTES]), _STATUS_BYTES))
