"""A scene rendered: the frame that the camera would give, and the truth about every sheet in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from edge.scanners.document_camera.geometry import clockwise_from_upper_left
from edge.scanners.document_camera.model import Frame, Points
from edge.scanners.document_camera.simulator import clutter, hand, light, paint
from edge.scanners.document_camera.simulator.mat import mat_seen
from edge.scanners.document_camera.simulator.paper import page_texture
from edge.scanners.document_camera.simulator.scene import LaidSheet, Scene
from edge.scanners.document_camera.simulator.sheets import Placed


@dataclass(frozen=True, slots=True, eq=False)
class TrueSheet:
    """What is true of one sheet in a frame.

    `corners` in the order of `model.Sheet`; the printed page's own upper left corner is `corners[turned]`, and
    `size_mm` is as seen (width along the first side). `outline` starts at the first corner, clockwise, equally many
    points a side. `page` is the printed page, upright, clean, at `dpi`. `whole`: nothing lies beyond the frame.
    """

    corners: Points
    outline: Points
    size_mm: tuple[float, float]
    format: str
    turned: int
    whole: bool
    codes: tuple[str, ...]
    dpi: int
    page: Frame = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The sheets of a scene in their order, lower ones first."""

    sheets: tuple[TrueSheet, ...]


def render(scene: Scene, seed: int) -> tuple[Frame, Truth]:
    """Return the frame and its truth. `seed` is for noise and litter; all else is said by the scene."""
    dice = np.random.default_rng(seed)
    frame = mat_seen(scene.camera, scene.mat).copy()
    if scene.litter:
        clutter.strew(frame, scene.camera.pixels_per_mm, dice, scene.litter)
    places = [Placed(sheet, scene.camera) for sheet in scene.sheets]
    for placed in places:
        paint.paint(frame, placed, scene.page_dpi)
    for finger in scene.fingers:
        hand.hold(frame, finger, scene.camera)
    if scene.defocus:
        cv2.GaussianBlur(frame, (0, 0), scene.defocus, dst=frame)
    light.shine(frame, scene, dice)
    return _as_jpeg(frame, scene.jpeg), Truth(tuple(_truth(placed, scene.page_dpi) for placed in places))


def _as_jpeg(frame: Frame, quality: int) -> Frame:
    """What the wire leaves of the picture."""
    if not quality:
        return frame
    _, packed = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)


def _truth(placed: Placed, dpi: int) -> TrueSheet:
    corners, outline = placed.corners(), placed.outline()
    seen = clockwise_from_upper_left(corners)
    first = int(np.argmin(np.linalg.norm(corners - seen[0], axis=1)))
    width, height = placed.sheet.width_height
    camera = placed.camera
    inside = (outline >= -0.5).all() and (outline <= (camera.width - 0.5, camera.height - 0.5)).all()
    return TrueSheet(
        corners=np.roll(corners, -first, axis=0),
        outline=np.roll(outline, -first * (len(outline) // 4), axis=0),
        size_mm=(height, width) if first % 2 else (width, height),
        format=_format(placed.sheet),
        turned=-first % 4,
        whole=bool(inside),
        codes=placed.sheet.codes,
        dpi=dpi,
        page=page_texture(placed.sheet, dpi),
    )


def _format(sheet: LaidSheet) -> str:
    """The words of `model.Sheet.format`."""
    if sheet.format == "passport":
        return "booklet"
    return sheet.format if sheet.format in {"a4", "a3", "card", "booklet", "receipt"} else "other"
