"""The sizes that documents come in: a calibrated camera sees millimetres, and a size that fits is hardly chance.

`card` is ID-1 of ISO/IEC 7810, a passport (ID-3) is a `booklet` closed or open; further sheets of ISO 216 and others
are `other` by name, but no less known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FORMATS = (
    ("card", 85.6, 54.0, 0.8),
    ("booklet", 125.0, 88.0, 1.2),
    ("booklet", 176.0, 125.0, 2.0),
    ("a4", 297.0, 210.0, 2.5),
    ("a3", 420.0, 297.0, 3.0),
)
"""Name, longer side, shorter side, tolerance in millimetres: the standard's own and .4 mm of the camera's."""
FURTHER = (
    (210.0, 148.0, 2.0),
    (148.0, 105.0, 1.5),
    (143.0, 105.0, 1.5),
    (250.0, 176.0, 2.0),
    (353.0, 250.0, 3.0),
    (260.0, 184.0, 2.0),
    (279.4, 215.9, 2.5),
    (355.6, 215.9, 2.5),
)
"""A5, A6, a household register, B5, B4, 16K, letter and legal."""
ROLLS_MM, ROLL_ROOM_MM = (57.5, 76.0, 80.0), 0.8
"""Widths of the paper rolls that receipts are printed on."""
_EXACT = tuple(each[1:] for each in FORMATS) + FURTHER
Floats = NDArray[np.float64]


def format_of(size_mm: tuple[float, float]) -> str:
    """The format whose sides these are, either way round; long and narrow is a receipt."""
    longer, shorter = max(size_mm), min(size_mm)
    for name, long, short, tolerance in FORMATS:
        if abs(longer - long) <= tolerance and abs(shorter - short) <= tolerance:
            return name
    return "receipt" if bool(_narrow(np.array(longer), np.array(shorter))) else "other"


BENT = 0.03
"""A bent sheet rises towards the camera and is seen larger, or shorter, by such a share of its longer side."""


def trust(size_mm: tuple[float, float], bent: bool = False) -> int:
    """How little a size is chance: 3 what is handed in most, 2 other documents, 1 receipts, 0 the rest."""
    longer, shorter = max(size_mm), min(size_mm)
    more = BENT * longer if bent else 0.0
    if any(_near(longer, shorter, each[1:], more) for each in FORMATS):
        return 3
    if any(_near(longer, shorter, each, more) for each in FURTHER):
        return 2
    narrow = format_of(size_mm) == "receipt"
    return int(narrow and min(abs(shorter - width) for width in ROLLS_MM) < ROLL_ROOM_MM + more)


def _near(longer: float, shorter: float, known: tuple[float, float, float], more: float) -> bool:
    return abs(longer - known[0]) <= known[2] + more and abs(shorter - known[1]) <= known[2] + more


def off_size_mm(first_mm: Floats, second_mm: Floats) -> Floats:
    """How far pairs of sides are from the nearest document's of an exact size, or from a receipt's."""
    longer, shorter = np.maximum(first_mm, second_mm), np.minimum(first_mm, second_mm)
    off = [np.maximum(np.abs(longer - long), np.abs(shorter - short)) for long, short, _ in _EXACT]
    receipt = np.min([np.abs(shorter - width) for width in ROLLS_MM], axis=0)
    return np.asarray(np.min([*off, np.where(_narrow(longer, shorter), receipt, np.inf)], axis=0))


def _narrow(longer: Floats, shorter: Floats) -> NDArray[np.bool_]:
    return np.asarray((shorter >= 45) & (shorter <= 85) & (longer >= 1.35 * shorter) & (longer > 95))
