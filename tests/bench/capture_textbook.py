"""What every tutorial does, for comparison: Canny's edges, the largest outline with four corners."""

from __future__ import annotations

import cv2
import numpy as np

from edge.scanners.document_camera.model import Frame, Points


def textbook(frame: Frame) -> Points | None:
    """Corners of the largest quadrilateral among the outlines of Canny's edges."""
    scale = 500 / frame.shape[0]
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (5, 5), 0)
    outlines, _ = cv2.findContours(cv2.Canny(grey, 75, 200), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for outline in sorted(outlines, key=cv2.contourArea, reverse=True)[:5]:
        simple = cv2.approxPolyDP(outline, 0.02 * cv2.arcLength(outline, True), True)
        if len(simple) == 4 and cv2.isContourConvex(simple):
            return np.asarray((simple.reshape(4, 2) + 0.5) / scale - 0.5, dtype=np.float64)
    return None
