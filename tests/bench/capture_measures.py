"""Rows of `make bench-capture` that are not about finding: each is a function that measures and says how it went.

Add a function to `MEASURES`; it gets the seed and the number of frames or pages to use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; `met` is None where there is no target."""

    measure: str
    target: str
    measured: str
    met: bool | None


Measure = Callable[[int, int], list[Row]]
MEASURES: list[Measure] = []
