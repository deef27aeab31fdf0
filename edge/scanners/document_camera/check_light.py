"""Glare and blank: light that hides print, and pages without any. Both are flags; no page is ever dropped."""

from __future__ import annotations

import cv2
import numpy as np

from edge.ports import Check
from edge.scanners.document_camera.check_image import MM, Look, largest, region_of

GLARE_MM2 = 40.0
"""The largest overexposed spot that is let pass; a lamp's reflection in a plastic pocket is several times larger."""
BURNT = 250
LEAST_STEP = 12
"""A spot counts when the page around it is this much darker: white paper exposed to the limit is no reflection."""
BLANK_SHARE = 0.0004
"""Less ink than this share of a page reads as blank: two digits of a page number on an A4."""
MARGIN_MM = 4.0


def glare(look: Look) -> Check:
    """Return the area in square millimetres of the largest reflection."""
    darkest = look.small.min(axis=2)
    burnt = np.asarray(cv2.morphologyEx((darkest >= BURNT).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))
    spot, area = largest(np.asarray(burnt, np.uint8))
    plain = float(np.median(darkest))
    size = area * MM * MM if plain <= BURNT - LEAST_STEP else 0.0
    passed = size <= GLARE_MM2
    return Check("glare", round(size, 1), GLARE_MM2, passed, None if passed else region_of(spot))


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
