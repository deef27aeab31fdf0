"""A mat with sheets that people move, seen from above without a lens's faults: quick enough to be drawn while used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.model import BACKGROUND_SCALE, Background, Calibration, Frame, Lens
from edge.scanners.document_camera.source import Shot

Kind = Literal["a4", "card_front", "card_back", "receipt"]
SIZES_MM: dict[Kind, tuple[float, float]] = {
    "a4": (210, 297), "card_front": (85.6, 54), "card_back": (85.6, 54), "receipt": (80, 180),
}  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
FIELD_MM = (460.0, 341.0)
SIZE = (2104, 1560)
_MAT, _PAPER, _INK, _SKIN = (140, 80, 30), (240, 243, 243), (60, 55, 50), (130, 160, 215)
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
        self._scale = size[0] / FIELD_MM[0]
        count = size[0] * size[1] * 3
        self._noise = self._random.normal(128, _NOISE, count + _NOISE_TILE).round().astype(np.uint8)
        self._drawn: tuple[object, Frame] | None = None

    def jpeg(self) -> bytes:
        """One frame with noise of its own."""
        shift = int(self._random.integers(_NOISE_TILE))
        still = self._still()
        noise = self._noise[shift : shift + still.size].reshape(still.shape)
        noisy = cv2.addWeighted(still, 1, noise, 1, -128)
        return bytes(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 85])[1])

    def calibration(self, frames: int = 10) -> Calibration:
        """What a calibration of this camera over its empty mat gives; exact, for nothing is bent here."""
        width, height = self._size
        matrix = np.array([[width, 0, width / 2], [0, width, height / 2], [0, 0, 1]], np.float64)
        to_mm = np.diag([1 / self._scale, 1 / self._scale, 1.0])
        empty = MatSimulator(seed=2, size=self._size)
        quarters = np.stack([_quarter(Shot(empty.jpeg()).whole()) for _ in range(frames)])
        background = Background(quarters.mean(axis=0), np.maximum(quarters.std(axis=0), _LEAST_NOISE))
        return Calibration(Lens(matrix, np.zeros(5), width, height), to_mm, FIELD_MM, 0.0, background)

    def _still(self) -> Frame:
        state = (tuple(self.sheets.values()), self.hand)
        if self._drawn is None or self._drawn[0] != state:
            self._drawn = (state, self._draw(*state))
        return self._drawn[1]

    def _draw(self, sheets: tuple[LaidDown, ...], hand: bool) -> Frame:
        frame = np.full((self._size[1], self._size[0], 3), _MAT, np.uint8)
        for sheet in sheets:
            self._lay(frame, sheet)
        if hand:
            size = (round(self._size[0] * 0.25), round(self._size[1] * 0.08))
            cv2.ellipse(frame, (self._size[0], self._size[1] // 2), size, 0, 0, 360, _SKIN, -1, cv2.LINE_AA)
        return frame

    def _lay(self, frame: Frame, sheet: LaidDown) -> None:
        width, height = (round(side * self._scale) for side in SIZES_MM[sheet.kind])
        middle = np.array([sheet.x_mm, sheet.y_mm]) * self._scale
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), -sheet.angle, 1)
        turn[:, 2] = turn[:, 2] + middle - (width / 2, height / 2)
        cv2.warpAffine(
            _printed(width, height, sheet.kind), turn, self._size, frame, cv2.INTER_AREA, cv2.BORDER_TRANSPARENT
        )


def _quarter(frame: Frame) -> NDArray[np.float32]:
    size = (frame.shape[1] // BACKGROUND_SCALE, frame.shape[0] // BACKGROUND_SCALE)
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _printed(width: int, height: int, kind: Kind) -> Frame:
    sheet = np.full((height, width, 3), _PAPER, np.uint8)
    step = max(14, height // 24)
    random = np.random.default_rng(len(kind))
    for y in range(2 * step, height - step, step):
        cv2.line(sheet, (step, y), (int(width * random.uniform(0.5, 0.92)), y), _INK, 2)
    if kind == "card_front":
        cv2.rectangle(sheet, (int(width * 0.66), step), (int(width * 0.94), height - 2 * step), (170, 150, 140), -1)
    return sheet
