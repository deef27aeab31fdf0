"""How light lies on a page: the paper's brightness everywhere, seen through print and pictures.

On a sixteenth of the page's width and height: the lightest of each neighbourhood is paper (print is thin); what is
far darker than the page's paper or of another colour (pictures, stamps, printed areas) is taken out and filled from
around. What is left is light and shadow, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.model import Calibration, Frame
from edge.scanners.document_camera.plane import sampled
from edge.scanners.document_camera.warp import STEP, Nodes

Map = NDArray[np.float32]
DARKEST = 0.30
"""Paper in the deepest shadow that is lifted, as a share of the page's brightest paper."""
OTHER_COLOUR = 0.10
"""A difference of chromaticity above this is a printed colour, not a tinted shadow."""
LEAST_PAPER = 0.30
"""With less of the page than this seen as paper, it is a picture or a card: nothing is divided."""


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """`shading`: BGR of bare paper under the light of each place; `colour`: of paper in good light; None if unknown."""

    shading: Map
    colour: NDArray[np.float64]
    share: float


def gains(calibration: Calibration | None, nodes: Nodes, frame: Frame) -> Map | None:
    """Return what flat field and white balance multiply the page by at its nodes; None where nothing is known."""
    if calibration is None:
        return None
    white = np.asarray(calibration.white, np.float32)
    at = nodes[1:-1, 1:-1]
    if calibration.flat is None:
        return np.broadcast_to(white, (*at.shape[:2], 3)).astype(np.float32)
    flat = calibration.flat if calibration.flat.ndim == 3 else calibration.flat[..., np.newaxis].repeat(3, axis=2)
    factor = np.array([flat.shape[1] / frame.shape[1], flat.shape[0] / frame.shape[0]], np.float32)
    where = ((at + 0.5) * factor - 0.5).astype(np.float32)
    return np.asarray(sampled(flat, where) * white, np.float32)


def light_of(image: Frame, gain: Map | None) -> Light | None:
    """Return the light on a page, or None if too little of it is paper."""
    small = _lightest(image)
    lit = small if gain is None else small * cv2.resize(gain, (small.shape[1], small.shape[0]))
    luma = lit.mean(axis=2)
    best = luma >= np.quantile(luma, 0.80)
    colour = np.median(lit[best].reshape(-1, 3), axis=0).astype(np.float64)
    chroma = lit / np.maximum(luma[..., np.newaxis], 1)
    strange = np.abs(chroma - colour / colour.mean()).max(axis=2)
    mask = (luma > DARKEST * colour.mean()) & (strange < OTHER_COLOUR) & ~_pictures(luma)
    share = float(mask.mean())
    if share < LEAST_PAPER or colour.mean() < 25:
        return None
    return Light(_filled(small, mask), colour, share)


def _lightest(image: Frame) -> Map:
    """Return a sixteenth of the page where each cell is its neighbourhood's lightest, print gone."""
    height, width = image.shape[:2]
    quarter = cv2.resize(image, (max(4, width // 4), max(4, height // 4)), interpolation=cv2.INTER_AREA)
    quarter = cv2.medianBlur(cv2.dilate(quarter, np.ones((7, 7), np.uint8)), 7)
    size = (max(2, -(-width // STEP)), max(2, -(-height // STEP)))
    return np.asarray(cv2.resize(quarter, size, interpolation=cv2.INTER_AREA), np.float32)


def _pictures(luma: Map) -> NDArray[np.bool_]:
    """Return the cells of sharp steps: a shadow's edge is soft, a printed picture's is not."""
    step = cv2.morphologyEx(luma, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    hard = (step > 0.45 * np.maximum(luma, 1)).astype(np.uint8)
    return np.asarray(cv2.dilate(hard, np.ones((3, 3), np.uint8)) > 0)


def _filled(small: Map, mask: NDArray[np.bool_]) -> Map:
    """Fill what is not paper from around, near first (a pyramid of weighted means), and smooth a little."""
    weight = mask.astype(np.float32)
    levels = [(small * weight[..., np.newaxis], weight)]
    while min(levels[-1][1].shape) > 2:
        value, share = levels[-1]
        levels.append((np.asarray(cv2.pyrDown(value), np.float32), np.asarray(cv2.pyrDown(share), np.float32)))
    value, share = levels[-1]
    known = value / np.maximum(share, 1e-6)[..., np.newaxis]
    for value, share in reversed(levels[:-1]):
        up = cv2.resize(known, (share.shape[1], share.shape[0]), interpolation=cv2.INTER_LINEAR)
        own = np.minimum(share, 1)[..., np.newaxis]
        known = value / np.maximum(share, 1e-6)[..., np.newaxis] * own + up * (1 - own)
    return np.asarray(cv2.GaussianBlur(known, (3, 3), 0.8), np.float32)
