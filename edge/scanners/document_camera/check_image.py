"""What checks look at: one page on several small scales, made once.

Regions are left, top, right, bottom in fractions of the page, as `edge/ports.py` has them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge.scanners.document_camera.model import Calibration, Frame
from edge.scanners.document_camera.warp import Cutout

Region = tuple[float, float, float, float]
SMALL = 8
"""Checks of areas work on the page divided by this: 37.5 dpi, 0.68 mm a pixel."""
MM = 25.4 * SMALL / 300
"""Millimetres of one small pixel."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """`cutout`: the page before enhancement; `small`: an eighth of it; `grey`: its full grey."""

    cutout: Cutout
    grey: Frame
    small: Frame
    frame_size: tuple[int, int]
    calibration: Calibration | None


def look_at(cutout: Cutout, frame: Frame, calibration: Calibration | None, grey: Frame | None = None) -> Look:
    """Prepare a page for its checks."""
    height, width = cutout.image.shape[:2]
    size = (max(4, width // SMALL), max(4, height // SMALL))
    small = np.asarray(cv2.resize(cutout.image, size, interpolation=cv2.INTER_AREA), np.uint8)
    full = np.asarray(cv2.cvtColor(cutout.image, cv2.COLOR_BGR2GRAY), np.uint8) if grey is None else grey
    return Look(cutout, full, small, (frame.shape[1], frame.shape[0]), calibration)


def region_of(mask: Frame) -> Region | None:
    """Return the box around what is set in a mask, in fractions."""
    height, width = mask.shape[:2]
    left, top, wide, tall = cv2.boundingRect(mask)
    if not wide or not tall:
        return None
    return (left / width, top / height, (left + wide) / width, (top + tall) / height)


def largest(mask: Frame, touching_border: bool = False) -> tuple[Frame, int]:
    """Return the largest connected part of a mask (of those at the border, if asked) and its area in pixels."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    height, width = mask.shape[:2]
    best, area = 0, 0
    for index in range(1, count):
        left, top, wide, tall, size = (int(value) for value in stats[index])
        at_border = left <= 1 or top <= 1 or left + wide >= width - 1 or top + tall >= height - 1
        if size > area and (at_border or not touching_border):
            best, area = index, size
    return np.asarray((labels == best) & (best > 0), np.uint8), area
