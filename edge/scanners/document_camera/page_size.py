"""The size of a page in millimetres: measured on a calibrated mat, told by the format, or guessed from four corners.

Paper of ISO 216 may itself be 2 mm off, a card of ISO/IEC 7810 0.1 mm; a measurement that is within `SNAP_MM` of a
format's size on both sides is that format's, so that an A4 leaves as an A4 (and is never cut to 279 mm). `SNAP_MM` is
0.3 % of an A4's width: the snap itself may be no error of size. Cards and the pages of passports always leave at their
fixed sizes.
"""

from __future__ import annotations

import numpy as np

from edge.scanners.document_camera.model import Points, Sheet
from edge.scanners.document_camera.surface import length, sides

SNAP_MM = 0.6
CARD = (85.6, 54.0)
PASSPORT_PAGE = (125.0, 88.0)
SIZES: dict[str, tuple[float, float]] = {"a4": (210.0, 297.0), "a3": (297.0, 420.0), "card": CARD}
FIXED_MM = 2.5
"""A sheet said to be a card, or as large as a passport's page within this, takes the fixed size."""
LARGEST_MM = 500.0
"""No camera of this kind sees more; a larger page is an error of what was measured, and would take the memory."""


def measured(corners: Points, outline: Points) -> tuple[float, float]:
    """Return width and height: the mean of opposite sides, along the edge where it is curved."""
    if len(outline):
        top, right, bottom, left = (length(side) for side in sides(corners, outline))
    else:
        ring = np.vstack([corners, corners[:1]])
        top, right, bottom, left = np.linalg.norm(np.diff(ring, axis=0), axis=1)
    return (float(top + bottom) / 2, float(left + right) / 2)


def settled(size: tuple[float, float], kind: str) -> tuple[float, float]:
    """Return the size that a measured page leaves with."""
    tolerance = {"card": FIXED_MM, "booklet": FIXED_MM}.get(kind, SNAP_MM)
    known = [PASSPORT_PAGE, (PASSPORT_PAGE[0], 2 * PASSPORT_PAGE[1])] if kind == "booklet" else []
    known += [SIZES[kind]] if kind in SIZES else []
    for width, height in [*known, *((height, width) for width, height in known)]:
        if abs(size[0] - width) <= tolerance and abs(size[1] - height) <= tolerance:
            return (width, height)
    return (min(size[0], LARGEST_MM), min(size[1], LARGEST_MM))


def aspect(corners: Points, width: int, height: int) -> float:
    """Return width divided by height of the rectangle that a camera with square pixels saw as these corners.

    The centre of the frame is taken for the principal point; the focal length follows from the two vanishing points
    (Zhang and He 2007, "Whiteboard scanning and image enhancement"). Seen straight from above there is none, and the
    sides themselves tell.
    """
    centre = np.array([width / 2, height / 2])
    (m1, m2, m4, m3) = (np.append(corner - centre, 1.0) for corner in corners)
    k2 = np.dot(np.cross(m1, m4), m3) / np.dot(np.cross(m2, m4), m3)
    k3 = np.dot(np.cross(m1, m4), m2) / np.dot(np.cross(m3, m4), m2)
    n2, n3 = k2 * m2 - m1, k3 * m3 - m1
    product = n2[2] * n3[2]
    span = float(max(width, height))
    across, along = measured(corners, np.empty((0, 2)))
    if abs(product) < 1e-6:
        return across / along
    square = -(n2[0] * n3[0] + n2[1] * n3[1]) / product
    if not (0.3 * span) ** 2 < square < (10 * span) ** 2:
        return across / along
    weight = np.array([1 / square, 1 / square, 1.0])
    return float(np.sqrt((n2 * n2 * weight).sum() / (n3 * n3 * weight).sum()))


def guessed(sheet: Sheet, width: int, height: int) -> tuple[float, float]:
    """Return a size where nothing is calibrated: the format's, the nearest one's of that aspect, or an A4's length."""
    ratio = aspect(sheet.corners, width, height)
    known = [SIZES[sheet.format]] if sheet.format in SIZES else [SIZES["a4"], CARD]
    for a, b in [*known, *((b, a) for a, b in known)]:
        if abs(ratio / (a / b) - 1) < (0.2 if sheet.format in SIZES else 0.04):
            return (a, b)
    return (297.0, 297.0 / ratio) if ratio > 1 else (297.0 * ratio, 297.0)
