"""Frames as tables, for families whose every frame has one length: such a codec is a page of rows.

A row is written as a vendor's table prints it, `DC 02 address 10 01 lock`, and becomes a frozen frame with `to_bytes`
and `from_bytes`. Whole-bank frames are simply not in the table.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, reduce
from operator import xor
from typing import Any, ClassVar, Self, TypeVar

from edge.lockers.frames import FrameError, require, scan
from edge.ports import Door

Check = Callable[[bytes], int]
Frame = TypeVar("Frame", bound="TableFrame")


def sum8(body: bytes) -> int:
    """Return the low byte of the sum."""
    return sum(body) & 0xFF


def xor8(body: bytes) -> int:
    """Return the XOR of all bytes."""
    return reduce(xor, body, 0)


@dataclass(frozen=True, slots=True)
class _Part:
    constant: int | None = None
    name: str = ""
    size: int = 1
    less: int = 0
    many: bool = False


@cache
def _parts(row: str) -> tuple[_Part, ...]:
    return tuple(_part(word) for word in row.split())


def _part(word: str) -> _Part:
    if word == "..":
        return _Part()
    if len(word) == 2:
        return _Part(constant=int(word, 16))
    name, times, size = word.partition("*")
    name, _, less = name.partition("-")
    return _Part(name=name, size=int(size or 1), less=int(less or 0), many=bool(times))


@dataclass(frozen=True, slots=True)
class Layout:
    """One row: `5A` is that byte, a longer word a named one, `lock-1` one less on the wire, `bits*6` six bytes,
    `..` a byte that means nothing (00 when sent).

    `check` is computed from byte `check_from` on and ends the frame; `None` is a family that has none.
    """

    row: str
    check: Check | None
    check_from: int = 0

    @property
    def length(self) -> int:
        """How many bytes such a frame has."""
        return sum(part.size for part in _parts(self.row)) + (self.check is not None)

    def pack(self, values: Mapping[str, Any]) -> bytes:
        """Return the frame with these values."""
        body = bytearray()
        for part in _parts(self.row):
            if part.many:
                body += values[part.name]
            elif part.name:
                body.append(values[part.name] - part.less)
            else:
                body.append(part.constant or 0)
        return bytes(body) if self.check is None else bytes([*body, self.check(bytes(body[self.check_from :]))])

    def unpack(self, data: bytes) -> dict[str, Any]:
        """Return the named values of a frame, or raise `FrameError`."""
        require(len(data) == self.length, f"{len(data)} bytes, expected {self.length}")
        if self.check is not None:
            expected = self.check(data[self.check_from : -1])
            require(data[-1] == expected, f"check expected {expected:02X}, received {data[-1]:02X}")
        values: dict[str, Any] = {}
        at = 0
        for part in _parts(self.row):
            piece = data[at : at + part.size]
            if part.constant is not None:
                require(piece[0] == part.constant, f"byte {at} is {piece[0]:02X}, expected {part.constant:02X}")
            elif part.name:
                values[part.name] = piece if part.many else piece[0] + part.less
            at += part.size
        return values


@dataclass(frozen=True, slots=True)
class TableFrame:
    """A frame whose fields are the names of its row; `ranges` says which values exist."""

    layout: ClassVar[Layout]
    ranges: ClassVar[Mapping[str, range]]

    def __post_init__(self) -> None:
        for field in fields(self):
            if (allowed := self.ranges.get(field.name)) is not None:
                value = getattr(self, field.name)
                require(value in allowed, f"{field.name} {value}, expected {allowed[0]} to {allowed[-1]}")

    def to_bytes(self) -> bytes:
        """Return the whole frame."""
        return self.layout.pack({field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Take a whole frame apart, or raise `FrameError`."""
        return cls(**cls.layout.unpack(data))


def frames_in(heard: bytes, kinds: Sequence[type[Frame]]) -> list[Frame]:
    """Return every frame of these kinds in what a line brought."""

    def first(rest: bytes) -> tuple[Frame, int]:
        for kind in kinds:
            with contextlib.suppress(FrameError):
                return kind.from_bytes(rest[: kind.layout.length]), kind.layout.length
        raise FrameError("no frame begins here")

    return scan(heard, first)


def doors_of_bits(bits: int, covered: int, channels: range, *, one_is_open: bool) -> Mapping[int, Door]:
    """Return each channel's door, bit 0 being channel 1; channels beyond the `covered` bits are `UNKNOWN`."""

    def door(channel: int) -> Door:
        if channel > covered:
            return Door.UNKNOWN
        return Door.OPEN if bool(bits >> (channel - 1) & 1) == one_is_open else Door.CLOSED

    return {channel: door(channel) for channel in channels}
