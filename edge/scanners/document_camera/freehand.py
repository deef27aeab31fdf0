"""The sheet in a photograph of anything: no calibration, no known background.

Lines and outlines propose quadrilaterals on a small copy, `freehand_score.py` ranks them, the best is fitted again to
the edge on a sharper copy. One sheet at most is looked for.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.freehand_lines import Edges, Image, edges, lines, spanned_quads, support
from edge.scanners.document_camera.freehand_masks import outlined_quads
from edge.scanners.document_camera.freehand_score import Scores, scores
from edge.scanners.document_camera.model import Found, Frame, Sheet, Verdict
from edge.scanners.document_camera.sampling import sampled

SMALL = 448
"""Longest side of the copy that is searched."""
MOST_SPANNED = 160
SURE = 0.36
"""A sheet whose weakest side is worth less is not said to be found."""


def find_freehand(frame: Frame) -> Found:
    """The most likely whole sheet."""
    scale = min(1.0, SMALL / max(frame.shape[:2]))
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    corners, score = best_quad(np.asarray(small, dtype=np.uint8))
    if corners is None:
        return Found(Verdict.NO_SHEET)
    if score < SURE:
        return Found(Verdict.UNSURE)
    placed = (corners + 0.5) / scale - 0.5
    return Found(Verdict.FOUND, (Sheet(quads.order_corners(placed), (0.0, 0.0), "other", score),))


def best_quad(small: Frame) -> tuple[NDArray[np.float64] | None, float]:
    """The best quadrilateral of a small picture, with the score of its weakest side."""
    lab = _lab(small)
    smooth = cv2.medianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2LAB), 5).astype(np.float32)
    found = edges(lab)
    height, width = lab.shape[:2]
    spanned = spanned_quads(support(found, lines(found)), width, height, MOST_SPANNED)
    proposed = np.concatenate([spanned, outlined_quads(lab)])
    if not len(proposed):
        return None, 0.0
    ranked = scores(lab, smooth, found, proposed)
    top = proposed[np.argsort(-ranked.worth)[:12]]
    settled = np.array([settled_quad(found, quad) for quad in top])
    both = np.concatenate([top, settled[quads.convex(settled)]])
    final: Scores = scores(lab, smooth, found, both)
    best = int(np.argmax(final.worth))
    return both[best], float(final.weakest[best])


def _lab(small: Frame) -> Image:
    return np.asarray(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2LAB), (5, 5), 1.0), dtype=np.float32)


def settled_quad(found: Edges, corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each side through the crests of the gradient near it; a side without enough of them stays."""
    fitted = quads.lines_of(corners).copy()
    side = np.roll(corners, -1, axis=0) - corners
    offsets = np.arange(-6.0, 6.5, 0.5)
    gradient = np.dstack([found.x, found.y, found.sure])
    for k in range(4):
        normal = fitted[k, :2].copy()
        along = corners[k] + side[k] * np.linspace(0.04, 0.96, 60)[:, None]
        grid = along[:, None] + offsets[None, :, None] * normal
        taken = sampled(gradient, grid)
        sure = taken[..., 2] * (np.abs(taken[..., :2] @ normal) > 0.85 * np.hypot(taken[..., 0], taken[..., 1]))
        best = sure.argmax(axis=1)
        kept = sure.max(axis=1) > 0.25
        if kept.sum() < 15:
            continue
        points = grid[np.arange(60), best][kept].astype(np.float32)
        vx, vy, x, y = cv2.fitLine(points, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().astype(np.float64)
        turned = np.array([-vy, vx]) * np.sign(-vy * normal[0] + vx * normal[1] or 1.0)
        fitted[k] = (*turned, turned @ (x, y))
    return quads.corners_of(fitted)
