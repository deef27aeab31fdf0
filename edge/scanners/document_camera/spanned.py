"""Rectangles that straight edges within the change span, for mats where more lies than a sheet.

Where a sheet lies on or beside other things, the outline of what changed is not the sheet's. Its edges are still there,
and a calibrated camera makes the search narrow: four lines, square to each other, as far apart as a format's sides.
Print is thin and dark on paper and is closed over first, so that a table's rules are no lines.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.background import PER_MM, Mask, Plan
from edge.scanners.document_camera.candidates import Candidate
from edge.scanners.document_camera.formats import off_size_mm
from edge.scanners.document_camera.freehand import settled_quad
from edge.scanners.document_camera.freehand_lines import Edges, Support, edges, lines, support
from edge.scanners.document_camera.freehand_score import along_edges
from edge.scanners.document_camera.model import Frame

ROOM_MM = 3.5
"""What a size may be off before the sides are fitted."""
PRINT_MM = 3.5
"""Dark strokes on paper are thinner."""
MOST_LINES, LEAST_VOTES = 130, 0.006
MOST_PAIRS = 2000
MOST_SETTLED = 40
PARALLEL, SQUARE = np.cos(np.radians(2.0)), np.sin(np.radians(2.0))
"""Short sides are seen to a degree or so; they are settled afterwards."""
ROUGH_WEAKEST, ROUGH_MEAN = 0.1, 0.3
LEAST_WEAKEST, LEAST_MEAN = 0.16, 0.5


def spanned(seen: Frame, mask: Mask, plan: Plan, most: int = 12) -> list[Candidate]:
    """Candidates of known sizes that do not nearly repeat each other, the best supported first."""
    wide = round(PRINT_MM * PER_MM)
    closed = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    lab = np.asarray(cv2.GaussianBlur(cv2.cvtColor(closed, cv2.COLOR_BGR2LAB), (5, 5), 1.0), dtype=np.float32)
    found = edges(lab)
    found.sure[(cv2.dilate(mask, np.ones((9, 9), np.uint8)) == 0) & (plan.lined > 0)] = 0
    drawn = lines(found, MOST_LINES, LEAST_VOTES)
    if len(drawn) < 8:
        return []
    likely = _likely(_rectangles(drawn, mask.shape), support(found, drawn))
    return _best(found, likely, most) if len(likely) else []


def _rectangles(drawn: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.intp]:
    """(n, 4) lines, going round, that are square to each other and as far apart as a document's sides."""
    drawn = drawn[:-4]
    normal = drawn[:, :2]
    i, j = np.triu_indices(len(drawn), 1)
    cosine = (normal[i] * normal[j]).sum(axis=1)
    offset = drawn[:, 2] - normal @ (shape[1] / 2, shape[0] / 2)
    gap = np.abs(offset[i] - np.sign(cosine) * offset[j]) / PER_MM
    paired = (np.abs(cosine) > PARALLEL) & (gap > 40) & (gap < 450)
    first, second, gap = i[paired][:MOST_PAIRS], j[paired][:MOST_PAIRS], gap[paired][:MOST_PAIRS]
    a, b = np.triu_indices(len(first), 1)
    fits = off_size_mm(gap[a], gap[b]) < 4.0
    a, b = a[fits], b[fits]
    square = np.abs((normal[first[a]] * normal[first[b]]).sum(axis=1)) < SQUARE
    a, b = a[square], b[square]
    return np.stack([first[a], first[b], second[a], second[b]], axis=1)


def _likely(sides: NDArray[np.intp], held: Support) -> NDArray[np.float64]:
    """The rectangles whose sides are edges, roughly, the best first; what nearly repeats another is left out."""
    if not len(sides):
        return np.empty((0, 4, 2))
    corners = quads.corners_of(held.lines[sides])
    turned = quads.area(corners) < 0
    corners[turned], sides[turned] = corners[turned][:, [0, 3, 2, 1]], sides[turned][:, [3, 2, 1, 0]]
    line = held.lines[sides]
    along = np.stack([-line[..., 1], line[..., 0]], axis=-1)
    starts, ends = (along * corners).sum(axis=-1), (along * np.roll(corners, -1, axis=1)).sum(axis=-1)
    on = np.sort(np.asarray(held.between(sides, starts, ends), dtype=np.float64), axis=1)
    off = _off(corners)
    worth = _worth(on, off)
    good = np.flatnonzero((off < ROOM_MM) & (on[:, 0] > ROUGH_WEAKEST) & (on.mean(axis=1) > ROUGH_MEAN))
    kept: list[NDArray[np.float64]] = []
    for n in good[np.argsort(-worth[good])]:
        if all(np.abs(corners[n] - each).max() > 5 for each in kept):
            kept.append(corners[n])
        if len(kept) == MOST_SETTLED:
            break
    return np.array(kept).reshape(-1, 4, 2)


def _worth(on: NDArray[np.float64], off_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * on.mean(axis=1) + 0.25 * (on[:, 0] + on[:, 1]) - 0.04 * off_mm)


def _off(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    length = quads.lengths(corners) / PER_MM
    return off_size_mm((length[:, 0] + length[:, 2]) / 2, (length[:, 1] + length[:, 3]) / 2)


def _best(found: Edges, likely: NDArray[np.float64], most: int) -> list[Candidate]:
    """Each side settled to the edge near it, and judged again."""
    settled = np.array([settled_quad(found, quad) for quad in likely])
    corners = np.concatenate([likely, settled[quads.convex(settled)]])
    on = np.sort(along_edges(found, corners), axis=1)
    off = _off(corners)
    worth = _worth(on, off)
    good = np.flatnonzero((off < ROOM_MM) & (on[:, 0] > LEAST_WEAKEST) & (on.mean(axis=1) > LEAST_MEAN))
    kept: list[Candidate] = []
    for n in good[np.argsort(-worth[good])]:
        quad = quads.order_corners(corners[n])
        if all(quads.iou(quad, each.corners * PER_MM) < 0.93 for each in kept):
            kept.append(Candidate(quad / PER_MM, float(worth[n])))
        if len(kept) == most:
            break
    return kept
