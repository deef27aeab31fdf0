"""Who is told that a compartment is free: first come, first served, one person for each free compartment. Pure.

Nothing is held for anybody: a station must take paper from whoever stands before it, and a phone is no proof of a place
in a queue. Instead nobody else is told of the same compartment for `CLAIM`, which is time enough to come back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from hub.core.catalogue import SIZES

CLAIM = timedelta(minutes=30)


@dataclass(frozen=True)
class Place:
    """One waiting place; `called` within the last half hour, so that a free compartment is spoken for."""

    receipt_number: str
    size: str
    called: bool = False


def to_call(free: Iterable[str], places: Iterable[Place]) -> list[str]:
    """Return the receipt numbers to tell now; `free` are sizes of free compartments, `places` in order of joining.

    Each place takes the smallest free compartment that fits; those already told come first.
    """
    left = sorted(SIZES.index(each) for each in free if each in SIZES)
    told = []
    for place in sorted(places, key=lambda each: not each.called):
        fitting = next((size for size in left if size >= _index(place.size)), None)
        if fitting is None:
            continue
        left.remove(fitting)
        if not place.called:
            told.append(place.receipt_number)
    return told


def _index(size: str) -> int:
    return SIZES.index(size) if size in SIZES else len(SIZES)
