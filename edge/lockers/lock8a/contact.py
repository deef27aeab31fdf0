"""One contact asked alone: `80 ADDR LOCK 33 BCC`, answered by `80 ADDR LOCK 00|11 BCC`.

Whole-board queries serve the driver. Commissioning asks this too: the address of a lock stands in the frame, so the
answer tells which channel a bit of the whole-board status belongs to, and no coil has to move for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import xor

from edge.lockers.board import Answer, Question
from edge.lockers.frames import require
from edge.lockers.lock8a.codec import ADDRESSES, LOCKS
from edge.ports import Door

_VALUES = (0x00, 0x11)


def ask_contact(address: int, channel: int) -> Question:
    """Return the question about one lock; raises FrameError for a board or lock that does not exist."""
    require(address in ADDRESSES and channel in LOCKS, f"no lock {channel} at address {address}")
    head = bytes((0x80, address, channel))

    def find(heard: bytes) -> Answer | None:
        found = [frame for value in _VALUES if (frame := _sealed(head, value)) in heard]
        return Answer(found[0], {}) if len(found) == 1 else None

    return Question(_sealed(head, 0x33), find)


def read_contact(frame: bytes, settings: Mapping[str, str]) -> Door:
    """Return what an answer means on locks of this polarity."""
    closed = 0x11 if settings["single_polarity"] == "closed_is_11" else 0x00
    return Door.CLOSED if frame[3] == closed else Door.OPEN


def _sealed(head: bytes, function: int) -> bytes:
    return bytes((*head, function, reduce(xor, head, function)))
