"""Frames of the 48-lock "CU" variant with commands 60 and 61, as public code spells them.

Host `02 ADDR LOCKNUM CMD 03 SUM`, board `02 ADDR xx 75 LEN DATA SUM`; SUM is the low byte of the sum of all bytes
before it, LOCKNUM the lock's number less one. That LOCKNUM 30 and address 0A mean "all", as on the CU48, no source
says; no frame with them can be made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from edge.lockers.tabled import Layout, TableFrame, doors_of_bits, frames_in, sum8
from edge.ports import Door

ADDRESSES = range(0x0A)
LOCKS = range(1, 0x31)


@dataclass(frozen=True, slots=True)
class _Frame(TableFrame):
    ranges: ClassVar[Mapping[str, range]] = {"address": ADDRESSES, "lock": LOCKS}
    address: int


@dataclass(frozen=True, slots=True)
class Unlock(_Frame):
    """`02 ADDR LOCKNUM 61 03 SUM`: pulse one coil."""

    layout: ClassVar[Layout] = Layout("02 address lock-1 61 03", sum8)
    lock: int


@dataclass(frozen=True, slots=True)
class Unlocked(_Frame):
    """`02 ADDR xx 75 00 SUM`: the board took the unlock (a failure has 00 for 75), which no door is believed for."""

    layout: ClassVar[Layout] = Layout("02 address .. 75 00", sum8)


@dataclass(frozen=True, slots=True)
class GetStatus(_Frame):
    """`02 ADDR 00 60 03 SUM`: ask one board for all its locks."""

    layout: ClassVar[Layout] = Layout("02 address 00 60 03", sum8)


@dataclass(frozen=True, slots=True)
class Status(_Frame):
    """`02 ADDR xx 75 06 D1..D6 SUM`: bit 0 of D1 is lock 1, bit 7 of D6 is lock 48."""

    layout: ClassVar[Layout] = Layout("02 address .. 75 06 bits*6", sum8)
    bits: bytes

    def doors(self, channels: range, *, one_is_closed: bool) -> Mapping[int, Door]:
        """Return each channel's door; a normally closed switch inverts the meaning of the bits."""
        value = int.from_bytes(self.bits, "little")
        return doors_of_bits(value, LOCKS[-1], channels, one_is_open=not one_is_closed)


Answer = Status | Unlocked


def answers_in(heard: bytes) -> list[Answer]:
    """Return what boards said in one portion of the line."""
    return frames_in(heard, (Status, Unlocked))
