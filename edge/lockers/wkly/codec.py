"""Frames of the WKLY lock board (9600 8N1), as unit tests that quote the vendor's demonstration spell them.

`57 4B 4C 59 LEN ADDR CMD DATA… XOR`: LEN is the length of the whole frame, XOR that of all bytes before it. Commands 80
and 87 (several), 86 (all) and 88 (hold) move more than one coil or hold one: no frame with them can be made here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Self

from edge.lockers.frames import FrameError, require, scan
from edge.ports import Door

_HEAD = b"WKLY"
_UNLOCK, _QUERY_ALL, _CHANGE = 0x82, 0x84, 0x85
_SHORTEST = 8
_OK = 0x00
# No source says how many boards or locks there may be. These keep clear of 0 and FF as locks, of FF as an address.
ADDRESSES = range(0x20)
LOCKS = range(1, 51)


def _frame(address: int, command: int, *data: int) -> bytes:
    body = bytes([*_HEAD, _SHORTEST + len(data), address, command, *data])
    return body + bytes([reduce(xor, body, 0)])


def _taken_apart(data: bytes, command: int) -> tuple[int, bytes]:
    """Return address and data of a whole frame with this command, or raise `FrameError`."""
    require(len(data) >= _SHORTEST and data[:4] == _HEAD, "no WKLY frame")
    require(data[4] == len(data), f"LEN {data[4]}, but {len(data)} bytes")
    expected = reduce(xor, data[:-1], 0)
    require(data[-1] == expected, f"XOR expected {expected:02X}, received {data[-1]:02X}")
    require(data[6] == command, f"command {data[6]:02X}, expected {command:02X}")
    return data[5], data[7:-1]


def door_of(state: int, *, zero_is_open: bool) -> Door:
    """Return what the byte for a door says; one that is neither 00 nor 01 says nothing."""
    if state not in (0x00, 0x01):
        return Door.UNKNOWN
    return Door.OPEN if (state == 0x00) == zero_is_open else Door.CLOSED


@dataclass(frozen=True, slots=True)
class Unlock:
    """`… 09 ADDR 82 LOCK XOR`: pulse one coil."""

    address: int
    lock: int

    def __post_init__(self) -> None:
        require(self.address in ADDRESSES, f"address {self.address}, expected 0 to 31")
        require(self.lock in LOCKS, f"lock {self.lock}, expected 1 to 50")

    def to_bytes(self) -> bytes:
        """Return the nine bytes."""
        return _frame(self.address, _UNLOCK, self.lock)


@dataclass(frozen=True, slots=True)
class QueryAll:
    """`… 08 ADDR 84 XOR`: ask for all doors of a board."""

    address: int

    def __post_init__(self) -> None:
        require(self.address in ADDRESSES, f"address {self.address}, expected 0 to 31")

    def to_bytes(self) -> bytes:
        """Return the eight bytes."""
        return _frame(self.address, _QUERY_ALL)


@dataclass(frozen=True, slots=True)
class Unlocked:
    """`… 0B ADDR 82 RESULT LOCK DOOR XOR`: what the board says of an unlock; logged, never believed."""

    address: int
    result: int
    lock: int
    door: int

    def to_bytes(self) -> bytes:
        """Return the eleven bytes."""
        return _frame(self.address, _UNLOCK, self.result, self.lock, self.door)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Take a whole frame apart, or raise `FrameError`."""
        address, body = _taken_apart(data, _UNLOCK)
        require(len(body) == 3, f"{len(body)} bytes of data, expected 3")
        return cls(address, *body)


@dataclass(frozen=True, slots=True)
class Change:
    """`… 0A ADDR 85 LOCK DOOR XOR`: sent unasked when a door moves, also between a question and its answer."""

    address: int
    lock: int
    door: int

    def to_bytes(self) -> bytes:
        """Return the ten bytes."""
        return _frame(self.address, _CHANGE, self.lock, self.door)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Take a whole frame apart, or raise `FrameError`."""
        address, body = _taken_apart(data, _CHANGE)
        require(len(body) == 2, f"{len(body)} bytes of data, expected 2")
        return cls(address, *body)


@dataclass(frozen=True, slots=True)
class Status:
    """`… LEN ADDR 84 00 COUNT DOOR… XOR`: one byte for each lock. A result other than 00 is no status."""

    address: int
    states: bytes

    def to_bytes(self) -> bytes:
        """Return the frame; its length follows from the doors."""
        return _frame(self.address, _QUERY_ALL, _OK, len(self.states), *self.states)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Take a whole frame apart, or raise `FrameError`."""
        address, body = _taken_apart(data, _QUERY_ALL)
        require(len(body) >= 2 and body[0] == _OK, "no status, or its result is not 00")
        require(body[1] == len(body) - 2, f"{len(body) - 2} doors, announced {body[1]}")
        return cls(address, body[2:])

    def doors(self, channels: range, *, zero_is_open: bool) -> Mapping[int, Door]:
        """Return each channel's door; beyond the answer `UNKNOWN`."""
        read = {lock: door_of(state, zero_is_open=zero_is_open) for lock, state in enumerate(self.states, 1)}
        return {channel: read.get(channel, Door.UNKNOWN) for channel in channels}


Answer = Status | Unlocked | Change
_KINDS: tuple[type[Answer], ...] = (Status, Unlocked, Change)


def frames_in(heard: bytes) -> list[Answer]:
    """Return what boards said in one portion of the line."""
    return scan(heard, _first)


def _first(rest: bytes) -> tuple[Answer, int]:
    require(len(rest) >= _SHORTEST, "shorter than any frame")
    for kind in _KINDS:
        with contextlib.suppress(FrameError):
            return kind.from_bytes(rest[: rest[4]]), rest[4]
    raise FrameError("no frame begins here")
