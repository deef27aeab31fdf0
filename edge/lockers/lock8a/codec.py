"""Frames of the common Chinese lock board ("0x8A family": 锁控板, e.g. Guangzhou Shuoming, CM06), 9600 8N1.

Host and single frames are `HEAD ADDR LOCK FUNC BCC`; the whole-board status is `80 ADDR S… 33 BCC` with a number of
status bytes that does not follow from the number of locks. BCC is the XOR of all bytes before it. Batch opening (`90`,
a bit for each lock) and holding the power (`9A`, `9B`) exist too: no frame with them can be made here.
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

_UNLOCK, _STATUS, _CHANGE = 0x8A, 0x80, 0x82
_FIRE, _QUERY = 0x11, 0x33
_SHORT = 5
# Captured replies carry 3 status bytes (an 8-way board too) or 4 (32-way); 50 locks need 7. An answer of one status
# byte would be byte for byte the query itself, so an echo could be read as "all closed": fewer than 3 are not believed.
_GROUPS = range(3, 8)
# The DIP switch sets 1 to 32. Lock 0 is every lock of the board: no frame with it can be made here.
ADDRESSES = range(1, 33)
LOCKS = range(1, 51)
SECONDS = range(1, 10)


def _bcc(body: bytes) -> int:
    return reduce(xor, body, 0)


def _checked(data: bytes) -> bytes:
    """Return the frame without its BCC."""
    require(len(data) >= _SHORT, "shorter than any frame")
    expected = _bcc(data[:-1])
    require(data[-1] == expected, f"BCC expected {expected:02X}, received {data[-1]:02X}")
    return data[:-1]


def _with_bcc(*body: int) -> bytes:
    return bytes([*body, _bcc(bytes(body))])


@dataclass(frozen=True, slots=True)
class Unlock:
    """`8A ADDR LOCK 11 BCC`: pulse one coil; with `seconds`, `8A ADDR LOCK 11 SS BCC`, for so long.

    The timed form stands in one comment of one public program (1 to 9 s) and was confirmed by no vendor.
    """

    address: int
    lock: int
    seconds: int | None = None

    def __post_init__(self) -> None:
        require(self.address in ADDRESSES, f"address {self.address}, expected 1 to 32")
        require(self.lock in LOCKS, f"lock {self.lock}, expected 1 to 50")
        require(self.seconds is None or self.seconds in SECONDS, f"{self.seconds} s, expected 1 to 9")

    def to_bytes(self) -> bytes:
        """Return the five bytes, or six with a time."""
        timed = () if self.seconds is None else (self.seconds,)
        return _with_bcc(_UNLOCK, self.address, self.lock, _FIRE, *timed)


@dataclass(frozen=True, slots=True)
class QueryAll:
    """`80 ADDR 00 33 BCC`: ask for the status of the whole board."""

    address: int

    def __post_init__(self) -> None:
        require(self.address in ADDRESSES, f"address {self.address}, expected 1 to 32")

    def to_bytes(self) -> bytes:
        """Return the five bytes."""
        return _with_bcc(_STATUS, self.address, 0, _QUERY)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Take an echo apart, or raise `FrameError`."""
        body = _checked(data)
        require(len(data) == _SHORT and body[0] == _STATUS and body[2:] == b"\x00\x33", "not a query of a board")
        return cls(body[1])


@dataclass(frozen=True, slots=True)
class Feedback:
    """`8A` (after an unlock) or `82` (unsolicited), `ADDR LOCK 00|11 BCC`: what one lock's contact said.

    After an unlock on "closing feedback" locks, a failure is byte for byte the request: this is logged, never believed.
    """

    unsolicited: bool
    address: int
    lock: int
    contact: int

    def to_bytes(self) -> bytes:
        """Return the five bytes."""
        return _with_bcc(_CHANGE if self.unsolicited else _UNLOCK, self.address, self.lock, self.contact)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Take five bytes apart, or raise `FrameError`."""
        head, address, lock, contact = _checked(data)
        require(head in (_UNLOCK, _CHANGE), f"head {head:02X}, expected 8A or 82")
        require(contact in (0x00, 0x11), f"contact {contact:02X}, expected 00 or 11")
        return cls(head == _CHANGE, address, lock, contact)


@dataclass(frozen=True, slots=True)
class Status:
    """`80 ADDR S… 33 BCC`: one bit for each lock, in groups of eight, in the order of the wire."""

    address: int
    groups: bytes

    def to_bytes(self) -> bytes:
        """Return the frame; its length follows from the groups."""
        return _with_bcc(_STATUS, self.address, *self.groups, _QUERY)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Take a whole frame apart, or raise `FrameError`."""
        body = _checked(data)
        require(body[0] == _STATUS and body[-1] == _QUERY, "head or function is not that of a status")
        require(len(body) - 3 in _GROUPS, f"{len(body) - 3} status bytes, expected 3 to 7")
        return cls(body[1], body[2:-1])

    def doors(self, channels: range, *, high_first: bool, one_is_open: bool) -> Mapping[int, Door]:
        """Return each channel's door; channels beyond the groups are `UNKNOWN`.

        Sources contradict each other about the order of the groups and the meaning of a bit: both are commissioned.
        """
        bits = int.from_bytes(self.groups, "big" if high_first else "little")
        covered = 8 * len(self.groups)

        def door(channel: int) -> Door:
            if channel > covered:
                return Door.UNKNOWN
            return Door.OPEN if bool(bits >> (channel - 1) & 1) == one_is_open else Door.CLOSED

        return {channel: door(channel) for channel in channels}


Frame = Status | QueryAll | Feedback
_KINDS: Mapping[int, tuple[type[Frame], ...]] = {
    _STATUS: (Status, QueryAll),
    _UNLOCK: (Feedback,),
    _CHANGE: (Feedback,),
}
_LENGTHS: Mapping[type[Frame], tuple[int, ...]] = {
    # The longest first: the first bytes of a status may look like a query.
    Status: tuple(4 + groups for groups in reversed(_GROUPS)),
    QueryAll: (_SHORT,),
    Feedback: (_SHORT,),
}


def frames_in(heard: bytes) -> list[Frame]:
    """Return the frames of one portion that ended by silence: a status has no length of its own."""
    return scan(heard, _first)


def _first(rest: bytes) -> tuple[Frame, int]:
    for kind in _KINDS.get(rest[0], ()):
        for length in _LENGTHS[kind]:
            with contextlib.suppress(FrameError):
                require(len(rest) >= length, "not whole")
                return kind.from_bytes(rest[:length]), length
    raise FrameError("no frame begins here")
