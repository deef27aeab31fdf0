"""From pixels of a frame to millimetres on the mat and back, through lens and homography, for a handful of points.

A few thousand points cost a millisecond; nobody needs a whole frame undistorted.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.model import Calibration, Frame, Lens, Points

Array = NDArray[np.float64]


def through(homography: Array, points: Array) -> Array:
    """Apply a 3 x 3 homography to points (..., 2)."""
    flat = points.reshape(-1, 2)
    mapped = np.column_stack([flat, np.ones(len(flat))]) @ homography.T
    return np.asarray((mapped[:, :2] / mapped[:, 2:]).reshape(points.shape))


def mm_of(points: Points, calibration: Calibration, scale: float = 1.0) -> Points:
    """Return where on the mat frame pixels lie; `scale` is the frame's width divided by the lens' width."""
    lens = calibration.lens
    raw = (np.asarray(points, np.float64).reshape(-1, 1, 2) + 0.5) / scale - 0.5
    straight = cv2.undistortPoints(raw, lens.matrix, lens.distortion, P=lens.matrix)
    return through(calibration.to_mm, np.asarray(straight, np.float64).reshape(-1, 2)).reshape(np.shape(points))


def pixels_of(points_mm: Array, calibration: Calibration, scale: float = 1.0) -> Array:
    """Return the frame pixels (distorted, as the camera delivers them) of places on the mat."""
    straight = through(np.asarray(np.linalg.inv(calibration.to_mm), np.float64), points_mm)
    return (_distort(straight, calibration.lens) + 0.5) * scale - 0.5


def _distort(straight: Array, lens: Lens) -> Array:
    """OpenCV's lens model, radial k1 k2 k3 and tangential p1 p2, written out: projectPoints would want 3D points."""
    fx, fy, cx, cy = lens.matrix[0, 0], lens.matrix[1, 1], lens.matrix[0, 2], lens.matrix[1, 2]
    k1, k2, p1, p2, k3 = (float(value) for value in np.append(lens.distortion.ravel(), np.zeros(5))[:5])
    x, y = (straight[..., 0] - cx) / fx, (straight[..., 1] - cy) / fy
    r2 = x * x + y * y
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    xd = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
    yd = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
    return np.stack([xd * fx + cx, yd * fy + cy], axis=-1)


def scale_of(frame: Frame, calibration: Calibration) -> float:
    """Return how much wider the frame is than the one that was calibrated."""
    return float(frame.shape[1]) / calibration.lens.width


def sampled(image: NDArray[Any], places: NDArray[np.float32]) -> NDArray[Any]:
    """Return an image's values at `places` (..., 2), between pixels by straight lines, beyond the edge as at the edge.

    The two coordinates go to OpenCV apart: with an empty array for the second map, its linear remap reads nonsense.
    """
    x, y = np.ascontiguousarray(places[..., 0]), np.ascontiguousarray(places[..., 1])
    return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
