"""A mat with sheets that people move, under the exact simulated camera: its lens, its tilt, its light, its four marks.

A scene is rendered once for each change; between two changes only the sensor's noise differs, which is quick enough
for a demonstration on one small machine. The calibration is what a perfect installation of this camera measures.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.model import BACKGROUND_SCALE, Background, Calibration, Frame
from edge.scanners.document_camera.simulator import (
    Bend,
    Camera,
    Finger,
    LaidSheet,
    Light,
    Scene,
    render,
    simulated_calibration,
)
from edge.scanners.document_camera.source import Shot

Kind = Literal["a4", "a4_curved", "card_front", "card_back", "booklet", "receipt"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SIZE = (2104, 1560)
"""Half of 13 megapixels in each direction: 116 pixels an inch on the mat, and a page captured there says so."""
_SHEETS: dict[Kind, LaidSheet] = {
    "a4": LaidSheet("a4", content="form"),
    "a4_curved": LaidSheet("a4", content="letter", seed=4, bend=Bend("arch", 6.0)),
    "card_front": LaidSheet("card", content="card", seed=2),
    "card_back": LaidSheet("card", content="card", seed=9, paper=(238, 244, 236)),
    "booklet": LaidSheet("booklet", content="booklet", seed=3),
    "receipt": LaidSheet("receipt", content="receipt", seed=5),
}
# A page is printed a little finer than this camera can see.
_PAGE_DPI = 200
_HAND = Finger(352.0, 150.0, angle=8.0, hand=True)
# White paper stays below what a pixel can hold, as a camera that exposes by itself keeps it.
_LIGHT = Light(level=0.9)
_NOISE = 2.5
_LEAST_NOISE = np.float32(0.4)
_NOISE_TILE = 2048 * 17


@dataclass(frozen=True, slots=True)
class LaidDown:
    """A sheet with its middle at (x, y) millimetres, turned clockwise by `angle` degrees."""

    kind: Kind
    x_mm: float
    y_mm: float
    angle: float = 0.0


class MatSimulator:
    """Sheets by name, later ones on earlier ones, and perhaps a hand that reaches in from the right."""

    def __init__(self, seed: int = 1, size: tuple[int, int] = SIZE) -> None:
        self.sheets: dict[str, LaidDown] = {}
        self.hand = False
        self._random, self._size = np.random.default_rng(seed), size
        self._camera = Camera(width=size[0], height=size[1])
        count = size[0] * size[1] * 3
        self._noise = self._random.normal(128, _NOISE, count + _NOISE_TILE).round().astype(np.uint8)
        self._drawn: tuple[object, Frame] | None = None
        self._drawing: threading.Thread | None = None

    def jpeg(self) -> bytes:
        """One frame with noise of its own."""
        return self._noisy(self._still())

    def live(self) -> bytes:
        """One frame without waiting for the drawing, as a camera never waits: what changed is seen a moment later."""
        busy = self._drawing is not None and self._drawing.is_alive()
        if self._drawn is not None and self._drawn[0] != self._state() and not busy:
            self._drawing = threading.Thread(target=self._still, daemon=True)
            self._drawing.start()
        return self._noisy(self._still() if self._drawn is None else self._drawn[1])

    def _noisy(self, still: Frame) -> bytes:
        shift = int(self._random.integers(_NOISE_TILE))
        noise = self._noise[shift : shift + still.size].reshape(still.shape)
        noisy = cv2.addWeighted(still, 1, noise, 1, -128)
        return bytes(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 85])[1])

    def calibration(self, frames: int = 10) -> Calibration:
        """What a calibration of this camera over its empty mat gives: exact, but for the measured background."""
        empty = MatSimulator(seed=2, size=self._size)
        quarters = np.stack([_quarter(Shot(empty.jpeg()).whole()) for _ in range(frames)])
        background = Background(quarters.mean(axis=0), np.maximum(quarters.std(axis=0), _LEAST_NOISE))
        return replace(simulated_calibration(self._camera, light=_LIGHT, frames=0), background=background)

    def _state(self) -> tuple[tuple[LaidDown, ...], bool]:
        return tuple(self.sheets.values()), self.hand

    def _still(self) -> Frame:
        state = self._state()
        if self._drawn is None or self._drawn[0] != state:
            drawn = self._draw(*state)
            self._drawn = (state, drawn)
            return drawn
        return self._drawn[1]

    def _draw(self, sheets: tuple[LaidDown, ...], hand: bool) -> Frame:
        laid = tuple(replace(_SHEETS[each.kind], x=each.x_mm, y=each.y_mm, angle=each.angle) for each in sheets)
        fingers = (_HAND,) if hand else ()
        scene = Scene(laid, camera=self._camera, light=_LIGHT, fingers=fingers, noise=0.0, jpeg=0, page_dpi=_PAGE_DPI)
        return render(scene, 1)[0]


def _quarter(frame: Frame) -> NDArray[np.float32]:
    size = (frame.shape[1] // BACKGROUND_SCALE, frame.shape[0] // BACKGROUND_SCALE)
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA).astype(np.float32)
