"""Frames of the Winnsen protocol as a public firmware for 16-way boards speaks it (9600 8N1).

Host `90 06 FUNC STATION LOCK 03`, board `90 07 FUNC STATION LOCK STATE 03`. There is no check sum: an answer is taken
only with the right length, head, function and end and the station and lock that were asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from edge.lockers.tabled import Layout, TableFrame, frames_in

# Two DIP switches. Lock 0 is no lock here, whatever a firmware may take it for.
ADDRESSES = range(4)
LOCKS = range(1, 17)


@dataclass(frozen=True, slots=True)
class _Frame(TableFrame):
    ranges: ClassVar[Mapping[str, range]] = {"address": ADDRESSES, "lock": LOCKS, "state": range(2)}
    address: int
    lock: int


@dataclass(frozen=True, slots=True)
class Unlock(_Frame):
    """`90 06 05 STATION LOCK 03`: pulse one coil."""

    layout: ClassVar[Layout] = Layout("90 06 05 address lock 03", None)


@dataclass(frozen=True, slots=True)
class Unlocked(_Frame):
    """`90 07 85 STATION LOCK STATE 03`: 1 = ok, 0 = failed (also within the firmware's cooldown)."""

    layout: ClassVar[Layout] = Layout("90 07 85 address lock state 03", None)
    state: int


@dataclass(frozen=True, slots=True)
class Query(_Frame):
    """`90 06 12 STATION LOCK 03`: ask for one door; there is no question for all."""

    layout: ClassVar[Layout] = Layout("90 06 12 address lock 03", None)


@dataclass(frozen=True, slots=True)
class Status(_Frame):
    """`90 07 92 STATION LOCK STATE 03`: 1 = open, 0 = closed, unless the lock's switch is the other way round."""

    layout: ClassVar[Layout] = Layout("90 07 92 address lock state 03", None)
    state: int


Answer = Status | Unlocked


def answers_in(heard: bytes) -> list[Answer]:
    """Return what boards said in one portion of the line."""
    return frames_in(heard, (Status, Unlocked))
