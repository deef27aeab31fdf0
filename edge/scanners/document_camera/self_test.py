"""At every start: are camera and mat still where they were when the camera was calibrated?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from edge.scanners.document_camera.geometry import pixels_to_mm
from edge.scanners.document_camera.marks import find_marks
from edge.scanners.document_camera.model import Calibration, Frame

LARGEST_MOVE_MM = 1.0
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class SelfTest:
    """`ok`; `moved`: asks for a new calibration; `unseen`: fewer than three marks, such as under a sheet; `other_size`.

    `worst_mm` is how far the mark that moved most has moved.
    """

    verdict: Literal["ok", "moved", "unseen", "other_size"]
    seen: int = 0
    worst_mm: float = 0.0


def self_test(frame: Frame, calibration: Calibration) -> SelfTest:
    """Compare the marks in a frame with those of the calibration."""
    if (frame.shape[1], frame.shape[0]) != (calibration.lens.width, calibration.lens.height):
        return SelfTest("other_size")
    seen = find_marks(frame)
    if calibration.marks is None or len(seen) < _FEWEST:
        return SelfTest("unseen", len(seen))
    moves = [
        float(np.linalg.norm(pixels_to_mm(pixel, calibration)[0] - calibration.marks[number]))
        for number, pixel in seen.items()
    ]
    return SelfTest("moved" if max(moves) > LARGEST_MOVE_MM else "ok", len(seen), max(moves))
