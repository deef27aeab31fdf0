"""How likely a quadrilateral of a photograph is a whole sheet: edge all along, another colour outside, one inside.

A printed frame or a table has an edge all along too, but the same paper on either side of it; a block of text has no
edge; a desk's board is an edge that runs on past the corners.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.freehand_lines import Edges, Image
from edge.scanners.document_camera.sampling import sampled

PLACES = 40
"""Samples along each side."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Of each quadrilateral: what it is worth, and how surely its weakest side is a sheet's."""

    worth: NDArray[np.float64]
    weakest: NDArray[np.float64]


def scores(lab: Image, smooth: Image, found: Edges, corners: NDArray[np.float64]) -> Scores:
    """Score (n, 4, 2) clockwise corners."""
    height, width = lab.shape[:2]
    side = np.roll(corners, -1, axis=1) - corners
    length = np.linalg.norm(side, axis=2, keepdims=True)
    inward = np.stack([-side[..., 1], side[..., 0]], axis=-1) / (length + 1e-9)
    along = np.linspace(0.03, 0.97, PLACES)[:, None]
    places = corners[:, :, None] + side[:, :, None] * along
    edge = _edge(found, places, inward)
    size = np.sqrt(np.maximum(quads.area(corners), 1.0))[:, None, None, None]
    gaps = [np.maximum(size * share, least) for share, least in ((0.012, 2.5), (0.022, 4.0), (0.034, 5.5))]
    inside, outside = (
        np.median([sampled(smooth, places + sign * gap * inward[:, :, None]) for gap in gaps], axis=0)
        for sign in (1.0, -1.0)
    )
    step = np.linalg.norm((inside - outside) * (0.6, 1.0, 1.0), axis=-1)
    differs = step / (step + 7.0)
    beyond = places - 4.0 * inward[:, :, None]
    x, y = beyond[..., 0], beyond[..., 1]
    out = (x < 0) | (y < 0) | (x > width - 1) | (y > height - 1)
    both = np.where(out, 0.35, edge * 0.55 + differs * 0.45)
    strength = both.mean(axis=2)
    brighter = np.where(out, 0.5, 1 / (1 + np.exp(-(inside - outside)[..., 0] / 6))).mean(axis=(1, 2))
    paper = np.median(inside, axis=2)
    uneven = np.linalg.norm((paper - paper.mean(axis=1, keepdims=True)) * (0.25, 1.0, 1.0), axis=2).max(axis=1)
    share = quads.area(corners) / (width * height)
    worth = 0.45 * strength.min(axis=1) + 0.55 * strength.mean(axis=1) + 0.12 * brighter
    worth += 0.18 * np.sqrt(np.minimum(share, 0.8)) - 0.004 * np.minimum(uneven, 30) - _skew(corners)
    return Scores(worth, strength.min(axis=1))


def along_edges(found: Edges, corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 4): how much of each side is an edge."""
    side = np.roll(corners, -1, axis=1) - corners
    inward = np.stack([-side[..., 1], side[..., 0]], axis=-1) / (np.linalg.norm(side, axis=2, keepdims=True) + 1e-9)
    places = corners[:, :, None] + side[:, :, None] * np.linspace(0.03, 0.97, PLACES)[:, None]
    return np.asarray(_edge(found, places, inward).mean(axis=2))


def _edge(found: Edges, places: NDArray[np.float64], inward: NDArray[np.float64]) -> NDArray[np.float64]:
    """At each place, the surest edge along the side within a pixel and a half."""
    best = np.zeros(places.shape[:3])
    gradient = np.dstack([found.x, found.y, found.sure])
    for shift in (-1.5, -0.5, 0.5, 1.5):
        taken = sampled(gradient, places + shift * inward[:, :, None])
        across = np.abs((taken[..., :2] * inward[:, :, None]).sum(axis=-1))
        aligned = across / (np.hypot(taken[..., 0], taken[..., 1]) + 1e-6)
        best = np.maximum(best, taken[..., 2] * np.clip(aligned * 3 - 2, 0, 1))
    return best


def _skew(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Less for what no rectangle looks like: opposite sides of very different length."""
    length = quads.lengths(corners)
    ratio = np.maximum(length[:, :2], length[:, 2:]) / (np.minimum(length[:, :2], length[:, 2:]) + 1e-9)
    return np.asarray(0.08 * np.clip(ratio.max(axis=1) - 1.5, 0, 2))
