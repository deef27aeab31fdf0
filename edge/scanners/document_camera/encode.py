"""Pages as JPEG within a budget of bytes, thumbnails, and turning a page by quarters of a circle.

Sizes: a colour A4 takes at most `A4_BYTES` (600 KB as a page of a PDF, less what the PDF adds); other pages in
proportion to their area. The quality that fits is found by Newton's rule on what the first attempt took.
"""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

from edge.scanners.document_camera.model import Frame
from edge.scanners.document_camera.warp import DPI

A4_BYTES = 590_000
A4_PIXELS = 2480 * 3508
LEAST_BYTES = 60_000
QUALITY = 82
POOREST = 35
THUMBNAIL = 320
ORIGINAL_QUALITY = 85


def budget(image: Frame) -> int:
    """Return the bytes that a page of this size may take."""
    return max(LEAST_BYTES, A4_BYTES * int(image.shape[0]) * int(image.shape[1]) // A4_PIXELS)


def jpeg(image: Frame, quality: int) -> bytes:
    """Return the image as JPEG that says its dots per inch."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("a page that JPEG cannot hold")
    return with_dpi(data.tobytes())


def with_dpi(data: bytes, dpi: int = DPI) -> bytes:
    """Return the JPEG with its density in the JFIF header, which OpenCV leaves at none."""
    if data[2:4] != b"\xff\xe0" or data[6:11] != b"JFIF\0":
        return data
    return data[:13] + b"\x01" + dpi.to_bytes(2, "big") * 2 + data[18:]


def within_budget(image: Frame) -> bytes:
    """Return the page at the best quality, of those tried, that fits its budget."""
    most, quality = budget(image), QUALITY
    data = jpeg(image, quality)
    while len(data) > most and quality > POOREST:
        # Bytes go about with the 0.9th power of what quality leaves out; a little more is taken off to be done sooner.
        step = max(4, round((100 - quality) * ((len(data) / most) ** 1.1 - 1)))
        quality = max(POOREST, quality - step)
        data = jpeg(image, quality)
    return data


def thumbnail_of(image: Frame) -> Frame:
    """Return the page with at most `THUMBNAIL` pixels on its longer side."""
    scale = THUMBNAIL / max(image.shape[:2])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8) if scale < 1 else image


TURNS = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}
"""Clockwise quarters; Pillow counts the other way."""


def turned(data: bytes, quarters: int) -> bytes:
    """Return a JPEG turned clockwise, quantised as before (tables turned along), so that next to nothing is lost."""
    if not data or quarters % 4 == 0:
        return data
    with Image.open(io.BytesIO(data)) as image:
        tables = [_turned_table(table, quarters) for _, table in sorted(image.quantization.items())]  # type: ignore[attr-defined]  # only JPEGs have it, and these are ours
        sampling = 2 if image.mode == "RGB" else 0
        out = io.BytesIO()
        image.transpose(TURNS[quarters % 4]).save(
            out, "JPEG", qtables=tables, subsampling=sampling, dpi=(DPI, DPI), optimize=False
        )
    return out.getvalue()


def _turned_table(table: list[int], quarters: int) -> list[int]:
    grid = np.asarray(table).reshape(8, 8)
    values: list[int] = (grid.T if quarters % 2 else grid).ravel().tolist()
    return values
