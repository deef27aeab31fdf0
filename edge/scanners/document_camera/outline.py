"""Where the sheets lie, for the live picture: the first half of the search, on a frame of a quarter's size.

It shows the citizen which sheets would be captured; what is cut out is decided by `find.py` on the whole frame alone.
"""

from __future__ import annotations

import cv2
import numpy as np

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.background import changed, plan_of
from edge.scanners.document_camera.candidates import Candidate, blobs, candidates
from edge.scanners.document_camera.geometry import mm_to_pixels
from edge.scanners.document_camera.model import BACKGROUND_SCALE, Calibration, Frame, Points

CLEAR = 0.6
"""Agreement of a rectangle that is drawn; a hand or a crumpled thing stays without a line round it."""
MOST = 12
Outline = tuple[tuple[float, float], ...]


def outlines(small: Frame, calibration: Calibration | None) -> tuple[Outline, ...]:
    """Return four corners a sheet in fractions of the picture; nothing where the empty mat is not known."""
    if calibration is None or calibration.background is None or not _fits(small, calibration):
        return ()
    plan = plan_of(calibration)
    seen = cv2.remap(small, plan.x, plan.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = changed(np.asarray(seen, np.uint8), plan)
    found = [each for blob in blobs(mask)[:MOST] for each in _clear(candidates(blob, mask))]
    return tuple(_fractions(each.corners, calibration) for each in found)


def _fits(small: Frame, calibration: Calibration) -> bool:
    lens = calibration.lens
    width, height = lens.width / BACKGROUND_SCALE, lens.height / BACKGROUND_SCALE
    # The decoder rounds a quarter up, a division down.
    return bool(abs(small.shape[1] - width) < 1 and abs(small.shape[0] - height) < 1)


def _clear(proposed: list[Candidate]) -> list[Candidate]:
    """The likeliest rectangle of one thing, and those beside it: cards that touch are one thing."""
    kept: list[Candidate] = []
    for each in proposed:
        apart = all(quads.iou(each.corners, other.corners) < 0.02 for other in kept)
        if each.agreement >= CLEAR and apart:
            kept.append(each)
    return kept


def _fractions(corners_mm: Points, calibration: Calibration) -> Outline:
    size = np.array([calibration.lens.width, calibration.lens.height])
    places = np.clip((mm_to_pixels(corners_mm, calibration) + 0.5) / size, 0, 1)
    return tuple((round(float(x), 4), round(float(y), 4)) for x, y in places)
