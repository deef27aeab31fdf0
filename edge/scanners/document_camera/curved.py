"""A sheet that does not lie flat: each side as a smooth curve along the edge, where a straight line misses it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.model import Calibration, Frame, Points
from edge.scanners.document_camera.refit import PROFILES, crossings_of

REACH_MM, STEP_MM = 9.0, 0.15
NEAR_MM = 0.45
DEGREE = 4
SAGITTA_MM = 1.0
"""A side that leaves its chord by less is straight."""
LEAST_SUPPORT = 0.72


@dataclass(frozen=True, slots=True, eq=False)
class Curved:
    """Corners and outline in millimetres, the weakest side's support, how far the edge leaves the chords."""

    corners: Points
    outline: Points
    support: float
    sagitta_mm: float


def curved(frame: Frame, corners: Points, calibration: Calibration) -> Curved | None:
    """The curves near the sides of a rectangle; None where one side has no smooth edge near it."""
    places = crossings_of(frame, corners, calibration, REACH_MM, STEP_MM)
    along = np.linspace(0.03, 0.97, PROFILES)
    curves, support = [], []
    for side in places:
        fitted = _smooth(along, side)
        if fitted is None:
            return None
        curves.append(fitted[0])
        support.append(fitted[1])
    if min(support) < LEAST_SUPPORT:
        return None
    edge = _points(corners, curves, along)
    found = _corners(edge)
    if not bool(quads.convex(found)):
        return None
    chord = quads.lines_of(found)
    sagitta = np.abs((edge * chord[:, None, :2]).sum(axis=2) - chord[:, None, 2]).max()
    outline = np.concatenate([np.vstack([found[k], edge[k]]) for k in range(4)])
    return Curved(found, outline, float(min(support)), float(sagitta))


def _smooth(along: NDArray[np.float64], places: NDArray[np.float64]) -> tuple[NDArray[np.float64], float] | None:
    """A polynomial that most places agree with, and the share that does."""
    kept = np.isfinite(places)
    for _ in range(8):
        if kept.sum() < 0.5 * len(places):
            return None
        curve = np.polynomial.polynomial.polyfit(along[kept], places[kept], DEGREE)
        miss = np.abs(places - np.polynomial.polynomial.polyval(along, curve))
        limit = max(NEAR_MM, 2.0 * float(np.median(miss[kept])))
        kept = np.isfinite(miss) & (miss < limit)
    miss = np.abs(places - np.polynomial.polynomial.polyval(along, curve))
    return np.asarray(curve, dtype=np.float64), float((miss < NEAR_MM).mean())


def _points(corners: Points, curves: list[NDArray[np.float64]], along: NDArray[np.float64]) -> NDArray[np.float64]:
    """(4, n, 2) places on the curves."""
    inward = quads.lines_of(corners)[:, None, :2]
    side = np.roll(corners, -1, axis=0) - corners
    offsets = np.array([np.polynomial.polynomial.polyval(along, curve) for curve in curves])
    return np.asarray(corners[:, None] + side[:, None] * along[:, None] + offsets[..., None] * inward)


def _corners(edge: NDArray[np.float64]) -> Points:
    """Where the ends of neighbouring curves, carried on straight, meet."""
    before, after = np.roll(edge, 1, axis=0), edge
    lines = [_through(before[:, -6], before[:, -1]), _through(after[:, 0], after[:, 5])]
    return quads.intersect(lines[0], lines[1])


def _through(first: Points, last: Points) -> NDArray[np.float64]:
    direction = last - first
    direction = direction / np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-9)
    normal = np.column_stack([-direction[:, 1], direction[:, 0]])
    return np.column_stack([normal, (normal * first).sum(axis=1)])
