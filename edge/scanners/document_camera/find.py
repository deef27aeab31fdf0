"""The sheets in a frame: against the known empty mat where there is one, free-hand where there is none."""

from __future__ import annotations

from edge.scanners.document_camera.freehand import find_freehand
from edge.scanners.document_camera.model import Calibration, Found, Frame


def find(frame: Frame, calibration: Calibration | None) -> Found:
    """What lies under the camera. Never a guess: `UNSURE` is said where edges could not be made sure."""
    del calibration
    return find_freehand(frame)
