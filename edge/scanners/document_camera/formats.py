"""The sizes that documents come in. A camera over a calibrated mat sees millimetres: a size that fits is hardly chance.

`card` is ID-1 of ISO/IEC 7810, a passport (ID-3) is a `booklet` closed or open; the ISO 216 sheets and China's are `other`
by name, but no less known.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMATS = (
    ("card", 85.6, 54.0, 1.2),
    ("booklet", 125.0, 88.0, 1.5),
    ("booklet", 176.0, 125.0, 2.0),
    ("a4", 297.0, 210.0, 2.5),
    ("a3", 420.0, 297.0, 3.0),
)
"""Name, longer side, shorter side, tolerance in millimetres."""
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
_EXACT = tuple(each[1:] for each in FORMATS) + FURTHER
ROOM_MM = 2.0
"""What a size may be off before the sides are fitted."""


def format_of(size_mm: tuple[float, float]) -> str:
    """The format whose sides these are, either way round; long and narrow is a receipt."""
    longer, shorter = max(size_mm), min(size_mm)
    for name, long, short, tolerance in FORMATS:
        if abs(longer - long) <= tolerance and abs(shorter - short) <= tolerance:
            return name
    return "receipt" if _narrow(longer, shorter) else "other"


def is_exact(size_mm: tuple[float, float]) -> bool:
    """Whether it is the size of a document that has one."""
    longer, shorter = max(size_mm), min(size_mm)
    return any(abs(longer - long) <= room and abs(shorter - short) <= room for long, short, room in _EXACT)


def may_be_document(first_mm: NDArray[np.float64], second_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which pairs of sides, measured roughly, may be a document's of an exact size, or a receipt's."""
    longer, shorter = np.maximum(first_mm, second_mm), np.minimum(first_mm, second_mm)
    fits = np.asarray(_narrow(longer, shorter), dtype=np.bool_)
    for long, short, room in _EXACT:
        fits |= (np.abs(longer - long) < room + ROOM_MM) & (np.abs(shorter - short) < room + ROOM_MM)
    return fits


def _narrow(longer: Any, shorter: Any) -> Any:
    return (shorter >= 45) & (shorter <= 85) & (longer >= 1.35 * shorter) & (longer > 95)
