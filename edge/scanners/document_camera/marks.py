"""The four fiducials at the mat's corners: where they are, what they look like, and finding them in a frame.

They are ArUco marks of another dictionary than the sheet of calibration, so that the two never take each other's place.
"""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from edge.scanners.document_camera.model import Frame, Points

MARK_MM = 12.0
MARK_CELLS = 7
"""Five cells of data and one of border on each side."""
FROM_BORDER_MM = 11.0
COUNT = 4
_NEAR = 0.2
_WIDTH = 4208
_DICTIONARY = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_50)


def marks_mm(field_mm: tuple[float, float]) -> Points:
    """Where the middles of the marks should lie: clockwise from the upper left; A3 fits between them."""
    width, height = field_mm
    near = FROM_BORDER_MM
    return np.array([(near, near), (width - near, near), (width - near, height - near), (near, height - near)])


def mark_cells(number: int) -> NDArray[np.uint8]:
    """The cells of mark `number`, 0 where it is black."""
    return np.asarray(cv2.aruco.generateImageMarker(_DICTIONARY, number, MARK_CELLS), dtype=np.uint8)


def find_marks(frame: Frame) -> dict[int, Points]:
    """The marks that can be seen: number -> the middle in pixels, where the refined corners' diagonals cross.

    Looked for near the frame's corners only, enlarged where the frame is small.
    """
    height, width = frame.shape[:2]
    high, wide = round(height * _NEAR), round(width * _NEAR)
    seen: dict[int, Points] = {}
    for top in (0, height - high):
        for left in (0, width - wide):
            times = min(4, max(1, round(_WIDTH / width)))
            part = np.ascontiguousarray(frame[top : top + high, left : left + wide])
            large = cv2.resize(part, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
            for number, middle in _in_part(large):
                seen[number] = (middle + 0.5) / times - 0.5 + (left, top)
    return seen


def _in_part(part: MatLike) -> list[tuple[int, Points]]:
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    found, numbers, _ = cv2.aruco.ArucoDetector(_DICTIONARY, settings).detectMarkers(part)
    if numbers is None:
        return []
    pairs = zip(np.asarray(numbers).ravel(), found, strict=True)
    return [(int(n), _middle(np.asarray(c, np.float32).reshape(4, 2))) for n, c in pairs if n < COUNT]


def _middle(corners: NDArray[np.float32]) -> Points:
    """Where the diagonals cross: the middle also under perspective."""
    a, b, c, d = (np.array([*corner, 1.0]) for corner in corners.astype(np.float64))
    crossing = np.cross(np.cross(a, c), np.cross(b, d))
    return np.asarray(crossing[:2] / crossing[2], dtype=np.float64)
