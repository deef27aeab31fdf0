"""The empty mat becomes the background; a white sheet becomes gains against uneven and coloured light."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import CalibrationRefusedError
from edge.scanners.document_camera.model import BACKGROUND_SCALE, Background, Calibration, Frame

FEWEST_EMPTY = 5
_MOVED_LEVELS = 4.0
_FLAT = (48, 36)
_LEAST_WHITE = 0.15
_SATURATED = 252

Floats = NDArray[np.float32]


def quarter(frame: Frame) -> Floats:
    """The frame at the background's scale."""
    size = frame.shape[1] // BACKGROUND_SCALE, frame.shape[0] // BACKGROUND_SCALE
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def background(frames: Sequence[Frame]) -> Background:
    """Mean and noise of the empty mat.

    Raises:
        CalibrationRefusedError: too few frames, or something moved between them.
    """
    if len(frames) < FEWEST_EMPTY:
        raise CalibrationRefusedError("too_few_empty", f"{len(frames)}/{FEWEST_EMPTY}")
    stack = np.stack([quarter(frame) for frame in frames])
    mean = stack.mean(axis=0)
    # Over patches, so that noise doesn't count and a hand does.
    off = max(float(cv2.blur(np.abs(each - mean).max(axis=2), (15, 15)).max()) for each in stack)
    noise = stack.std(axis=0, ddof=1)
    if off > _MOVED_LEVELS + 4 * float(np.median(noise)):
        raise CalibrationRefusedError("moved", f"{off:.1f}")
    return Background(mean.astype(np.float32), noise.astype(np.float32))


def with_white(calibration: Calibration, frame: Frame) -> Calibration:
    """Add gains from a picture of a white sheet on the mat; needs the background.

    Raises:
        CalibrationRefusedError: no large white sheet is seen, or it is overexposed.
    """
    seen = quarter(frame)
    white = _white(seen, calibration)
    share = float(white.mean())
    if share < _LEAST_WHITE:
        raise CalibrationRefusedError("no_white", f"{share:.0%}")
    levels = np.median(seen[white], axis=0)
    if float(np.percentile(seen[white].max(axis=1), 90)) > _SATURATED:
        raise CalibrationRefusedError("overexposed", f"{levels.max():.0f}")
    flat = _flat(seen.mean(axis=2), white)
    blue, green, red = (float(levels.max() / level) for level in levels)
    return replace(calibration, flat=flat, white=(blue, green, red))


def _white(seen: Floats, calibration: Calibration) -> NDArray[np.bool_]:
    """Where the sheet lies, its borders left away."""
    grey = seen.mean(axis=2)
    empty = 0.0 if calibration.background is None else calibration.background.mean.mean(axis=2)
    changed = ((grey - empty > 20) & (grey > 90)).astype(np.uint8)
    # The darkest parts of the field are lit at least half as well as the brightest.
    changed &= (grey > 0.5 * np.percentile(grey[changed > 0], 90)).astype(np.uint8) if changed.any() else changed
    side = max(3, seen.shape[1] // 100)
    return np.asarray(cv2.erode(changed, np.ones((side, side), np.uint8), borderValue=0)).astype(bool)


def _flat(grey: Floats, white: NDArray[np.bool_]) -> Floats:
    """Gains by a smooth surface through the sheet's brightness: no grain of the paper, and sane beyond its border."""
    rows, columns = np.nonzero(white)
    few = slice(None, None, max(1, len(rows) // 20_000))
    x, y = columns[few] / grey.shape[1] - 0.5, rows[few] / grey.shape[0] - 0.5
    weights, *_ = np.linalg.lstsq(_terms(x, y), np.log(grey[rows[few], columns[few]]), rcond=None)
    across, down = (np.arange(_FLAT[0]) + 0.5) / _FLAT[0] - 0.5, (np.arange(_FLAT[1]) + 0.5) / _FLAT[1] - 0.5
    grid_x, grid_y = np.meshgrid(across, down)
    light = (_terms(grid_x.ravel(), grid_y.ravel()) @ weights).reshape(_FLAT[1], _FLAT[0])
    return np.asarray(np.clip(np.exp(light.max() - light), 1.0, 3.0), dtype=np.float32)


def _terms(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([x**i * y**j for i in range(4) for j in range(4 - i)])
