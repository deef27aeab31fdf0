"""A station's doors as they stand in their cabinets, for a drawing in real proportions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row


@dataclass(frozen=True)
class Cabinet:
    """One cabinet's front in millimetres, and its doors."""

    name: str
    width_mm: int
    height_mm: int
    doors: list[Row[Any]]


def arrange(compartments: Iterable[Row[Any]]) -> list[Cabinet]:
    """Group the doors whose place is known by cabinet, in the order in which the numbers name them."""
    found: dict[str, Cabinet] = {}
    for door in compartments:
        if door.cabinet is not None:
            new = Cabinet(door.cabinet, door.cabinet_width_mm, door.cabinet_height_mm, [])
            found.setdefault(door.cabinet, new).doors.append(door)
    return list(found.values())
