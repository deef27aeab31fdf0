"""Rectangles that straight edges within the change span, for mats where more lies than a sheet.

Where a sheet lies on or beside other things, the outline of what changed is not the sheet's. Its edges are still there,
and a calibrated camera makes the search narrow: four lines, square to each other, as far apart as a format's sides. Print
is thin and dark on paper and is closed over first, so that a table's rules are no lines.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.background import PER_MM, Mask
from edge.scanners.document_camera.candidates import Candidate
from edge.scanners.document_camera.formats import may_be_document
from edge.scanners.document_camera.freehand_lines import Support, edges, lines, support
from edge.scanners.document_camera.model import Frame

PRINT_MM = 3.5
"""Dark strokes on paper are thinner."""
MOST_LINES = 110
MOST_PAIRS = 1500
PARALLEL, SQUARE = np.cos(np.radians(1.3)), np.sin(np.radians(1.6))
LEAST_WEAKEST, LEAST_MEAN = 0.16, 0.42


def spanned(laid: Frame, mask: Mask, most: int = 10) -> list[Candidate]:
    """Candidates of known sizes that do not nearly repeat each other, the best supported first."""
    wide = round(PRINT_MM * PER_MM)
    closed = cv2.morphologyEx(laid, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    lab = np.asarray(cv2.GaussianBlur(cv2.cvtColor(closed, cv2.COLOR_BGR2LAB), (5, 5), 1.0), dtype=np.float32)
    found = edges(lab)
    found.sure[cv2.dilate(mask, np.ones((9, 9), np.uint8)) == 0] = 0
    drawn = lines(found, MOST_LINES, 0.011)
    return _best(_rectangles(drawn), support(found, drawn), most) if len(drawn) > 4 else []


def _rectangles(drawn: NDArray[np.float64]) -> NDArray[np.intp]:
    """(n, 4) lines, going round, that are square to each other and as far apart as a document's sides."""
    drawn = drawn[:-4]
    normal = drawn[:, :2]
    i, j = np.triu_indices(len(drawn), 1)
    cosine = (normal[i] * normal[j]).sum(axis=1)
    gap = np.abs(drawn[i, 2] - np.sign(cosine) * drawn[j, 2]) / PER_MM
    paired = (np.abs(cosine) > PARALLEL) & (gap > 40) & (gap < 450)
    first, second, gap = i[paired][:MOST_PAIRS], j[paired][:MOST_PAIRS], gap[paired][:MOST_PAIRS]
    a, b = np.triu_indices(len(first), 1)
    fits = may_be_document(gap[a], gap[b])
    a, b = a[fits], b[fits]
    square = np.abs((normal[first[a]] * normal[first[b]]).sum(axis=1)) < SQUARE
    a, b = a[square], b[square]
    return np.stack([first[a], first[b], second[a], second[b]], axis=1)


def _best(sides: NDArray[np.intp], held: Support, most: int) -> list[Candidate]:
    if not len(sides):
        return []
    corners = quads.corners_of(held.lines[sides])
    turned = quads.area(corners) < 0
    corners[turned], sides[turned] = corners[turned][:, [0, 3, 2, 1]], sides[turned][:, [3, 2, 1, 0]]
    line = held.lines[sides]
    along = np.stack([-line[..., 1], line[..., 0]], axis=-1)
    starts, ends = (along * corners).sum(axis=-1), (along * np.roll(corners, -1, axis=1)).sum(axis=-1)
    on = np.sort(held.between(sides, starts, ends), axis=1)
    length = quads.lengths(corners) / PER_MM
    fits = may_be_document((length[:, 0] + length[:, 2]) / 2, (length[:, 1] + length[:, 3]) / 2)
    good = np.flatnonzero(fits & (on[:, 0] > LEAST_WEAKEST) & (on.mean(axis=1) > LEAST_MEAN))
    worth = 0.5 * on.mean(axis=1) + 0.25 * (on[:, 0] + on[:, 1])
    kept: list[Candidate] = []
    for n in good[np.argsort(-worth[good])]:
        quad = quads.order_corners(corners[n])
        if all(quads.iou(quad, each.corners * PER_MM) < 0.93 for each in kept):
            kept.append(Candidate(quad / PER_MM, float(worth[n])))
        if len(kept) == most:
            break
    return kept
