"""A sheet as a surface: from u, v in 0..1 (left to right, top to bottom of the page) to the plane it was seen in.

A flat sheet is a homography of its four corners. A curved one is the Coons patch of its outline: the sum of the two
ruled surfaces between opposite edges less the bilinear one of the corners (Coons 1967).
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from edge.scanners.document_camera.model import Points
from edge.scanners.document_camera.plane import Array, through

Surface = Callable[[Array], Array]
"""From (..., 2) of u, v to (..., 2) of the plane."""
UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)


def flat(corners: Points) -> Surface:
    """Return the surface of four corners, clockwise from the upper left one."""
    homography = np.asarray(cv2.getPerspectiveTransform(UNIT, corners.astype(np.float32)), np.float64)
    return lambda uv: through(homography, uv)


def sides(corners: Points, outline: Points) -> list[Points]:
    """Cut an outline at the corners: top, right, bottom, left, each running clockwise and beginning at its corner."""
    cuts = [int(np.argmin(np.linalg.norm(outline - corner, axis=1))) for corner in corners]
    start = cuts[0]
    ring = np.roll(outline, -start, axis=0)
    ends = [(cut - start) % len(outline) for cut in cuts] + [len(outline)]
    closed = np.vstack([ring, ring[:1]])
    pieces = []
    for index in range(4):
        piece = closed[ends[index] : ends[index + 1] + 1].copy()
        if len(piece) < 2:
            piece = np.stack([corners[index], corners[(index + 1) % 4]])
        piece[0], piece[-1] = corners[index], corners[(index + 1) % 4]
        pieces.append(piece)
    return pieces


def length(curve: Points) -> float:
    """Return the length of a polyline."""
    return float(np.linalg.norm(np.diff(curve, axis=0), axis=1).sum())


def _along(curve: Points, share: Array) -> Array:
    """Return the points at shares 0..1 of a polyline's length."""
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    at = np.clip(share, 0, 1) * steps[-1]
    return np.stack([np.interp(at, steps, curve[:, axis]) for axis in (0, 1)], axis=-1)


def curved(corners: Points, outline: Points) -> Surface:
    """Return the Coons patch of an outline."""
    top, right, bottom, left = sides(corners, outline)
    bottom, left = bottom[::-1], left[::-1]
    c00, c10, c11, c01 = corners

    def patch(uv: Array) -> Array:
        u, v = uv[..., :1], uv[..., 1:]
        ruled = (1 - v) * _along(top, uv[..., 0]) + v * _along(bottom, uv[..., 0])
        ruled += (1 - u) * _along(left, uv[..., 1]) + u * _along(right, uv[..., 1])
        return np.asarray(ruled - (1 - u) * (1 - v) * c00 - u * (1 - v) * c10 - u * v * c11 - (1 - u) * v * c01)

    return patch
