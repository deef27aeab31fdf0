"""What changed on the mat: the frame against the empty mat, both seen straight from above at two pixels a millimetre.

The ratio of a frame to its background, in logarithms, is nothing where nothing lies. A shadow takes all colours down
alike; paper is brighter than a coloured mat, or takes its colours apart. So: brighter, another colour, or darker than
any shadow has changed; a grey darkening has not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.geometry import mm_to_pixels
from edge.scanners.document_camera.model import BACKGROUND_SCALE, Background, Calibration, Frame

PER_MM = 2.0
"""Pixels of the mat's plan for each millimetre."""
BRIGHTER = 0.10
COLOURED = 0.07
DARKEST_SHADOW = -1.5
"""Natural logarithms of ratios; a shadow of 80 % is -1.6."""
SIGMAS = 4.0
EDGE = 0.015
"""Change of the logarithm from one pixel to the next that makes an edge of the mat's own."""

Mask = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How the plan is read from a quarter frame, and the empty mat on it: logarithms, how far noise reaches, field,
    where it has edges itself."""

    x: Floats
    y: Floats
    empty: Floats
    reach: Floats
    seen: Mask
    lined: Mask


@lru_cache(maxsize=1)
def _logarithms() -> Floats:
    return np.asarray(np.log(np.arange(256) + 4.0), dtype=np.float32)


@lru_cache(maxsize=2)
def plan_of(calibration: Calibration) -> Plan:
    """Made once for each calibration."""
    width, height = (int(mm * PER_MM) for mm in calibration.field_mm)
    across, down = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    pixels = mm_to_pixels(np.column_stack([across.ravel(), down.ravel()]) / PER_MM, calibration)
    quarter = ((pixels + 0.5) / BACKGROUND_SCALE - 0.5).reshape(height, width, 2).astype(np.float32)
    x, y = np.ascontiguousarray(quarter[..., 0]), np.ascontiguousarray(quarter[..., 1])
    background = calibration.background or Background(np.zeros((2, 2, 3), np.float32), np.ones((2, 2, 3), np.float32))
    mean, noise = (_laid(part, x, y) for part in (background.mean, background.noise))
    reach = SIGMAS * (noise / (mean + 4.0)).max(axis=2)
    rows, columns = background.mean.shape[:2]
    seen = ((x > 0) & (y > 0) & (x < columns - 1) & (y < rows - 1)).astype(np.uint8)
    own = np.log(mean + 4.0)
    return Plan(x, y, own, reach.astype(np.float32), seen, _lined(own))


def _lined(own: Floats) -> Mask:
    size = np.zeros(own.shape[:2], np.float32)
    for part in cv2.split(own):
        across, down = cv2.Scharr(part, cv2.CV_32F, 1, 0) / 32, cv2.Scharr(part, cv2.CV_32F, 0, 1) / 32
        size = np.maximum(size, np.hypot(across, down))
    return np.asarray(cv2.dilate((size > EDGE).astype(np.uint8), np.ones((7, 7), np.uint8)))


def _laid(picture: NDArray[np.generic], x: Floats, y: Floats) -> Floats:
    taken = cv2.remap(np.asarray(picture), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(taken, dtype=np.float32)


def laid(frame: Frame, plan: Plan) -> Frame:
    """The frame on the plan."""
    size = (frame.shape[1] // BACKGROUND_SCALE, frame.shape[0] // BACKGROUND_SCALE)
    quarter = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    seen = cv2.remap(quarter, plan.x, plan.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, dtype=np.uint8)


def changed(seen: Frame, plan: Plan) -> Mask:
    """255 where something lies, on the plan, of a frame that is `laid` on it."""
    ratio = np.asarray(cv2.LUT(seen, _logarithms()), dtype=np.float32) - plan.empty
    ratio -= _drift(ratio)
    blue, green, red = cv2.split(ratio)
    grey = (blue + green + red) / 3
    apart = cv2.max(cv2.max(cv2.absdiff(blue, grey), cv2.absdiff(green, grey)), cv2.absdiff(red, grey))
    tolerated = COLOURED + plan.reach + 0.2 * np.maximum(-grey, 0)
    differs = (apart > tolerated) | (grey > BRIGHTER + plan.reach) | (grey < DARKEST_SHADOW)
    mask = differs.astype(np.uint8) * 255 * plan.seen
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)), dtype=np.uint8)


def _drift(ratio: Floats) -> Floats:
    """What a lamp that aged changed everywhere: seen at the rim, small, or not believed."""
    rim = np.concatenate([ratio[2:12:3].reshape(-1, 3), ratio[-12:-2:3].reshape(-1, 3)])
    middle = np.median(rim, axis=0)
    return np.where(np.abs(middle) < 0.08, middle, 0).astype(np.float32)
