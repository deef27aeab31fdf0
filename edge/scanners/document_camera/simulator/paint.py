"""Sheets painted into the frame: strips of rows, each pixel covered by as much paper as the edge leaves it.

Coverage follows the distance to the edge in pixels, so that half of the change lies exactly at the true edge.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.model import Frame, Points
from edge.scanners.document_camera.simulator.camera import Box, ground
from edge.scanners.document_camera.simulator.paper import page_texture
from edge.scanners.document_camera.simulator.sheets import Placed

Floats = NDArray[np.float32]
_STEP_FLAT, _STEP_BENT = 16, 8
_STRIP = 16
"""Knots of the net in one strip of rows: small enough for the processor's cache."""


def paint(frame: Frame, placed: Placed, page_dpi: int) -> None:
    """Put the sheet into the frame."""
    texture = texture_for(placed, page_dpi)
    if placed.sheet.bend is not None:
        _cast_shadow(frame, placed)
    for box, net, slope in _strips(placed):
        if placed.sheet.motion_mm:
            _paint_moving(frame, box, placed, texture, net)
        else:
            _paint_strip(frame, box, placed, texture, net, slope)


def texture_for(placed: Placed, page_dpi: int) -> tuple[Frame, float, float]:
    """The page at about the resolution of the camera, so that remapping never skips pixels; its pixels per mm."""
    page, native = page_texture(placed.sheet, page_dpi), placed.camera.pixels_per_mm * 25.4
    if page_dpi < 1.15 * native:
        return page, page_dpi / 25.4, page_dpi / 25.4
    size = round(page.shape[1] * native / page_dpi), round(page.shape[0] * native / page_dpi)
    small = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    # Sizes are whole pixels, so that the scale is a little off, and not the same in both directions.
    across, down = size[0] / page.shape[1], size[1] / page.shape[0]
    return np.asarray(small, dtype=np.uint8), page_dpi / 25.4 * across, page_dpi / 25.4 * down


def box_of(outline: Points, placed: Placed, room: float) -> Box:
    """The pixels that the outline touches, and `room` around, inside the frame."""
    left, top = np.floor(outline.min(axis=0) - room).astype(int)
    right, bottom = np.ceil(outline.max(axis=0) + room).astype(int) + 1
    width, height = placed.camera.width, placed.camera.height
    return max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom))


def _strips(placed: Placed) -> Iterator[tuple[Box, NDArray[np.float64], NDArray[np.float64] | None]]:
    """Boxes of pixels with the paper's millimetres at the knots around them (see `camera.ground`)."""
    step = _STEP_FLAT if placed.sheet.bend is None else _STEP_BENT
    motion = placed.sheet.motion_mm * placed.camera.pixels_per_mm
    left, top, right, bottom = box_of(placed.outline(), placed, 3 + motion)
    if left >= right or top >= bottom:
        return
    columns = slice(left // step, -(-right // step) + 2)
    rows = _STRIP if not motion else placed.camera.height
    for first in range(top // step, -(-bottom // step), rows):
        last = min(first + rows, -(-bottom // step))
        net, slope = placed.paper_below(ground(placed.camera, step)[first : last + 2, columns])
        box = (left // step * step, first * step, min(right, placed.camera.width), min(last * step, bottom))
        yield box, net, slope


def _spread(net: NDArray[np.float64], box: Box, step: int) -> Floats:
    """Values at knots -> values at the pixels of the box."""
    size = net.shape[1] * step, net.shape[0] * step
    wide = cv2.resize(net.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide[step : step + box[3] - box[1], step : step + box[2] - box[0]])


def _paint_strip(
    frame: Frame,
    box: Box,
    placed: Placed,
    texture: tuple[Frame, float, float],
    net: NDArray[np.float64],
    slope: NDArray[np.float64] | None,
) -> None:
    step = _STEP_FLAT if slope is None else _STEP_BENT
    u, v = _spread(net[..., 0], box, step), _spread(net[..., 1], box, step)
    cover = coverage(u, v, placed)
    print_ = _print(u, v, texture)
    if slope is not None:
        shade = np.clip(1 - 0.45 * _spread(slope, box, step), 0.4, 1.2)
        print_ = np.clip(print_ * shade[..., None], 0, 255).astype(np.uint8)
    _blend(frame, box, print_, cover)


def _print(u: Floats, v: Floats, texture: tuple[Frame, float, float]) -> Frame:
    page, across, down = texture
    seen = cv2.remap(page, u * across - 0.5, v * down - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, dtype=np.uint8)


def coverage(u: Floats, v: Floats, placed: Placed) -> Floats:
    """How much of each pixel is paper."""
    width, height = placed.sheet.width_height
    scale = placed.camera.pixels_per_mm
    across = np.minimum(u, width - u) * scale + 0.5
    down = np.minimum(v, height - v) * scale + 0.5
    cover = np.clip(across, 0, 1) * np.clip(down, 0, 1)
    if placed.sheet.dog_ear:
        from_corner = ((width - u) + v - placed.sheet.dog_ear) * (scale / math.sqrt(2)) + 0.5
        cover *= np.clip(from_corner, 0, 1)
    return np.asarray(cover, dtype=np.float32)


def _blend(frame: Frame, box: Box, print_: Frame, cover: Floats) -> None:
    left, top, right, bottom = box
    below = np.ascontiguousarray(frame[top:bottom, left:right])
    frame[top:bottom, left:right] = cv2.blendLinear(print_, below, cover, 1 - cover)


def _paint_moving(
    frame: Frame, box: Box, placed: Placed, texture: tuple[Frame, float, float], net: NDArray[np.float64]
) -> None:
    """A sheet that was still being moved: print and coverage are smeared, the mat stays sharp."""
    step = _STEP_FLAT if placed.sheet.bend is None else _STEP_BENT
    u, v = _spread(net[..., 0], box, step), _spread(net[..., 1], box, step)
    kernel = _smear(placed)
    cover = cv2.filter2D(coverage(u, v, placed), -1, kernel)
    print_ = cv2.filter2D(_print(u, v, texture), -1, kernel)
    _blend(frame, box, np.asarray(print_, dtype=np.uint8), np.asarray(cover, dtype=np.float32))


def _smear(placed: Placed) -> Floats:
    length = placed.sheet.motion_mm * placed.camera.pixels_per_mm
    side = 2 * math.ceil(length / 2) + 3
    kernel, middle, angle = np.zeros((side, side), np.float32), side // 2, math.radians(placed.sheet.motion_angle)
    for t in np.linspace(-0.5, 0.5, 8 * side):
        x, y = middle + t * length * math.cos(angle), middle + t * length * math.sin(angle)
        kernel[round(y), round(x)] += 1
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def _cast_shadow(frame: Frame, placed: Placed) -> None:
    """The soft shadow of a sheet that rises: its outline, a little off, on the mat beneath."""
    height = placed.sheet.bend.height_mm if placed.sheet.bend else 0.0
    scale = placed.camera.pixels_per_mm / 4
    outline = placed.outline()
    left, top, right, bottom = box_of(outline, placed, height * 3 * placed.camera.pixels_per_mm)
    if left >= right or top >= bottom:
        return
    mask = np.zeros((-(-(bottom - top) // 4), -(-(right - left) // 4)), np.float32)
    moved = (outline - (left, top)) / 4 + height * 0.5 * scale
    cv2.fillPoly(mask, [moved.astype(np.int32)], 1.0)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(1.0, height * 0.4 * scale)), dtype=np.float32)
    light = cv2.resize(1 - 0.35 * mask, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    place = frame[top:bottom, left:right]
    place[:] = np.clip(place * light[..., None], 0, 255).astype(np.uint8)
