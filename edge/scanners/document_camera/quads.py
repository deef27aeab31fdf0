"""Plane geometry of lines and quadrilaterals, many at once: shapes are (..., 4, 2) corners and (..., 3) lines.

A line is (a, b, c) with a x + b y = c and a unit normal (a, b).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.model import Points

Floats = NDArray[np.floating[Any]]


def order_corners(corners: Floats) -> Points:
    """The same corners clockwise (y down) from the upper left one."""
    points = np.asarray(corners, dtype=np.float64)
    if area(points) < 0:
        points = points[::-1]
    return np.roll(points, -int(np.argmin(points.sum(axis=1))), axis=0)


def area(corners: Floats) -> NDArray[np.float64]:
    """Signed area; positive when clockwise as seen on a screen."""
    x, y = corners[..., 0], corners[..., 1]
    after_x, after_y = np.roll(x, -1, axis=-1), np.roll(y, -1, axis=-1)
    return np.asarray(0.5 * (x * after_y - after_x * y).sum(axis=-1), dtype=np.float64)


def convex(corners: Floats) -> NDArray[np.bool_]:
    """Whether all four turns go the clockwise way and no angle is nearly straight or nearly none."""
    side = np.roll(corners, -1, axis=-2) - corners
    side = side / (np.linalg.norm(side, axis=-1, keepdims=True) + 1e-9)
    after = np.roll(side, -1, axis=-2)
    sine = side[..., 0] * after[..., 1] - side[..., 1] * after[..., 0]
    return np.asarray((sine > 0.42).all(axis=-1))


def intersect(first: Floats, second: Floats) -> NDArray[np.float64]:
    """Where lines meet; far away when they are parallel."""
    det = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    det = np.where(np.abs(det) < 1e-9, 1e-9, det)
    x = (first[..., 2] * second[..., 1] - first[..., 1] * second[..., 2]) / det
    y = (first[..., 0] * second[..., 2] - first[..., 2] * second[..., 0]) / det
    return np.stack([x, y], axis=-1)


def lines_of(corners: Floats) -> NDArray[np.float64]:
    """The four sides; normals point into a clockwise quadrilateral."""
    side = np.roll(corners, -1, axis=-2) - corners
    side = side / (np.linalg.norm(side, axis=-1, keepdims=True) + 1e-9)
    normal = np.stack([-side[..., 1], side[..., 0]], axis=-1)
    offset = (normal * corners).sum(axis=-1)
    return np.concatenate([normal, offset[..., None]], axis=-1)


def corners_of(lines: Floats) -> NDArray[np.float64]:
    """The corners between sides: corner k lies between side k - 1 and side k."""
    return intersect(np.roll(lines, 1, axis=-2), lines)


def lengths(corners: Floats) -> NDArray[np.float64]:
    """Lengths of the four sides."""
    return np.asarray(np.linalg.norm(np.roll(corners, -1, axis=-2) - corners, axis=-1))


def iou(first: Floats, second: Floats) -> float:
    """Intersection over union of two convex quadrilaterals."""
    a, b = (np.asarray(corners, dtype=np.float32) for corners in (first, second))
    common, _ = cv2.intersectConvexConvex(a, b)
    whole = abs(float(area(a))) + abs(float(area(b))) - common
    return float(common / whole) if whole > 0 else 0.0


def overlap(first: Floats, second: Floats) -> float:
    """The common area as a share of the smaller of two convex quadrilaterals."""
    a, b = (np.asarray(corners, dtype=np.float32) for corners in (first, second))
    common, _ = cv2.intersectConvexConvex(a, b)
    return float(common / max(1e-9, min(abs(float(area(a))), abs(float(area(b))))))


def worst_corner(first: Floats, second: Floats) -> float:
    """The largest distance between corners of two quadrilaterals, whichever corner either begins with."""
    a, b = order_corners(first), order_corners(second)
    return float(min(np.linalg.norm(np.roll(a, k, axis=0) - b, axis=1).max() for k in range(4)))
