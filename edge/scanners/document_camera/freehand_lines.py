"""Straight lines of a photograph and the quadrilaterals they span, for photographs without a known background.

Pixels vote for the line through them at right angles to their gradient, on brightness and both colours, whatever
their strength beyond the noise: a faint side of white paper on a pale desk counts as much as a printed black frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera import quads

Image = NDArray[np.float32]
ANGLES = 180
MOST_LINES = 44
LEAST_VOTES = 0.06
"""Of a line, for each pixel of the shorter side."""
FAINT = 2.6
"""A step of colour (Lab, per pixel) that counts half as an edge."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Gradient of the strongest channel at every pixel, and how surely it is one (0 to 1)."""

    x: Image
    y: Image
    sure: Image


def edges(lab: Image) -> Edges:
    """Gradient of the channel that changes most at each pixel."""
    gx = np.stack([cv2.Scharr(lab[..., k], cv2.CV_32F, 1, 0) for k in range(3)]) / 32
    gy = np.stack([cv2.Scharr(lab[..., k], cv2.CV_32F, 0, 1) for k in range(3)]) / 32
    strength = gx * gx + gy * gy
    strongest = strength.argmax(axis=0)[None]
    x, y, square = (np.take_along_axis(values, strongest, 0)[0] for values in (gx, gy, strength))
    around = cv2.blur(np.sqrt(square), (41, 41))
    limit = FAINT * 0.5 + around
    return Edges(x, y, (square / (square + limit * limit)).astype(np.float32))


def lines(found: Edges, most: int = MOST_LINES, least: float = LEAST_VOTES) -> NDArray[np.float64]:
    """At `most` so many lines with most votes, (n, 3), and the four borders of the picture as the last four."""
    height, width = found.sure.shape
    thin = _thinned(found)
    rows, columns = np.nonzero(thin)
    gx, gy = found.x[rows, columns], found.y[rows, columns]
    weight = found.sure[rows, columns]
    angle = np.arctan2(gy, gx) % np.pi
    centre_x, centre_y = columns - width / 2, rows - height / 2
    reach = int(np.hypot(width, height) / 2) + 2
    votes = np.zeros((ANGLES, 2 * reach + 1), dtype=np.float32)
    for turn in (-2, -1, 0, 1, 2):
        step = (np.round(angle * ANGLES / np.pi).astype(np.int64) + turn) % ANGLES
        theta = step * np.pi / ANGLES
        rho = np.round(centre_x * np.cos(theta) + centre_y * np.sin(theta)).astype(np.int64) + reach
        cells = step * votes.shape[1] + rho
        votes += np.bincount(cells, weight, votes.size).reshape(votes.shape).astype(np.float32)
    peaks = _peaks(votes, reach, least * min(width, height), most)
    offset = peaks[:, 2] + peaks[:, 0] * width / 2 + peaks[:, 1] * height / 2
    peaks = np.column_stack([peaks[:, :2], offset])
    return np.concatenate([_settled(peaks, rows, columns, gx, gy, weight), _borders(width, height)])


def _borders(width: int, height: int) -> NDArray[np.float64]:
    return np.array([[1, 0, 0], [1, 0, width - 1], [0, 1, 0], [0, 1, height - 1]], dtype=np.float64)


def _thinned(found: Edges) -> NDArray[np.bool_]:
    """Only crests of the gradient."""
    size = np.hypot(found.x, found.y)
    across = np.abs(found.x) > np.abs(found.y)
    left, right = np.roll(size, 1, 1), np.roll(size, -1, 1)
    up, down = np.roll(size, 1, 0), np.roll(size, -1, 0)
    crest = np.where(across, (size >= left) & (size > right), (size >= up) & (size > down))
    crest[[0, -1], :] = False
    crest[:, [0, -1]] = False
    return np.asarray(crest & (found.sure > 0.25))


def _peaks(votes: NDArray[np.float32], reach: int, least: float, most: int) -> NDArray[np.float64]:
    """Maxima of the votes; angle wraps around with the sign of the distance."""
    smooth = cv2.GaussianBlur(votes, (5, 3), 0.9)
    wrapped = np.concatenate([smooth[-6:, ::-1], smooth, smooth[:6, ::-1]])
    top = cv2.dilate(wrapped, np.ones((9, 9), np.uint8))[6:-6]
    steps, distances = np.nonzero((smooth >= top) & (smooth > least))
    order = np.argsort(-smooth[steps, distances])[:most]
    theta = steps[order] * np.pi / ANGLES
    return np.column_stack([np.cos(theta), np.sin(theta), distances[order] - reach])


def _settled(
    peaks: NDArray[np.float64],
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    gx: Image,
    gy: Image,
    weight: Image,
) -> NDArray[np.float64]:
    """Each line through the pixels that voted for it (total least squares)."""
    settled = peaks.copy()
    for line in settled:
        near = np.abs(columns * line[0] + rows * line[1] - line[2]) < 2.5
        along = np.abs(gx * line[0] + gy * line[1]) > 0.95 * np.hypot(gx, gy)
        chosen = near & along
        if chosen.sum() < 12:
            continue
        points, w = np.column_stack([columns[chosen], rows[chosen]]).astype(np.float64), weight[chosen]
        middle = np.average(points, axis=0, weights=w)
        normal = np.linalg.eigh(((points - middle).T * w) @ (points - middle))[1][:, 0]
        line[:] = (*normal, normal @ middle)
    return settled


@dataclass(frozen=True, slots=True)
class Support:
    """How much of each line is an edge, summed along it: `total[n, i]` up to `start + i` pixels from its foot."""

    lines: NDArray[np.float64]
    total: NDArray[np.float64]
    start: int

    def between(self, n: NDArray[np.intp], first: NDArray[np.float64], last: NDArray[np.float64]) -> quads.Floats:
        """Mean support of lines `n` between two places along them."""
        low, high = np.minimum(first, last), np.maximum(first, last)
        limit = self.total.shape[1] - 1
        i, j = (np.clip(np.round(v - self.start), 0, limit).astype(np.int64) for v in (low, high))
        return np.asarray((self.total[n, j] - self.total[n, i]) / np.maximum(high - low, 1.0))


def support(found: Edges, spanned: NDArray[np.float64]) -> Support:
    """Support along every line, looking one pixel to either side of it."""
    height, width = found.sure.shape
    start = -int(np.hypot(width, height)) - 2
    t = np.arange(start, -start, dtype=np.float64)
    a, b, c = spanned[:, 0:1], spanned[:, 1:2], spanned[:, 2:3]
    best = np.zeros((len(spanned), len(t)))
    for shift in (-1.0, 0.0, 1.0):
        x = np.round(a * (c + shift) - b * t).astype(np.int64)
        y = np.round(b * (c + shift) + a * t).astype(np.int64)
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
        gx, gy = found.x[y, x], found.y[y, x]
        aligned = np.abs(gx * a + gy * b) / (np.hypot(gx, gy) + 1e-6)
        best = np.maximum(best, np.where(inside, found.sure[y, x] * np.clip(aligned * 4 - 3, 0, 1), 0))
    best[-4:] = np.maximum(best[-4:], 0.3)
    return Support(spanned, np.cumsum(best, axis=1), start)


def spanned_quads(held: Support, width: int, height: int, most: int) -> NDArray[np.float64]:
    """The quadrilaterals between pairs of lines that are edges along their whole sides, best first."""
    pairs = _opposite(held.lines)
    if not len(pairs):
        return np.empty((0, 4, 2))
    i, j = np.triu_indices(len(pairs), 1)
    normal = held.lines[:, :2]
    crossing = np.abs((normal[pairs[i, 0]] * normal[pairs[j, 0]]).sum(axis=1)) < 0.72
    sides = np.stack([pairs[i, 0], pairs[j, 0], pairs[i, 1], pairs[j, 1]], axis=1)[crossing]
    corners = quads.corners_of(held.lines[sides])
    turned = quads.area(corners) < 0
    corners[turned] = corners[turned][:, [0, 3, 2, 1]]
    sides[turned] = sides[turned][:, [3, 2, 1, 0]]
    margin = 0.04 * max(width, height)
    low, high = corners.min(axis=1), corners.max(axis=1)
    good = (low > -margin).all(axis=1) & (high[:, 0] < width + margin) & (high[:, 1] < height + margin)
    good &= quads.area(corners) > 0.03 * width * height
    corners, sides = corners[good], sides[good]
    good = quads.convex(corners)
    corners, sides = corners[good], sides[good]
    worth = _worth(held, corners, sides) + 0.12 * np.sqrt(quads.area(corners) / (width * height))
    return np.asarray(corners[np.argsort(-worth)[:most]])


def _opposite(spanned: NDArray[np.float64]) -> NDArray[np.intp]:
    """Pairs of lines that may be opposite sides: within 35 degrees of parallel."""
    normal = spanned[:, :2]
    i, j = np.triu_indices(len(spanned), 1)
    parallel = np.abs((normal[i] * normal[j]).sum(axis=1)) > 0.82
    return np.column_stack([i[parallel], j[parallel]])


def _worth(held: Support, corners: NDArray[np.float64], sides: NDArray[np.intp]) -> NDArray[np.float64]:
    """Support of the weakest and of all sides, less what runs on past the corners."""
    line = held.lines[sides]
    direction = np.stack([-line[..., 1], line[..., 0]], axis=-1)
    first = (direction * corners).sum(axis=-1)
    last = (direction * np.roll(corners, -1, axis=1)).sum(axis=-1)
    on = held.between(sides, first, last)
    past = 0.12 * (last - first)
    beyond = held.between(sides, last, last + past) + held.between(sides, first - past, first)
    return np.asarray(0.5 * on.min(axis=1) + 0.5 * on.mean(axis=1) - 0.12 * beyond.mean(axis=1))
