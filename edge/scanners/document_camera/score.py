"""Whether a fitted rectangle is a whole sheet: edges all round, square, changed within, empty mat beyond."""

from __future__ import annotations

import cv2
import numpy as np

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.background import PER_MM, Mask
from edge.scanners.document_camera.formats import format_of
from edge.scanners.document_camera.model import Points
from edge.scanners.document_camera.refit import Refit

LEAST_SUPPORT = 0.55
LEAST_MEAN = 0.72
HIDDEN_SUPPORT = 0.25
MOST_SKEW = 0.02
"""Sine of how far a corner may be from a right angle."""


def size_of(corners_mm: Points) -> tuple[float, float]:
    """Width and height: the mean of opposite sides."""
    length = quads.lengths(corners_mm)
    return float(length[0] + length[2]) / 2, float(length[1] + length[3]) / 2


def squareness(corners_mm: Points) -> float:
    """The largest sine of a corner's error, and of opposite sides' difference: 0 for a rectangle."""
    side = np.roll(corners_mm, -1, axis=0) - corners_mm
    side = side / np.linalg.norm(side, axis=1, keepdims=True)
    return float(np.abs((side * np.roll(side, -1, axis=0)).sum(axis=1)).max())


def score(found: Refit, mask: Mask) -> float:
    """0 for what is not said to be a sheet; else the support of its weakest side.

    A hand may hide one side of a sheet whose size is known: the other three are then asked for more.
    """
    support = np.sort(found.support)
    exact = format_of(size_of(found.corners)) in {"card", "booklet", "a4", "a3"} and support[1] > 0.8
    if squareness(found.corners) > MOST_SKEW or support[0] < (HIDDEN_SUPPORT if exact else LEAST_SUPPORT):
        return 0.0
    if support.mean() < LEAST_MEAN or not lies_free(found.corners, mask, hidden=exact):
        return 0.0
    return float(support[0])


def lies_free(corners: Points, mask: Mask, hidden: bool = False) -> bool:
    """Whether all within changed and the mat shows beyond every side; one side may be `hidden`."""
    free = np.sort(_free(corners, mask))
    return _filled(corners, mask) >= 0.88 and bool(free[1 if hidden else 0] >= 0.5)


def curve_lies_free(outline: Points, mask: Mask) -> bool:
    """The same of a sheet with curved sides, whose outline is four sides of equally many points, clockwise."""
    sides = outline.reshape(4, -1, 2)
    middle = sides[:, 2:-2]
    along = sides[:, 4:] - sides[:, :-4]
    along = along / np.maximum(np.linalg.norm(along, axis=2, keepdims=True), 1e-9)
    beyond = middle - 3.0 * np.stack([-along[..., 1], along[..., 0]], axis=-1)
    free = (_at(mask, beyond.reshape(-1, 2)) == 0).reshape(4, -1).mean(axis=1)
    inner = np.zeros_like(mask)
    cv2.fillPoly(inner, [np.round(outline * PER_MM).astype(np.int32)], 255)
    within = cv2.countNonZero(inner & mask) / max(1, cv2.countNonZero(inner))
    return bool(within >= 0.88 and free.min() >= 0.5)


def _filled(corners: Points, mask: Mask) -> float:
    u, v = np.meshgrid(np.linspace(0.03, 0.97, 24), np.linspace(0.03, 0.97, 24))
    u, v = u.reshape(-1, 1), v.reshape(-1, 1)
    top, bottom = corners[0] + u * (corners[1] - corners[0]), corners[3] + u * (corners[2] - corners[3])
    return float((_at(mask, top + v * (bottom - top)) > 0).mean())


def _free(corners: Points, mask: Mask) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Share of each side with nothing 3 millimetres beyond it."""
    inward = quads.lines_of(corners)[:, None, :2]
    side = np.roll(corners, -1, axis=0) - corners
    beyond = corners[:, None] + side[:, None] * np.linspace(0.05, 0.95, 40)[:, None] - 3.0 * inward
    return np.asarray((_at(mask, beyond.reshape(-1, 2)) == 0).reshape(4, 40).mean(axis=1))


def _at(mask: Mask, points_mm: Points) -> Mask:
    x = np.clip(np.round(points_mm[:, 0] * PER_MM), 0, mask.shape[1] - 1).astype(np.int64)
    y = np.clip(np.round(points_mm[:, 1] * PER_MM), 0, mask.shape[0] - 1).astype(np.int64)
    return np.asarray(mask[y, x])
