"""Frames of the 12-way RS-485 board whose frames begin `DC 02` (9600 8N1), as public test programs of it spell them.

Host `DC 02 ADDR CMD LEN DATA SUM`, board `DC FE …`; SUM is the low byte of the sum from ADDR on. Commands 14 (all), 15,
18 and 1A (several) and 16 (hold) move more than one coil or hold one: they are not in this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from edge.lockers.tabled import Layout, TableFrame, doors_of_bits, frames_in, sum8
from edge.ports import Door

ADDRESSES = range(1, 16)
LOCKS = range(1, 13)


def _row(row: str) -> Layout:
    return Layout(row, sum8, check_from=2)


@dataclass(frozen=True, slots=True)
class _Frame(TableFrame):
    ranges: ClassVar[Mapping[str, range]] = {"address": ADDRESSES, "lock": LOCKS}
    address: int


@dataclass(frozen=True, slots=True)
class Unlock(_Frame):
    """`DC 02 ADDR 10 01 LOCK SUM`: pulse one coil."""

    layout: ClassVar[Layout] = _row("DC 02 address 10 01 lock")
    lock: int


@dataclass(frozen=True, slots=True)
class Unlocked(_Frame):
    """`DC FE ADDR 10 02 LOCK RESULT SUM`: 1 = ok, which no door is believed for."""

    layout: ClassVar[Layout] = _row("DC FE address 10 02 lock result")
    lock: int
    result: int


@dataclass(frozen=True, slots=True)
class UnlockedShort(_Frame):
    """`DC FE ADDR 10 01 RESULT SUM`: the same from boards that do not repeat the lock."""

    layout: ClassVar[Layout] = _row("DC FE address 10 01 result")
    result: int


@dataclass(frozen=True, slots=True)
class QueryAll(_Frame):
    """`DC 02 ADDR 12 00 SUM`: ask for all doors of the board."""

    layout: ClassVar[Layout] = _row("DC 02 address 12 00")


@dataclass(frozen=True, slots=True)
class Status(_Frame):
    """`DC FE ADDR 12 02 HIGH LOW SUM`: one bit for each lock, bit 0 of LOW is lock 1."""

    layout: ClassVar[Layout] = _row("DC FE address 12 02 bits*2")
    bits: bytes

    def doors(self, channels: range, *, high_first: bool, one_is_open: bool) -> Mapping[int, Door]:
        """Return each channel's door; order and meaning of the bits are commissioned."""
        value = int.from_bytes(self.bits, "big" if high_first else "little")
        return doors_of_bits(value, LOCKS[-1], channels, one_is_open=one_is_open)


Answer = Status | Unlocked | UnlockedShort


def answers_in(heard: bytes) -> list[Answer]:
    """Return what boards said in one portion of the line."""
    return frames_in(heard, (Status, Unlocked, UnlockedShort))
