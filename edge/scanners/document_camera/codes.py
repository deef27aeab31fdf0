"""Bar and QR codes on a page, as text and nothing else: nothing is opened, followed or believed.

The whole page is read once at full size for QR and linear codes and once at half size for the other matrix codes;
what was seen but not decoded, and places that look like a code without having given one, are read again at twice
their size, which zxing's binariser likes better for modules of a few pixels.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import zxingcpp
from zxingcpp import BarcodeFormat, BarcodeFormats, Binarizer

from edge.scanners.document_camera.model import Frame

LONGEST = 4096
"""Bytes of one code; more than any QR code holds."""
MOST = 16
"""Codes of one page that are kept."""
AGAIN = 4
"""Places that are read a second time."""
WHOLE = BarcodeFormats(
    [BarcodeFormat.QRCode, BarcodeFormat.Code128, BarcodeFormat.Code39, BarcodeFormat.EAN13, BarcodeFormat.ITF]
)
HALF = BarcodeFormats([BarcodeFormat.DataMatrix, BarcodeFormat.PDF417])
QR_ALONE = BarcodeFormats([BarcodeFormat.QRCode])
PAD = 24
SMALL = 8

Box = tuple[int, int, int, int]


def codes_on(grey: Frame) -> tuple[str, ...]:
    """Return the texts of the codes on a page, each once, from top to bottom."""
    found: list[tuple[int, str]] = []
    failed: list[Box] = []
    seen: list[Box] = []
    _read(grey, WHOLE, found, failed, seen)
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    _read(np.asarray(half, np.uint8), HALF, found, [], [])
    places = [*failed, *_code_like(grey)]
    for box in [place for place in places if not any(_overlap(place, other) for other in seen)][:AGAIN]:
        _read_again(grey, box, found)
    texts = [text for _, text in sorted(found, key=lambda code: code[0])]
    return tuple(dict.fromkeys(texts))[:MOST]


def _read(
    image: Frame, formats: BarcodeFormats, found: list[tuple[int, str]], failed: list[Box], seen: list[Box]
) -> None:
    """Add what is read to `found` and `seen`, and where something was seen but not read to `failed`."""
    for code in zxingcpp.read_barcodes(image, formats=formats, try_invert=False, return_errors=True):
        box = _box(code)
        if code.valid:
            seen.append(box)
            found += [(box[1], text) for text in _text(code)]
        elif code.format == BarcodeFormat.QRCode:
            failed.append(box)


def _read_again(grey: Frame, box: Box, found: list[tuple[int, str]]) -> None:
    """Read one place at twice its size, with both binarisers, inverted too."""
    left, top, right, bottom = box
    part = grey[max(0, top - PAD) : bottom + PAD, max(0, left - PAD) : right + PAD]
    if part.size == 0:
        return
    twice = np.asarray(cv2.resize(part, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    for binarizer in (Binarizer.LocalAverage, Binarizer.GlobalHistogram):
        codes = zxingcpp.read_barcodes(twice, formats=QR_ALONE, binarizer=binarizer)
        if codes:
            found += [(top, text) for code in codes for text in _text(code)]
            return


def _text(code: zxingcpp.Barcode) -> Iterator[str]:
    """Yield the code's text if it is of sane length; control characters are left out."""
    if code.valid and 0 < len(code.bytes) <= LONGEST:
        text = "".join(sign for sign in code.text if sign.isprintable() or sign == "\n")
        if text:
            yield text


def _box(code: zxingcpp.Barcode) -> Box:
    corners = code.position
    points = [corners.top_left, corners.top_right, corners.bottom_right, corners.bottom_left]
    xs, ys = [point.x for point in points], [point.y for point in points]
    return (min(xs), min(ys), max(xs), max(ys))


def _overlap(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def _code_like(grey: Frame) -> list[Box]:
    """Return squares of dense black and white in both directions, the largest first: what a QR code looks like afar."""
    small = cv2.resize(grey, None, fx=1 / SMALL, fy=1 / SMALL, interpolation=cv2.INTER_AREA)
    busy = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    mask = np.asarray((cv2.blur(busy, (7, 7)) > 40) & (cv2.blur(small, (7, 7)) < 190), np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)), np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    boxes = []
    for left, top, wide, tall, area in sorted(stats[1:].tolist(), key=lambda row: -row[4]):
        if 0.6 < wide / tall < 1.7 and area > 0.6 * wide * tall and 12 <= wide <= 160:
            boxes.append((left * SMALL, top * SMALL, (left + wide) * SMALL, (top + tall) * SMALL))
    return boxes
