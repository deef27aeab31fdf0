"""Pixels and millimetres of a calibrated camera: OpenCV's five-coefficient lens, and the mat as a plane.

The millimetres' frame follows from the camera alone, so that no sheet of calibration has to lie straight: the middle of
the picture is the middle of the field, and x runs as the picture's middle row does (`settle`).
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from edge.scanners.document_camera.model import Calibration, Lens, Points

_EXACT = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 60, 1e-12)


def undistort(points: ArrayLike, lens: Lens) -> Points:
    """Pixels of the frame -> pixels that a lens without distortion would have given (same matrix)."""
    given = np.asarray(points, dtype=np.float64).reshape(-1, 1, 2)
    straight = cv2.undistortPoints(given, lens.matrix, lens.distortion, R=None, P=lens.matrix, criteria=_EXACT)
    return np.asarray(straight, dtype=np.float64).reshape(-1, 2)


def distort(points: ArrayLike, lens: Lens) -> Points:
    """The way back of `undistort`."""
    given = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    rays = (np.column_stack([given, np.ones(len(given))]) @ np.linalg.inv(lens.matrix).T)[:, None, :]
    seen, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), lens.matrix, lens.distortion)
    return np.asarray(seen, dtype=np.float64).reshape(-1, 2)


def apply(homography: NDArray[np.floating[Any]], points: ArrayLike) -> Points:
    """Points through a 3 x 3 homography."""
    given = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    moved = np.column_stack([given, np.ones(len(given))]) @ homography.T
    return np.asarray(moved[:, :2] / moved[:, 2:], dtype=np.float64)


def pixels_to_mm(points: ArrayLike, calibration: Calibration) -> Points:
    """Pixels of the frame -> millimetres on the mat."""
    return apply(calibration.to_mm, undistort(points, calibration.lens))


def mm_to_pixels(points: ArrayLike, calibration: Calibration) -> Points:
    """Millimetres on the mat -> pixels of the frame."""
    return distort(apply(np.linalg.inv(calibration.to_mm), points), calibration.lens)


def clockwise_from_upper_left(corners: ArrayLike) -> Points:
    """The order of `Sheet.corners`: clockwise as the frame shows it, first the corner with the least x + y."""
    given = np.asarray(corners, dtype=np.float64).reshape(-1, 2)
    middle = given.mean(axis=0)
    turned = given[np.argsort(np.arctan2(given[:, 1] - middle[1], given[:, 0] - middle[0]))]
    return np.roll(turned, -int(np.argmin(turned.sum(axis=1))), axis=0)


def settle(to_plane: NDArray[np.floating[Any]], lens: Lens) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Turn and shift a homography from undistorted pixels to a plane's millimetres into the frame of `Calibration`.

    Returns the new homography and the field's width and height: what the picture's middle row and column span.
    """
    x, y = (lens.width - 1) / 2, (lens.height - 1) / 2
    ends = [(-0.5, y), (lens.width - 0.5, y), (x, -0.5), (x, lens.height - 0.5), (x, y)]
    left, right, top, bottom, middle = apply(to_plane, undistort(ends, lens))
    across, down = right - left, bottom - top
    width, height = math.hypot(*across), math.hypot(*down)
    cos, sin = across / width
    turn = np.array([[cos, sin], [-sin, cos]])
    motion = np.eye(3)
    motion[:2, :2] = turn
    motion[:2, 2] = np.array([width / 2, height / 2]) - turn @ middle
    return motion @ to_plane, (width, height)
