"""False alarms and misses of every check, with the seeds of those that went wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.bench.capture_flaws import Judged, judged
from tests.bench.capture_row import Row, shared

FLAWED = {
    "blur": ("blur", "moved"),
    "glare": ("glare",),
    "blank": ("blank",),
    "finger": ("finger",),
    "cut": ("folded", "out of sight"),
    "duplicate": ("duplicate",),
}
GOOD = {"blank": ("", "sparse"), "duplicate": ("filled otherwise",)}
FALSE_ALARMS, MISSES = 0.02, 0.05
MANY = 3
"""Good pages for each page of a flaw: they are what mostly comes."""


def check_rows(seed: int, frames: int) -> list[Row]:
    """Rows of the checks."""
    count = max(4, frames // 50)
    kinds = ["", "sparse", "filled otherwise", *(flaw for flaws in FLAWED.values() for flaw in flaws)]
    asked = [(seed + number, kind) for kind in kinds for number in range(count * MANY if kind == "" else count)]
    pages = shared(judged, asked)
    return [_row(name, pages) for name in FLAWED]


def _row(name: str, pages: Sequence[Judged]) -> Row:
    good = [page for page in pages if page.flaw in GOOD.get(name, ("",))]
    flawed = [page for page in pages if page.flaw in FLAWED[name]]
    alarms = [page for page in good if not _passed(page, name)]
    missed = [page for page in flawed if _passed(page, name)]
    text = (
        f"{len(alarms)} of {len(good)} good flagged{_seeds(alarms)}, {len(missed)} of {len(flawed)} flawed missed"
        f"{_seeds(missed)}; scores good {_range(good, name)}, flawed {_range(flawed, name)}"
    )
    met = len(alarms) <= FALSE_ALARMS * len(good) and len(missed) <= MISSES * len(flawed)
    return Row(f"check: {name}", f"≤ {FALSE_ALARMS:.0%} false alarms, ≤ {MISSES:.0%} misses (our own)", text, met)


def _passed(page: Judged, name: str) -> bool:
    check = page.of(name)
    return check is None or check.passed


def _seeds(pages: Sequence[Judged]) -> str:
    return f" ({', '.join(f'{page.flaw} {page.seed}'.strip() for page in pages[:6])})" if pages else ""


def _range(pages: Sequence[Judged], name: str) -> str:
    scores = [check.score for page in pages if (check := page.of(name))]
    return f"{np.min(scores):.4g} to {np.max(scores):.4g}"
