"""How far the print of a page is turned against its sheet, in degrees, found by projection profiles.

Dark points are projected along directions; along the lines of print the profile has its sharpest steps. Three levels:
every degree on few points, then finer on more, then a parabola through the peak on the finest. Lines of print that run
down the page (turned pages, tables' rules) are tried as well and the sharper of the two counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.model import Frame

WIDEST = 15.0
"""Degrees to either side that are searched."""
LEAST = 0.12
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
    few = points[:: max(1, len(points) // 15000)]
    best = max((_search(few, axis, 0.0, WIDEST, 1.0, 4.0) for axis in (0, 1)), key=lambda found: found[2])
    axis, angle, _ = best
    middle = points[:: max(1, len(points) // 40000)]
    _, angle, _ = _search(middle, axis, angle, 1.0, 0.2, 2.0)
    _, angle, peak = _search(points, axis, angle, 0.24, 0.06, 1.0)
    angle += _parabola(points, axis, angle, 0.06)
    return Tilt(angle, peak / max(_sharpness(points, axis, 0.0, 1.0), 1e-9))


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
    return points[:: max(1, len(points) // 160000)]


def _sharpness(points: NDArray[np.float32], axis: int, degrees: float, bin_px: float) -> float:
    """Return the energy of the profile's steps when points are projected along lines turned by `degrees`."""
    turn = np.deg2rad(degrees)
    x, y = points[:, 0], points[:, 1]
    across = y * np.float32(np.cos(turn)) - x * np.float32(np.sin(turn))
    if axis:
        across = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    at = (across * np.float32(1 / bin_px) + np.float32(2048.0)).astype(np.int32)
    profile = np.bincount(at, minlength=4096).astype(np.float64)
    return float(np.square(np.diff(profile)).sum())


def _search(
    points: NDArray[np.float32], axis: int, centre: float, reach: float, step: float, bin_px: float
) -> tuple[int, float, float]:
    count = round(reach / step)
    angles = [centre + step * index for index in range(-count, count + 1)]
    scores = [_sharpness(points, axis, angle, bin_px) for angle in angles]
    best = int(np.argmax(scores))
    return axis, angles[best], scores[best]


def _parabola(points: NDArray[np.float32], axis: int, angle: float, step: float) -> float:
    """Return how far beside `angle` the peak lies."""
    before, at, after = (_sharpness(points, axis, angle + step * k, 1.0) for k in (-1, 0, 1))
    bend = before - 2 * at + after
    return 0.0 if bend >= 0 else float(np.clip(0.5 * (before - after) / bend, -1, 1)) * step
