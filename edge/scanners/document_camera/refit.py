"""Each side of a rectangle fitted again to the sheet's edge at full resolution, in millimetres on the mat.

Across a side run 80 profiles. On each the edge is where the colour is half way from the mat's to the paper's; a line
through those places by consensus (RANSAC), then by weighted least squares, does not see the profiles that a finger, a
folded corner or print at the rim spoil. Only these narrow strips of the full frame are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.geometry import mm_to_pixels
from edge.scanners.document_camera.model import Calibration, Frame, Points
from edge.scanners.document_camera.sampling import sampled

PROFILES = 80
CONSENSUS_MM = 0.22
APART_MM = 0.25
"""An edge, blurred, is over within so much on either side."""
LEAST_STEP = 7.0
"""Grey levels; less is the sensor's noise."""
WINDOWS = ((3.2, 0.12), (1.4, 0.05))
"""Reach on either side and step of the first and the second fit, in millimetres."""
NARROW_WINDOWS = ((1.8, 0.1), (0.9, 0.05))
"""For rectangles of straight edges, which are right to a fraction of a millimetre: other edges are near."""


@dataclass(frozen=True, slots=True, eq=False)
class Refit:
    """A rectangle after its sides were fitted: share of profiles that agree with each side, contrast of each side,
    and the edge's offsets (4, 80) from the fitted sides, inward, NaN where there is none."""

    corners: Points
    support: NDArray[np.float64]
    contrast: NDArray[np.float64]
    offsets: NDArray[np.float64]


def coarseness(calibration: Calibration) -> float:
    """How many times wider than a 13 megapixel camera's the pixels are; windows and tolerances grow with them."""
    return max(1.0, calibration.field_mm[0] / calibration.lens.width / 0.125)


def refit(
    frame: Frame, corners: Points, calibration: Calibration, windows: Sequence[tuple[float, float]] = WINDOWS
) -> Refit:
    """Fit all four sides, coarse and then fine."""
    current = corners
    coarse = coarseness(calibration)
    for reach, step in ((reach * coarse**0.5, step * coarse) for reach, step in windows):
        lines, support, contrast, offsets = _fitted(frame, current, calibration, reach, step)
        moved = quads.corners_of(lines)
        if not bool(quads.convex(moved)) or np.abs(moved - current).max() > 3 * reach:
            return Refit(current, np.zeros(4), np.zeros(4), np.full((4, PROFILES), np.nan))
        current = moved
    return Refit(current, support, contrast, offsets)


def crossings_of(
    frame: Frame, corners: Points, calibration: Calibration, reach: float, step: float
) -> NDArray[np.float64]:
    """(4, 80) offsets inward from the sides at which the paper begins."""
    profiles = _profiles(frame, corners, calibration, reach, step)
    apart = APART_MM * coarseness(calibration)
    return np.array([_crossings(side, reach, step, apart)[0] for side in profiles])


def _profiles(
    frame: Frame, corners: Points, calibration: Calibration, reach: float, step: float
) -> NDArray[np.float32]:
    """(4, 80, n, 3) colours across the sides, from the outside inward."""
    inward = quads.lines_of(corners)[:, None, :2]
    side = np.roll(corners, -1, axis=0) - corners
    feet = corners[:, None] + side[:, None] * np.linspace(0.03, 0.97, PROFILES)[:, None]
    ends = np.stack([feet - reach * inward, feet + reach * inward], axis=2)
    pixels = mm_to_pixels(ends.reshape(-1, 2), calibration).reshape(4, PROFILES, 2, 2)
    share = np.linspace(0, 1, round(2 * reach / step) + 1)[:, None]
    return sampled(frame, pixels[:, :, :1] * (1 - share) + pixels[:, :, 1:] * share)


def _fitted(
    frame: Frame, corners: Points, calibration: Calibration, reach: float, step: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    lines = quads.lines_of(corners)
    length = quads.lengths(corners)
    along = np.linspace(0.03, 0.97, PROFILES)
    profiles = _profiles(frame, corners, calibration, reach, step)
    support, contrast = np.zeros(4), np.zeros(4)
    offsets = np.full((4, PROFILES), np.nan)
    fitted = lines.copy()
    for k in range(4):
        places, contrast[k] = _crossings(profiles[k], reach, step, APART_MM * coarseness(calibration))
        slope, start, near = _consensus(along, places, CONSENSUS_MM * coarseness(calibration) ** 0.5)
        support[k] = near.mean()
        offsets[k] = places - (start + slope * along)
        first = corners[k] + lines[k, :2] * start
        last = corners[(k + 1) % 4] + lines[k, :2] * (start + slope)
        direction = (last - first) / max(float(np.linalg.norm(last - first)), 1e-6 * float(length[k]) + 1e-9)
        normal = np.array([-direction[1], direction[0]])
        fitted[k] = (*normal, normal @ first)
    return fitted, support, contrast, offsets


def _crossings(
    profiles: NDArray[np.float32], reach: float, step: float, apart: float
) -> tuple[NDArray[np.float64], float]:
    """Where each profile (mat first) is half way to the paper, as an offset inward; NaN where there is no step.

    What lies beyond a side may change along it, and so may what is printed within: each profile has its own two ends.
    """
    tail = max(3, profiles.shape[1] // 5)
    outside, inside = _ends(profiles[:, :tail]), _ends(profiles[:, -tail:])
    axis = inside - outside
    size = np.linalg.norm(axis, axis=1)
    unit = axis / np.maximum(size, LEAST_STEP)[:, None] ** 2
    along = ((profiles - outside[:, None]) * unit[:, None]).sum(axis=2, dtype=np.float64)
    wide = max(2, round(apart / step))
    total = np.cumsum(np.pad(along, ((0, 0), (1, 0))), axis=1)
    mean = (total[:, wide:] - total[:, :-wide]) / wide
    rise = mean[:, wide:] - mean[:, :-wide]
    best = rise.argmax(axis=1)
    low = np.take_along_axis(mean, np.maximum(best - wide // 2, 0)[:, None], 1)[:, 0]
    high = np.take_along_axis(mean, np.minimum(best + wide + wide // 2, mean.shape[1] - 1)[:, None], 1)[:, 0]
    place = _half_way(along, (low + high) / 2, best + wide, wide)
    stepped = (rise.max(axis=1) > 0.3) & (size > LEAST_STEP)
    return np.where(stepped, place * step - reach, np.nan), float(np.median(size))


def _ends(part: NDArray[np.float32]) -> NDArray[np.float32]:
    """The colour of one end of each profile, calmed by its neighbours'."""
    own = np.median(part, axis=1)
    around = np.pad(own, ((2, 2), (0, 0)), mode="edge")
    count = len(own)
    return np.asarray(np.median([around[k : k + count] for k in range(5)], axis=0), dtype=np.float32)


def _half_way(
    along: NDArray[np.float64], level: NDArray[np.float64], middle: NDArray[np.intp], wide: int
) -> NDArray[np.float64]:
    """The upward crossing of the level that is nearest to `middle`, between samples."""
    over = along >= level[:, None]
    rising = ~over[:, :-1] & over[:, 1:]
    index = np.arange(along.shape[1] - 1)
    distance = np.where(rising, np.abs(index + 0.5 - middle[:, None] + 0.5), np.inf)
    nearest = distance.argmin(axis=1)
    row = np.arange(len(along))
    before, after = along[row, nearest], along[row, nearest + 1]
    part = (level - before) / np.maximum(after - before, 1e-9)
    return np.where(distance.min(axis=1) <= 2 * wide, nearest + part, np.nan)


def _consensus(
    along: NDArray[np.float64], places: NDArray[np.float64], tolerance: float
) -> tuple[float, float, NDArray[np.bool_]]:
    """Slope and start of the line most places agree with, and which do."""
    known = np.flatnonzero(np.isfinite(places))
    if len(known) < 12:
        return 0.0, 0.0, np.zeros(len(places), dtype=np.bool_)
    dice = np.random.default_rng(len(known))
    i, j = known[dice.integers(len(known), size=(2, 160))]
    apart = np.abs(i - j) > 12
    i, j = i[apart], j[apart]
    slope = (places[j] - places[i]) / (along[j] - along[i])
    start = places[i] - slope * along[i]
    miss = np.abs(places[known] - start[:, None] - slope[:, None] * along[known])
    best = int((miss < tolerance).sum(axis=1).argmax()) if len(i) else 0
    a, b = (float(slope[best]), float(start[best])) if len(i) else (0.0, float(np.median(places[known])))
    for _ in range(6):
        left = places[known] - b - a * along[known]
        weight = np.clip(1 - (left / (1.5 * tolerance)) ** 2, 0, None) ** 2
        if weight.sum() < 4:
            break
        b, a = _weighted_line(along[known], places[known], weight)
    near = np.zeros(len(places), dtype=np.bool_)
    near[known] = np.abs(places[known] - b - a * along[known]) < tolerance
    return a, b, near


def _weighted_line(x: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64]) -> tuple[float, float]:
    middle_x, middle_y = np.average(x, weights=w), np.average(y, weights=w)
    spread = float((w * (x - middle_x) ** 2).sum())
    slope = float((w * (x - middle_x) * (y - middle_y)).sum()) / max(spread, 1e-12)
    return float(middle_y - slope * middle_x), slope
