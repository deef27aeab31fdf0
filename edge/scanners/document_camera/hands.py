"""What the worker does with a whole frame: find the sheets and make a page of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge.errors import CameraFault, ConfigError
from edge.ports import Capture, Page
from edge.scanners.document_camera.calibration_store import load
from edge.scanners.document_camera.find import find
from edge.scanners.document_camera.model import Calibration, Frame
from edge.scanners.document_camera.page import make_page
from edge.scanners.document_camera.self_test import self_test


def load_calibration(folder: Path) -> Calibration | None:
    """Return the calibration of this station, None when there is none that can be believed."""
    try:
        return load(folder)
    except ConfigError:
        return None


def misplaced(frame: Frame, calibration: Calibration) -> CameraFault | None:
    """Why no size would be true: not as it was calibrated. Marks under a sheet prove nothing."""
    verdict = self_test(frame, calibration).verdict
    return verdict if verdict in ("moved", "other_size") else None


def check_marks(frame: Frame, calibration: Calibration) -> CameraFault | None:
    """What a test of the camera finds: here the mat must be empty, and all that was calibrated be seen."""
    verdict = self_test(frame, calibration).verdict
    if verdict == "unseen" and calibration.marks is None:
        return None
    return None if verdict == "ok" else verdict


def capture(
    frame: Frame, calibration: Calibration | None, thumbnails: Sequence[bytes] = (), *, deskew: bool = True
) -> Capture:
    """Find the sheets of a frame and make a page of each; `thumbnails` are those of earlier pages."""
    found = find(frame, calibration)
    earlier = [Page(b"", each, 0, 0, 0, 0, "other") for each in thumbnails]
    pages: list[Page] = []
    for sheet in found.sheets:
        pages.append(make_page(frame, sheet, calibration, earlier=[*earlier, *pages], deskew=deskew))
    return Capture(found.verdict.value, tuple(pages))
