"""What the sheets lie on: plain mats, cloth, wood, a cluttered desk, a given picture; always the same for one `Mat`."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import ConfigError
from edge.scanners.document_camera import marks
from edge.scanners.document_camera.model import Frame
from edge.scanners.document_camera.simulator import clutter
from edge.scanners.document_camera.simulator.camera import Camera, ground, optics
from edge.scanners.document_camera.simulator.scene import Colour, Mat

MARGIN_MM = 25.0
"""The mat reaches this far beyond the field, because corners of the picture see beyond it."""
STEP = 16
_PLAIN: dict[str, Colour] = {
    "blue": (148, 92, 44),
    "green": (78, 118, 52),
    "dark": (46, 45, 44),
    "wood": (98, 140, 178),
    "cloth": (120, 110, 130),
    "clutter": (150, 165, 175),
}


@lru_cache(maxsize=3)
def mat_seen(camera: Camera, mat: Mat) -> Frame:
    """The mat through the lens, evenly lit."""
    surface = _surface(camera, mat)
    scale, shift = camera.pixels_per_mm, np.array(mat.shift_mm)
    net = ((ground(camera, STEP) - shift + MARGIN_MM) * scale - 0.5).astype(np.float32)
    seen = cv2.remap(surface, *upsampled(net, STEP, camera), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    seen.flags.writeable = False
    return np.asarray(seen, dtype=np.uint8)


def upsampled(net: NDArray[np.float32], step: int, camera: Camera) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both coordinates of a net (`camera.ground`) for every pixel of the frame."""
    size = net.shape[1] * step, net.shape[0] * step
    planes = [cv2.resize(np.ascontiguousarray(net[..., axis]), size, interpolation=cv2.INTER_LINEAR) for axis in (0, 1)]
    x, y = (plane[step : step + camera.height, step : step + camera.width] for plane in planes)
    return np.asarray(x), np.asarray(y)


def _surface(camera: Camera, mat: Mat) -> Frame:
    """The mat seen straight from above, `MARGIN_MM` wider than the field on every side."""
    scale, (width, height) = camera.pixels_per_mm, optics(camera).field_mm
    shape = round((height + 2 * MARGIN_MM) * scale), round((width + 2 * MARGIN_MM) * scale)
    surface = _picture(mat, shape) if mat.kind == "picture" else _made(mat, shape, scale)
    if mat.marks:
        for number, (x, y) in enumerate(marks.marks_mm((width, height))):
            _stick(surface, number, (x + MARGIN_MM) * scale, (y + MARGIN_MM) * scale, scale)
    return surface


def _picture(mat: Mat, shape: tuple[int, int]) -> Frame:
    read = cv2.imread(str(mat.picture))
    if read is None:
        raise ConfigError(str(mat.picture), "mat.picture", "a picture that can be read")
    return np.asarray(cv2.resize(read, shape[::-1], interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _made(mat: Mat, shape: tuple[int, int], scale: float) -> Frame:
    dice = np.random.default_rng(mat.seed)
    tone = np.ones(shape, np.float32)
    for cell_mm, depth in ((0.4, 0.02), (2.5, 0.012), (60.0, 0.02)):
        tone += depth * smooth_noise(dice, shape, max(1.0, cell_mm * scale))
    if mat.kind == "wood":
        tone += _grain(dice, shape)
    if mat.kind == "cloth":
        tone += _weave(shape, scale)
    surface = np.empty((*shape, 3), np.uint8)
    for channel, colour in enumerate(_PLAIN[mat.kind]):
        surface[..., channel] = np.clip(tone * colour, 0, 255)
    if mat.kind in {"clutter", "wood"}:
        clutter.strew(surface, scale, dice, 26 if mat.kind == "clutter" else 0)
    return surface


def smooth_noise(dice: np.random.Generator, shape: tuple[int, int], cell: float) -> NDArray[np.float32]:
    """Noise of standard deviation about one whose spots are `cell` pixels wide."""
    small = dice.standard_normal((int(shape[0] / cell) + 2, int(shape[1] / cell) + 2), dtype=np.float32)
    return np.asarray(cv2.resize(small, shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _grain(dice: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    small = dice.standard_normal((shape[0] // 6 + 2, 12), dtype=np.float32)
    soft = cv2.GaussianBlur(small, (1, 5), 1.0)
    return 0.13 * np.asarray(cv2.resize(soft, shape[::-1], interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _weave(shape: tuple[int, int], scale: float) -> NDArray[np.float32]:
    """Checks and stripes of a patterned cloth."""
    x, y = np.arange(shape[1]) / scale, np.arange(shape[0]) / scale
    checks = np.sign(np.sin(x * 0.42))[None, :] * np.sign(np.sin(y * 0.42))[:, None]
    return (0.22 * checks + 0.08 * np.sin(y * 2.1)[:, None]).astype(np.float32)


def _stick(surface: Frame, number: int, x: float, y: float, scale: float) -> None:
    """Print one fiducial with its white border on the mat, its middle at (x, y) exactly."""
    cells = np.pad(marks.mark_cells(number), 1, constant_values=255)
    cell = marks.MARK_MM / marks.MARK_CELLS * scale
    half = len(cells) * cell / 2
    left, top = int(x - half) - 2, int(y - half) - 2
    size = int(2 * half) + 6
    # Knots of cells -> pixels by area: each pixel is the mean of 8 x 8 samples.
    fine = (np.arange(size * 8) + 0.5) / 8
    columns, rows = (fine + left - (x - half)) / cell, (fine + top - (y - half)) / cell
    inside = ((rows >= 0) & (rows < len(cells)))[:, None] & ((columns >= 0) & (columns < len(cells)))[None, :]
    ink = cells[np.clip(rows, 0, len(cells) - 1).astype(int)][:, np.clip(columns, 0, len(cells) - 1).astype(int)]
    cover = cv2.resize(inside.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)[..., None]
    tone = cv2.resize(np.where(inside, ink, 0).astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)[
        ..., None
    ]
    place = surface[top : top + size, left : left + size]
    place[:] = np.clip(place * (1 - cover) + (tone * 0.9 + 15 * cover), 0, 255)
