"""Quadrilaterals around what several ways of dividing a photograph take for one thing: bright, pale, closed edges.

None of them is right often enough alone; `freehand_score.py` chooses.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.freehand_lines import Image

Mask = NDArray[np.uint8]
LEAST_SHARE = 0.03


def masks(lab: Image) -> Iterator[Mask]:
    """Bright things, pale bright things, things of another colour than the picture's rim, areas within edges."""
    bright = lab[..., 0]
    chroma = np.hypot(lab[..., 1] - 128, lab[..., 2] - 128)
    rim = np.concatenate([lab[:6].reshape(-1, 3), lab[-6:].reshape(-1, 3), lab[:, :6].reshape(-1, 3)])
    away = np.linalg.norm(lab - np.median(rim, axis=0), axis=2)
    for values in (bright, bright - 1.5 * chroma, 255 - 2 * chroma, away):
        for level in _levels(np.asarray(values, dtype=np.float32)):
            yield _cleaned((values > level).astype(np.uint8) * 255)
    grey = bright.astype(np.uint8)
    for low in (20, 60):
        edge = cv2.Canny(grey, low, 3 * low)
        closed = cv2.morphologyEx(edge, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)).astype(np.uint8)
        yield closed
        yield _filled(closed)


def _levels(values: Image) -> list[float]:
    """Otsu's level, and Otsu's again of what lies above and below it."""
    eight = np.clip(values, 0, 255).astype(np.uint8)
    first = cv2.threshold(eight, 0, 255, cv2.THRESH_OTSU)[0]
    levels = [first]
    for part in (eight[eight > first], eight[eight <= first]):
        if part.size > 100:
            levels.append(cv2.threshold(part.reshape(-1, 1), 0, 255, cv2.THRESH_OTSU)[0])
    return levels


def _cleaned(mask: Mask) -> Mask:
    """Without the text inside and without thin bridges to the neighbours."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    return cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)).astype(np.uint8)


def _filled(edges: Mask) -> Mask:
    """The areas that edges close in: what cannot be reached from the rim."""
    ring = cv2.copyMakeBorder(edges, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    cv2.floodFill(ring, None, (0, 0), 128)
    return np.where(ring[1:-1, 1:-1] == 128, 0, 255).astype(np.uint8)


def outlined_quads(lab: Image) -> NDArray[np.float64]:
    """Quadrilaterals of all large outlines: of the hull's four strongest sides and the smallest rectangle."""
    found = []
    least = LEAST_SHARE * lab.shape[0] * lab.shape[1]
    for mask in masks(lab):
        drawn, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        outlines = [np.asarray(each, dtype=np.int32) for each in drawn]
        large = sorted((o for o in outlines if cv2.contourArea(o) > least), key=cv2.contourArea, reverse=True)
        for outline in large[:4]:
            found += [quad for quad in (_four_sided(outline), _four_fitted(outline)) if quad is not None]
            found.append(cv2.boxPoints(cv2.minAreaRect(outline)).astype(np.float64))
    if not found:
        return np.empty((0, 4, 2))
    corners = np.array([quads.order_corners(quad) for quad in found])
    return np.asarray(corners[quads.convex(corners)])


def _four_sided(outline: NDArray[np.int32]) -> NDArray[np.float64] | None:
    """The hull, simplified until four corners are left."""
    hull = cv2.convexHull(outline)
    around = cv2.arcLength(hull, True)
    for share in (0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08):
        simple = cv2.approxPolyDP(hull, share * around, True)
        if len(simple) == 4:
            return np.asarray(simple.reshape(4, 2), dtype=np.float64)
        if len(simple) < 4:
            return None
    return None


def _four_fitted(outline: NDArray[np.int32]) -> NDArray[np.float64] | None:
    """The hull's four longest straight sides, extended until they meet: survives folded and hidden corners."""
    hull = cv2.convexHull(outline)
    simple = cv2.approxPolyDP(hull, 0.008 * cv2.arcLength(hull, True), True).reshape(-1, 2).astype(np.float64)
    if len(simple) < 5:
        return None
    side = np.linalg.norm(np.roll(simple, -1, axis=0) - simple, axis=1)
    chosen = np.sort(np.argsort(-side)[:4])
    starts, ends = simple[chosen], np.roll(simple, -1, axis=0)[chosen]
    direction = (ends - starts) / np.linalg.norm(ends - starts, axis=1, keepdims=True)
    normal = np.column_stack([-direction[:, 1], direction[:, 0]])
    corners = quads.corners_of(np.column_stack([normal, (normal * starts).sum(axis=1)]))
    return corners if np.abs(corners - simple.mean(axis=0)).max() < 2.5 * np.ptp(simple, axis=0).max() else None
