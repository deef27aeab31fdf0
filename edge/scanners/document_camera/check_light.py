"""Glare and blank: light that hides print, and pages without any. Both are flags; no page is ever dropped."""

from __future__ import annotations

import cv2
import numpy as np

from edge.ports import Check
from edge.scanners.document_camera.check_image import MM, Look, region_of
from edge.scanners.document_camera.model import Frame

GLARE_MM2 = 40.0
"""The largest overexposed spot that is let pass; a lamp's reflection in a plastic pocket is several times larger."""
BURNT = 250
LEAST_STEP = 10
"""A spot counts when the page around it is this much darker."""
INNER, RING = (cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)) for reach in (9, 15))
"""Around is 6 to 10 mm away."""
REACH = 16
MOST_SPOTS = 60
BLANK_SHARE = 0.00006
"""Less ink than this share of a page reads as blank. Measured (`tests/bench/capture_flaws.py`): nothing on pages with
dust alone, at least 0.00013 where there are two digits of a page's number."""
MARGIN_MM = 4.0


def glare(look: Look) -> Check:
    """Return the area in square millimetres of the largest reflection."""
    # Print is closed over: between its lines a reflection is as white as paper that is not there.
    darkest = cv2.morphologyEx(look.small.min(axis=2), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    burnt = cv2.morphologyEx((darkest >= BURNT).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    spot = _mirrored(np.asarray(burnt, np.uint8), np.asarray(darkest, np.uint8))
    size = cv2.countNonZero(spot) * MM * MM
    passed = size <= GLARE_MM2
    return Check("glare", round(size, 1), GLARE_MM2, passed, None if passed else region_of(spot))


def _mirrored(burnt: Frame, darkest: Frame) -> Frame:
    """Return the largest burnt spot whose surroundings are clearly darker, nothing if there is none.

    Paper that is lit to the limit grows darker slowly from there; a lamp's picture ends within some millimetres.
    """
    least = GLARE_MM2 / MM / MM
    _, labels, stats, _ = cv2.connectedComponentsWithStats(burnt)
    spots = [(int(area), index) for index, area in enumerate(stats[:, cv2.CC_STAT_AREA]) if index and area > least]
    for _, index in sorted(spots, reverse=True)[:MOST_SPOTS]:
        left, top, wide, tall = (int(value) for value in stats[index, : cv2.CC_STAT_AREA])
        place = (slice(max(0, top - REACH), top + tall + REACH), slice(max(0, left - REACH), left + wide + REACH))
        spot = np.asarray(labels[place] == index, np.uint8)
        around = darkest[place][cv2.subtract(cv2.dilate(spot, RING), cv2.dilate(spot, INNER)) > 0]
        if around.size and np.quantile(around, 0.75) <= BURNT - LEAST_STEP:
            return np.asarray(labels == index, np.uint8)
    return np.zeros_like(burnt)


def blank(look: Look) -> Check:
    """Return the share of the page that is ink: a page passes when there is some."""
    grey = cv2.resize(look.grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(grey, np.ones((9, 9), np.uint8)), 21)
    ink = cv2.compare(cv2.subtract(paper, grey), np.array([28.0]), cv2.CMP_GT)
    margin = max(1, round(MARGIN_MM / 25.4 * 75))
    inner = ink[margin:-margin, margin:-margin]
    # Single dark pixels are dust or noise; a stroke of print is at least two wide at 75 dpi.
    inner = cv2.morphologyEx(inner, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)) if inner.size else inner
    share = float(cv2.countNonZero(inner)) / max(1, inner.size)
    return Check("blank", round(share, 6), BLANK_SHARE, share >= BLANK_SHARE)
