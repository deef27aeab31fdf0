"""How far the print of a page is turned against its sheet, in degrees, found by projection profiles.

Dark points are projected along directions; along the lines of print the profile has its sharpest steps. Three levels:
every degree on few points, then finer on more, then a parabola through the peak on the finest. Lines of print that run
down the page (turned pages, columns, tables' rules) count as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.model import Frame

WIDEST = 15.0
"""Degrees to either side that are searched."""
LEAST = 0.06
"""A page straighter than this is left as it is: turning costs sharpness, and the sheet's edge is as good a witness."""
MOST = 5.0
"""Print that is further turned was meant so (a drawing, a stamp, a page laid in a page)."""
SURE = 1.25
"""The profile at the found angle is this much sharper than at none, or nothing is turned."""
SURE_NEAR = 1.12
"""The same for print that is turned by less than half a degree, where both profiles are sharp."""
SEEN = 1754
"""The longer side in pixels that the finest level works on (150 dpi of an A4)."""
FEW_POINTS = 400


@dataclass(frozen=True, slots=True)
class Tilt:
    """`degrees`: print runs this far clockwise of the page's edge; `gain`: sharpness against no turning at all."""

    degrees: float
    gain: float


def tilt_of(grey: Frame) -> Tilt:
    """Return how print lies on the page; no degrees and a gain of 1 where there is no print to tell by."""
    points = _ink(grey)
    if len(points) < FEW_POINTS:
        return Tilt(0.0, 1.0)
    angle, _ = _search(points[:: max(1, len(points) // 15000)], 0.0, WIDEST, 1.0, 4.0)
    angle, _ = _search(points[:: max(1, len(points) // 40000)], angle, 1.0, 0.2, 2.0)
    angle, peak = _search(points, angle, 0.24, 0.06, 1.0)
    angle += _parabola(points, angle, 0.06)
    return Tilt(angle, peak / max(_sharpness(points, 0.0, 1.0), 1e-9))


def to_turn(tilt: Tilt) -> float:
    """Return the degrees that a page should be straightened by: none unless it is certain and worth it."""
    certain = tilt.gain >= SURE or (tilt.gain >= SURE_NEAR and abs(tilt.degrees) < 0.5)
    return tilt.degrees if certain and LEAST <= abs(tilt.degrees) <= MOST else 0.0


def _ink(grey: Frame) -> NDArray[np.float32]:
    """Return x, y of print around the page's middle, without the margin in which the mat may show."""
    scale = min(1.0, SEEN / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    paper = cv2.blur(small, (61, 61))
    dark = cv2.compare(cv2.subtract(paper, small), np.array([24.0]), cv2.CMP_GT)
    margin = max(4, min(dark.shape) // 50)
    dark[:margin], dark[-margin:], dark[:, :margin], dark[:, -margin:] = 0, 0, 0, 0
    # Only the upper and left edges of strokes: a solid picture then weighs as little as a line.
    beside = cv2.subtract(dark, np.roll(dark, 1, axis=1))
    edge = cv2.bitwise_or(cv2.subtract(dark, np.roll(dark, 1, axis=0)), beside)
    found = cv2.findNonZero(edge)
    if found is None:
        return np.empty((0, 2), np.float32)
    points = np.asarray(found.reshape(-1, 2), np.float32)
    points -= np.array([dark.shape[1] / 2, dark.shape[0] / 2], np.float32)
    points = points[:: max(1, len(points) // 160000)]
    # Points on whole pixels fall together at exactly no angle; a spread, always the same, takes that pull away.
    return points + np.random.default_rng(1).random(points.shape, np.float32)


def _sharpness(points: NDArray[np.float32], degrees: float, bin_px: float) -> float:
    """Return the energy of the profiles' steps when points are projected along both directions turned by `degrees`.

    The two are added: of a receipt, whose lines are ragged, columns say more than lines; of a letter it is the lines.
    """
    half = 2 / bin_px
    cos, sin = np.float32(half * np.cos(np.deg2rad(degrees))), np.float32(half * np.sin(np.deg2rad(degrees)))
    x, y = points[:, 0], points[:, 1]
    energy = 0.0
    for across in (y * cos - x * sin, x * cos + y * sin):
        fine = np.bincount((across + np.float32(4096.0)).astype(np.int32), minlength=8192).astype(np.float64)
        # Half bins, overlapping: where bins begin must not matter, or whole pixels in whole bins would prefer no angle.
        profile = fine[:-2] + 2 * fine[1:-1] + fine[2:]
        energy += float(np.square(profile[2:] - profile[:-2]).sum())
    return energy


def _search(
    points: NDArray[np.float32], centre: float, reach: float, step: float, bin_px: float
) -> tuple[float, float]:
    count = round(reach / step)
    angles = [centre + step * index for index in range(-count, count + 1)]
    scores = [_sharpness(points, angle, bin_px) for angle in angles]
    best = int(np.argmax(scores))
    return angles[best], scores[best]


def _parabola(points: NDArray[np.float32], angle: float, step: float) -> float:
    """Return how far beside `angle` the peak lies."""
    before, at, after = (_sharpness(points, angle + step * k, 1.0) for k in (-1, 0, 1))
    bend = before - 2 * at + after
    return 0.0 if bend >= 0 else float(np.clip(0.5 * (before - after) / bend, -1, 1)) * step
