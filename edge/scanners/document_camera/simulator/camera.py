"""The simulated camera: a pinhole with Brown's distortion, slightly tilted over the mat.

A point of the mat has z = 0; what rises towards the camera has negative z, because x runs right and y down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edge.scanners.document_camera.geometry import apply, distort, settle, undistort
from edge.scanners.document_camera.model import Lens, Points

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True, slots=True)
class Camera:
    """13 megapixels over a field that takes A3 landscape. `focal` is the focal length in widths of the picture."""

    width: int = 4208
    height: int = 3120
    field_mm: float = 460.0
    focal: float = 0.93
    tilt_degrees: tuple[float, float] = (0.8, -0.6)
    off_centre: tuple[float, float] = (0.004, -0.003)
    distortion: tuple[float, float, float, float, float] = (-0.085, 0.03, 0.0004, -0.0003, 0.0)

    def smaller(self, times: int) -> Camera:
        """The same camera with pixels `times` as wide."""
        return replace(self, width=self.width // times, height=self.height // times)

    @property
    def pixels_per_mm(self) -> float:
        """In the middle of the picture, nearly."""
        return self.width / self.field_mm


@dataclass(frozen=True, slots=True, eq=False)
class Optics:
    """What follows from a `Camera`: the lens, the pose over the settled millimetres, and the exact homography."""

    lens: Lens
    rotation: NDArray[np.float64]
    translation: NDArray[np.float64]
    to_mm: NDArray[np.float64]
    field_mm: tuple[float, float]

    @property
    def eye(self) -> NDArray[np.float64]:
        """Where the camera is; its height over the mat is `-eye[2]`."""
        return -self.rotation.T @ self.translation

    def project(self, points: ArrayLike) -> Points:
        """Points (x, y, z) over the mat -> pixels of the frame."""
        seen = np.asarray(points, dtype=np.float64) @ self.rotation.T + self.translation
        return distort(seen[:, :2] / seen[:, 2:] @ self.lens.matrix[:2, :2].T + self.lens.matrix[:2, 2], self.lens)


@lru_cache(maxsize=8)
def optics(camera: Camera) -> Optics:
    """Solve for the height that makes the field exactly `field_mm` wide, and settle the millimetres."""
    lens = _lens(camera)
    rotation, unit = _tilt(camera.tilt_degrees), np.array([0.0, 0.0, 1.0])
    plane = lens.matrix @ np.column_stack([rotation[:, 0], rotation[:, 1], unit])
    _, (width, _) = settle(np.linalg.inv(plane), lens)
    distance = camera.field_mm / width * unit
    flat = np.linalg.inv(lens.matrix @ np.column_stack([rotation[:, 0], rotation[:, 1], distance]))
    to_mm, field = settle(flat, lens)
    motion = to_mm @ np.linalg.inv(flat)
    motion /= motion[2, 2]
    turn = np.eye(3)
    turn[:2, :2] = motion[:2, :2].T
    settled = rotation @ turn
    shift = np.array([motion[0, 2], motion[1, 2], 0.0])
    return Optics(lens, settled, distance - settled @ shift, to_mm / to_mm[2, 2], field)


def _lens(camera: Camera) -> Lens:
    focal = camera.focal * camera.width
    x = (camera.width - 1) / 2 + camera.off_centre[0] * camera.width
    y = (camera.height - 1) / 2 + camera.off_centre[1] * camera.height
    matrix = np.array([[focal, 0, x], [0, focal, y], [0, 0, 1.0]])
    return Lens(matrix, np.array(camera.distortion), camera.width, camera.height)


def _tilt(degrees: tuple[float, float]) -> NDArray[np.float64]:
    a, b = (math.radians(each) for each in degrees)
    about_x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    about_y = np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
    return np.asarray(about_x @ about_y, dtype=np.float64)


@lru_cache(maxsize=8)
def ground(camera: Camera, step: int) -> NDArray[np.float64]:
    """Millimetres on the mat below the knots of a net over the frame, `step` pixels wide.

    Knot (row, column) lies at pixel `step * (column - 1) + (step - 1) / 2`, which is where `cv2.resize` puts it when
    it enlarges the net by `step`; one knot more on every side. The lens bends so little between two knots that
    interpolation is off by less than a hundredth of a pixel.
    """
    seen = optics(camera)
    columns = np.arange(-1, -(-camera.width // step) + 1) * step + (step - 1) / 2
    rows = np.arange(-1, -(-camera.height // step) + 1) * step + (step - 1) / 2
    pixels = np.stack(np.meshgrid(columns, rows), axis=-1)
    return apply(seen.to_mm, undistort(pixels, seen.lens)).reshape(pixels.shape)
