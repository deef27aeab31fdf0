"""What the worker does with a whole frame: find the sheets and make a page of each."""

from __future__ import annotations

from pathlib import Path

from edge.errors import ConfigError
from edge.ports import Capture
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


def moved(frame: Frame, calibration: Calibration) -> bool:
    """Whether the camera no longer stands over its mat as it was calibrated; marks under a sheet prove nothing."""
    return self_test(frame, calibration).verdict in ("moved", "other_size")


def capture(frame: Frame, calibration: Calibration | None) -> Capture:
    """Find the sheets of a frame and make a page of each."""
    found = find(frame, calibration)
    return Capture(found.verdict.value, tuple(make_page(frame, sheet, calibration) for sheet in found.sheets))
