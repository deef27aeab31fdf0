"""Where on a page a QR code may be that was not read: a square without gaps, neither white nor black.

Looked at from afar (37.5 dpi) a code is a grey square. Lines of print have white between them, pictures are no squares
of paper's and ink's mean, and neither is left when every place takes its neighbourhood's lightest row and column.
"""

from __future__ import annotations

import cv2
import numpy as np

from edge.scanners.document_camera.model import Frame

Box = tuple[int, int, int, int]
SMALL = 8
GAP = 7
"""Pixels of the small page: wider than a line of print (4 mm) is high, narrower than the smallest code."""
LIGHTEST = 0.88
"""Of paper's brightness, of the lightest row or column through a code."""
LEAST, MOST = 3, 160
"""Sides in pixels of the small page of what is left of a code, without the half `GAP` that it lost on each side."""


def code_like(grey: Frame) -> list[Box]:
    """Return boxes of what looks like a code afar, the largest first."""
    small = np.asarray(cv2.resize(grey, None, fx=1 / SMALL, fy=1 / SMALL, interpolation=cv2.INTER_AREA), np.uint8)
    paper = cv2.blur(cv2.dilate(small, np.ones((25, 25), np.uint8)), (25, 25))
    share = np.asarray(cv2.divide(small, paper, scale=200), np.uint8)
    rows = cv2.dilate(cv2.blur(share, (GAP, 1)), np.ones((GAP, 1), np.uint8))
    columns = cv2.dilate(cv2.blur(share, (1, GAP)), np.ones((1, GAP), np.uint8))
    mask = np.asarray(cv2.max(rows, columns) < 200 * LIGHTEST, np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    boxes = []
    for left, top, wide, tall, area in sorted(stats[1:].tolist(), key=lambda row: -row[4]):
        if 0.6 < wide / tall < 1.7 and area > 0.5 * wide * tall and min(wide, tall) >= LEAST and wide <= MOST:
            lost = GAP // 2
            box = (left - lost, top - lost, left + wide + lost, top + tall + lost)
            boxes.append((box[0] * SMALL, box[1] * SMALL, box[2] * SMALL, box[3] * SMALL))
    return boxes
