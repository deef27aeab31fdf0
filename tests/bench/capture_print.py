"""Printed pages as a camera of 13 megapixels sees them and the warp leaves them at 300 dpi, without a whole scene.

Print is blurred and sampled at the camera's 232 dpi, lit unevenly, given noise and JPEG, and enlarged as the warp does.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.model import Frame
from edge.scanners.document_camera.simulator import LaidSheet
from edge.scanners.document_camera.simulator.paper import page_texture

NATIVE = 232 / 300
CONTENTS = ("letter", "form", "table", "letter", "form", "receipt", "photo")


@dataclass(frozen=True, slots=True)
class Seen:
    """How a camera sees: blur in its own pixels, noise in grey levels, quality of its JPEG, depth of a shadow."""

    blur: float = 0.8
    noise: float = 2.0
    jpeg: int = 90
    shadow: float = 0.0
    turn: float = 0.0


def by_lot(dice: np.random.Generator, turn: float = 0.0) -> Seen:
    """An ordinary look at a page."""
    return Seen(
        float(dice.uniform(0.5, 1.3)), float(dice.uniform(1, 4)), int(dice.integers(80, 95)),
        float(dice.uniform(0.2, 0.5)) if dice.random() < 0.4 else 0.0, turn,
    )  # fmt: skip


def printed(dice: np.random.Generator, content: str | None = None) -> Frame:
    """A page of an A4 (or a receipt), as printed at 300 dpi."""
    kind = content or CONTENTS[dice.integers(len(CONTENTS))]
    sheet = LaidSheet(
        "receipt" if kind == "receipt" else "a4",
        content=kind,  # type: ignore[arg-type]  # each is one of the simulator's
        seed=int(dice.integers(1, 100_000)),
    )
    return page_texture(sheet, 300)


def as_seen(page: Frame, how: Seen, dice: np.random.Generator) -> Frame:
    """The page as it lies in the cut-out."""
    height, width = page.shape[:2]
    size = (round(width * NATIVE), round(height * NATIVE))
    place = cv2.getRotationMatrix2D((width / 2, height / 2), -how.turn, 1.0)
    turned = cv2.warpAffine(page, place, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(turned if how.turn else page, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), how.blur).astype(np.float32)
    lit = soft * _light(size, how, dice)[..., np.newaxis]
    lit += dice.standard_normal(lit.shape, dtype=np.float32) * np.float32(how.noise)
    _, packed = cv2.imencode(".jpg", np.clip(lit, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, how.jpeg])
    wire = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.resize(wire, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _light(size: tuple[int, int], how: Seen, dice: np.random.Generator) -> NDArray[np.float32]:
    x, y = np.meshgrid(np.linspace(-1, 1, 64, dtype=np.float32), np.linspace(-1, 1, 64, dtype=np.float32))
    angle, away = dice.uniform(0, 2 * np.pi), dice.uniform(-0.6, 0.6)
    lamp = 0.85 * (1 - 0.1 * (x * np.cos(angle) + y * np.sin(angle)))
    if how.shadow:
        lamp = lamp * (1 - how.shadow / (1 + np.exp((x * np.sin(angle) + y * np.cos(angle) - away) * 12)))
    return np.asarray(cv2.resize(lamp.astype(np.float32), size), np.float32)
