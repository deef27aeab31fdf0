"""Blur, tile by tile: how wide the steepest edges are, in pixels of the camera.

The width of an edge is the height of the step divided by its steepest slope; it does not depend on how black the
print is, and tiles without print are not judged. A sharp camera's edges are about 2 pixels wide.
"""

from __future__ import annotations

import cv2
import numpy as np

from edge.ports import Check
from edge.scanners.document_camera.check_image import Look, Region
from edge.scanners.document_camera.model import Frame
from edge.scanners.document_camera.warp import DPI

WIDEST_EDGE = 4.8
"""Edges wider than this many camera pixels read as blurred. Measured (`tests/bench/capture_flaws.py`): at most 4.3
where the lens blurs by 1.3 pixels or less, at least 5.5 where it blurs by 2 or more or the sheet moved by 0.8 mm."""
SOFT = 9.9
"""Wider than a lens out of focus by 5 pixels makes an edge: a slope as long as the window, of a picture or a shadow."""
PATCH = 192
TILES = 5
LEAST_STEP = 45
"""Only steps of at least this many grey levels are edges of print."""
LEAST_EDGES = 60


def blur(look: Look) -> Check:
    """Return the width of edges in the page's worst tile."""
    native = max(0.1, look.cutout.native_dpi / DPI)
    widths: list[tuple[float, Region]] = []
    for box in _patches(look, round(PATCH / min(1.0, native))):
        width = _edge_width(_as_seen(look.grey[box[1] : box[3], box[0] : box[2]], native))
        if width is not None:
            widths.append((width, _fractions(box, look.grey)))
    # A soft picture has no edges to tell by; it counts where nothing else on the page is sharper.
    worst, region = max([each for each in widths if each[0] <= SOFT] or widths, default=(0.0, None))
    passed = worst <= WIDEST_EDGE
    return Check("blur", round(worst, 2), WIDEST_EDGE, passed, None if passed else region)


def _patches(look: Look, patch: int) -> list[tuple[int, int, int, int]]:
    """Return one window of full resolution per tile, where its print is densest."""
    height, width = look.grey.shape
    rows, columns = min(TILES, max(1, height // patch)), min(TILES, max(1, width // patch))
    grey = cv2.cvtColor(look.small, cv2.COLOR_BGR2GRAY)
    busy = cv2.blur(cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), (17, 17))
    tall, wide = busy.shape[0] // rows, busy.shape[1] // columns
    boxes = []
    for row in range(rows):
        for column in range(columns):
            tile = busy[row * tall : (row + 1) * tall, column * wide : (column + 1) * wide]
            y, x = np.unravel_index(int(np.argmax(tile)), tile.shape)
            left = int(np.clip((x + column * wide + 0.5) * width / busy.shape[1] - patch / 2, 0, max(0, width - patch)))
            top = int(np.clip((y + row * tall + 0.5) * height / busy.shape[0] - patch / 2, 0, max(0, height - patch)))
            boxes.append((left, top, min(width, left + patch), min(height, top + patch)))
    return boxes


def _as_seen(patch: Frame, native: float) -> Frame:
    """Return a patch at the camera's own resolution, if the page is an enlargement of it."""
    if native >= 1:
        return patch
    return np.asarray(cv2.resize(patch, None, fx=native, fy=native, interpolation=cv2.INTER_AREA), np.uint8)


def _edge_width(patch: Frame) -> float | None:
    """Return the width of the sharper edges of a patch in its pixels, None if it has too few.

    Steep across and steep along are judged apart and the wider counts: what moved is blurred in one direction only.
    """
    # A little smoothing first, or the camera's noise would pass for sharpness.
    smooth = np.asarray(cv2.GaussianBlur(patch, (3, 3), 0.6), np.float32)
    across, along = (cv2.Sobel(smooth, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
    slope = cv2.magnitude(across, along)
    step = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, np.ones((15, 15), np.uint8))
    crest = (slope >= cv2.dilate(slope, np.ones((5, 5), np.uint8))) & (step >= LEAST_STEP) & (slope > 2)
    if int(crest.sum()) < LEAST_EDGES:
        return None
    widths, level = step[crest] / slope[crest], np.abs(across[crest]) >= np.abs(along[crest])
    parts = [part for part in (widths[level], widths[~level]) if len(part) >= LEAST_EDGES // 2]
    return max(float(np.quantile(part, 0.3)) for part in parts)


def _fractions(box: tuple[int, int, int, int], grey: Frame) -> Region:
    height, width = grey.shape
    return (box[0] / width, box[1] / height, box[2] / width, box[3] / height)
