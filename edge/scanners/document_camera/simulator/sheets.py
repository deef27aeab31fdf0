"""A sheet's place under the camera: flat or bent like a cylinder, exact in both directions.

A bent sheet keeps its lengths: `Profile` holds, over the straight way across, the height and the paper so far.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edge.scanners.document_camera.model import Points
from edge.scanners.document_camera.simulator.camera import Camera, optics
from edge.scanners.document_camera.simulator.scene import Bend, LaidSheet

Floats = NDArray[np.float64]
_KNOTS = 2001
_BEYOND = 60.0
"""A profile runs on straight this far beyond the paper, so that nothing jumps at the paper's edge."""


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Cross-section of a bent sheet: `height` and `length` of paper over `across`, all mm; `width` straight across."""

    across: Floats
    height: Floats
    length: Floats
    width: float

    def height_at(self, across: Floats) -> Floats:
        """Height over the mat."""
        return np.asarray(np.interp(across, self.across, self.height))

    def slope_at(self, across: Floats) -> Floats:
        """How steep it rises."""
        return np.asarray(np.interp(across, self.across, np.gradient(self.height, self.across)))

    def length_at(self, across: Floats) -> Floats:
        """Paper from the edge until there."""
        return np.asarray(np.interp(across, self.across, self.length))

    def across_at(self, length: Floats) -> Floats:
        """The way back of `length_at`."""
        return np.asarray(np.interp(length, self.length, self.across))


def _shape(kind: str, t: Floats) -> Floats:
    if kind == "arch":
        return 4 * t * (1 - t)
    if kind == "curl":
        return np.maximum(0, (t - 0.55) / 0.45) ** 2
    if kind == "wave":
        return (1 - np.cos(2 * math.pi * t)) / 2
    if kind == "prop":
        return t
    # fold: two slopes and a crease that is a little round
    return 1 - (np.sqrt((2 * t - 1) ** 2 + 0.0036) - 0.06) / (math.sqrt(1.0036) - 0.06)


@lru_cache(maxsize=64)
def profile(bend: Bend, paper: float) -> Profile:
    """Find the straight width at which `paper` mm of paper make this bend."""
    t = np.linspace(0, 1, _KNOTS)
    height, width = bend.height_mm * _shape(bend.kind, t), paper
    for _ in range(30):
        length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(t * width), np.diff(height)))])
        width *= paper / length[-1]
    ends = [(0.0, 1, 0), (0.0, -1, -2)]
    (low, high) = ((height[a] - height[b]) / (width / (_KNOTS - 1)) for _, a, b in ends)
    across = np.concatenate([[-_BEYOND], t * width, [width + _BEYOND]])
    heights = np.concatenate([[height[0] - low * _BEYOND], height, [height[-1] + high * _BEYOND]])
    before, after = -_BEYOND * math.hypot(1, low), paper + _BEYOND * math.hypot(1, high)
    return Profile(across, heights, np.concatenate([[before], length, [after]]), width)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A sheet over the mat of one camera. Paper coordinates run from its upper left corner, in mm."""

    sheet: LaidSheet
    camera: Camera

    @property
    def bent(self) -> Profile | None:
        """The profile, None for a flat sheet."""
        bend = self.sheet.bend
        if bend is None:
            return None
        return profile(bend, self.sheet.width_height[0 if bend.over == "x" else 1])

    @property
    def _axis(self) -> int:
        return 0 if self.sheet.bend is None or self.sheet.bend.over == "x" else 1

    @property
    def _straight(self) -> Floats:
        """Width and height as laid, which a bend makes smaller."""
        size = np.array(self.sheet.width_height)
        if self.bent is not None:
            size[self._axis] = self.bent.width
        return size

    @property
    def _turn(self) -> Floats:
        angle = math.radians(self.sheet.angle)
        return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])

    def _laid(self, mat: Floats) -> Floats:
        """Millimetres on the mat -> straight millimetres from the sheet's corner."""
        return np.asarray((mat - (self.sheet.x, self.sheet.y)) @ self._turn + self._straight / 2)

    def project(self, paper: ArrayLike) -> Points:
        """Points of the paper -> pixels."""
        laid = np.array(paper, dtype=np.float64).reshape(-1, 2)
        height = np.zeros(len(laid))
        if self.bent is not None:
            laid[:, self._axis] = self.bent.across_at(laid[:, self._axis])
            height = self.bent.height_at(laid[:, self._axis])
        mat = (laid - self._straight / 2) @ self._turn.T + (self.sheet.x, self.sheet.y)
        return optics(self.camera).project(np.column_stack([mat, -height]))

    def paper_below(self, ground: Floats) -> tuple[Floats, Floats | None]:
        """Where rays that reach the mat at `ground` meet the (endless) paper, and how steep it is there.

        A ray meets the height h at a point between mat and eye that is linear in h; a few rounds settle which h.
        """
        bent = self.bent
        if bent is None:
            return self._laid(ground), None
        eye = optics(self.camera).eye
        laid = self._laid(ground)
        for _ in range(12):
            height = bent.height_at(laid[..., self._axis])[..., None]
            laid = self._laid(ground + (eye[:2] - ground) * (height / -eye[2]))
        slope = bent.slope_at(laid[..., self._axis])
        laid[..., self._axis] = bent.length_at(laid[..., self._axis])
        return laid, slope

    def outline(self, a_side: int = 64) -> Points:
        """Pixels along the edge, clockwise from the printed page's upper left corner; corners included."""
        t = np.linspace(0, 1, a_side, endpoint=False)
        zero, one = np.zeros(a_side), np.ones(a_side)
        xs, ys = np.concatenate([t, one, 1 - t, zero]), np.concatenate([zero, t, one, 1 - t])
        return self.project(np.column_stack([xs, ys]) * self.sheet.width_height)

    def corners(self) -> Points:
        """Pixels of the four corners, clockwise from the printed page's upper left one."""
        width, height = self.sheet.width_height
        return self.project([(0, 0), (width, 0), (width, height), (0, height)])
