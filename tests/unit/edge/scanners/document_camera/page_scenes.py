"""Small frames of a known camera over a mat, for tests of pages: a printed sheet put where its corners are exact."""

from __future__ import annotations

import cv2
import numpy as np

from edge.scanners.document_camera.model import Background, Calibration, Frame, Lens, Points, Sheet
from edge.scanners.document_camera.plane import mm_of, pixels_of

WIDTH, HEIGHT = 1400, 1040
FIELD = (460.0, 341.0)
MAT = (110, 70, 20)


def calibration() -> Calibration:
    """A tilted camera with a bent lens; the homography is the exact one."""
    focal = 1430.0
    matrix = np.array([[focal, 0, WIDTH / 2], [0, focal, HEIGHT / 2], [0, 0, 1]])
    turn, _ = cv2.Rodrigues(np.array([0.04, -0.03, 0.01]))
    far = focal / (WIDTH / FIELD[0])
    centred = np.array([[1, 0, -FIELD[0] / 2], [0, 1, -FIELD[1] / 2], [0, 0, 1]])
    to_pixels = matrix @ np.column_stack([turn[:, 0], turn[:, 1], [0, 0, far]]) @ centred
    lens = Lens(matrix, np.array([-0.08, 0.02, 0.0005, -0.0003, 0]), WIDTH, HEIGHT)
    mean = np.full((HEIGHT // 4, WIDTH // 4, 3), MAT, np.float32)
    background = Background(mean, np.ones_like(mean))
    return Calibration(lens, np.linalg.inv(to_pixels), FIELD, 0.05, background)


def printed(width: int = 840, height: int = 1188, colour: tuple[int, int, int] = (255, 255, 255)) -> Frame:
    """A sheet with lines of dark strokes, 4 pixels a millimetre for an A4."""
    image = np.full((height, width, 3), colour, np.uint8)
    rng = np.random.default_rng(7)
    for top in range(100, height - 140, 36):
        left = 80
        while left < width - 160:
            wide = int(rng.integers(6, 40))
            cv2.rectangle(image, (left, top), (left + wide, top + 14), (25, 20, 20), -1)
            left += wide + int(rng.integers(6, 20))
    return image


def laid(
    image: Frame, size: tuple[float, float], at: tuple[float, float], degrees: float = 0.0, scale: float = 0.85
) -> tuple[Frame, Points]:
    """The frame in which the sheet lies with its upper left corner `at` (mm), turned; and its corners in pixels."""
    known = calibration()
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    turn = np.array([[c, s], [-s, c]])
    corners = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]]) @ turn + at
    x, y = np.meshgrid(np.arange(WIDTH, dtype=float), np.arange(HEIGHT, dtype=float))
    where = (mm_of(np.stack([x, y], axis=-1).reshape(-1, 2), known) - at) @ turn.T
    where = where.reshape(HEIGHT, WIDTH, 2) / size * [image.shape[1], image.shape[0]] - 0.5
    x, y = (np.ascontiguousarray(where[..., axis], np.float32) for axis in (0, 1))
    frame = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=MAT)
    on_sheet = np.asarray((where > -0.5).all(axis=2) & (where < [image.shape[1], image.shape[0]]).all(axis=2))
    lit = np.where(on_sheet[..., np.newaxis], frame * scale, frame)
    return lit.astype(np.uint8), pixels_of(corners, known)


def sheet(corners: Points, size: tuple[float, float], kind: str) -> Sheet:
    return Sheet(corners, size, kind, 1.0)
