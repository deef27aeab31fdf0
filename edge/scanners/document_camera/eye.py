"""Judges small pictures for the watch: what differs from the empty mat, the last picture, the last capture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.model import Calibration, Frame
from edge.scanners.document_camera.watch import Look

WIDTH = 160
# Grey levels of a 160 pixels wide picture, where a sensor's noise is averaged away.
_DIFFERS, _MOVED = 22.0, 14.0
_COVERED, _MOVES, _OTHER, _CROSSES = 0.004, 0.003, 0.01, 0.06
_OTHER_OF_SHEET = 0.08
Tiny = NDArray[np.uint8]


class Eye:
    """Remembers three tiny pictures and no large one. Without a calibrated mat, the first picture is the empty one."""

    def __init__(self, calibration: Calibration | None) -> None:
        background = None if calibration is None else calibration.background
        self._empty = None if background is None else _tiny(np.clip(background.mean, 0, 255).astype(np.uint8))
        self._last: Tiny | None = None
        self._captured: Tiny | None = None

    def look(self, small: Frame) -> Look:
        """Judge the newest small picture."""
        now = _tiny(small)
        if self._empty is None or self._empty.shape != now.shape:
            self._empty = now
        foreign = _differs(now, self._empty, _DIFFERS)
        moves = self._last is None or _share(_differs(now, self._last, _MOVED)) > _MOVES
        self._last = now
        covered = _share(foreign)
        # A card that is turned over where it lies changes little of the mat, and much of what lies there.
        other = min(_OTHER, _OTHER_OF_SHEET * covered)
        same = self._captured is not None and _share(_differs(now, self._captured, _MOVED)) <= other
        return Look(covered > _COVERED, moves, _crosses(foreign), same)

    def captured(self) -> None:
        """What was looked at last was captured."""
        self._captured = self._last


def _tiny(picture: Frame) -> Tiny:
    height = max(1, round(picture.shape[0] * WIDTH / picture.shape[1]))
    return np.asarray(cv2.resize(picture, (WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)


def _differs(one: Tiny, other: Tiny, by: float) -> NDArray[np.bool_]:
    return np.asarray(cv2.absdiff(one, other).max(axis=2) > by)


def _share(mask: NDArray[np.bool_]) -> float:
    return float(mask.mean())


def _crosses(mask: NDArray[np.bool_]) -> bool:
    return any(_share(edge) > _CROSSES for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))
