"""How straight print leaves, and that straight print is left alone; beside it Hough's lines, as tutorials have it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge.scanners.document_camera.deskew import MOST, tilt_of, to_turn
from edge.scanners.document_camera.model import Frame
from tests.bench.capture_print import as_seen, by_lot, printed
from tests.bench.capture_row import Row, shared, spent


@dataclass(frozen=True, slots=True)
class Turned:
    """Degrees of print, by how many it would be turned back, what Hough's lines say, and our milliseconds."""

    seed: int
    true: float
    back: float
    hough: float
    ms: float

    @property
    def residual(self) -> float:
        """What is left, in degrees."""
        return abs(self.true - self.back)


def deskew_rows(seed: int, frames: int) -> list[Row]:
    """Rows of deskew: half of the pages lie tilted, half straight."""
    count = max(8, frames // 8)
    tilted = shared(tilted_page, range(seed, seed + count))
    straight = shared(straight_page, range(seed, seed + count))
    left = np.array([page.residual for page in tilted])
    hough = np.array([abs(page.true - page.hough) for page in tilted])
    share = (left <= 0.1).mean()
    text = f"mean {left.mean():.3f}°, {share:.1%} ≤ .1°, most {left.max():.2f}° of {count} pages within ±{MOST:.0f}°"
    met = bool(left.mean() <= 0.05 and share >= 0.99)
    times = [page.ms for page in (*tilted, *straight)]
    wrong = sum(page.back != 0 for page in straight)
    most = max(abs(page.back) for page in straight)
    return [
        Row("deskew residual", "mean ≤ .05°, 99 % ≤ .1°", text, met),
        Row("the same, Hough's lines", "", f"mean {hough.mean():.3f}°, {(hough <= 0.1).mean():.1%} ≤ .1°", None),
        Row("straight pages that were turned", "none", f"{wrong} of {count}, at most by {most:.2f}°", wrong == 0),
        Row(
            "deskew, time on one core",
            "≤ 40 ms",
            f"median {np.median(times):.0f} ms, most {max(times):.0f} ms",
            bool(np.median(times) <= 40),
        ),
    ]


def tilted_page(seed: int) -> Turned:
    """A page whose print is tilted against its sheet."""
    dice = np.random.default_rng([seed, 1])
    return _page(seed, float(dice.uniform(-MOST, MOST)) if seed % 2 else float(dice.uniform(-1, 1)), dice)


def straight_page(seed: int) -> Turned:
    """A page whose print is as straight as its sheet."""
    return _page(seed, 0.0, np.random.default_rng([seed, 2]))


def _page(seed: int, degrees: float, dice: np.random.Generator) -> Turned:
    image = as_seen(printed(dice), by_lot(dice, degrees), dice)
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    back, ms = spent(lambda: to_turn(tilt_of(grey)))
    return Turned(seed, degrees, back, hough(grey), ms)


def hough(grey: Frame) -> float:
    """The median slope of near-level segments that Hough's transform finds among Canny's edges."""
    small = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    lines = cv2.HoughLinesP(cv2.Canny(small, 50, 150), 1, np.pi / 720, 150, minLineLength=200, maxLineGap=20)
    if lines is None:
        return 0.0
    x1, y1, x2, y2 = np.asarray(lines, np.float64).reshape(-1, 4).T
    slopes = np.rad2deg(np.arctan2(y2 - y1, x2 - x1))
    near = slopes[np.abs(slopes) < 15]
    return float(np.median(near)) if len(near) else 0.0
