"""Bar and QR codes on a page, as text and nothing else: nothing is opened, followed or believed.

The whole page is read once at full size for QR and linear codes and once at half size for the other matrix codes;
what was seen but not decoded, and places that look like a code without having given one, are read again, sharpened and
enlarged, because cells of three pixels through a soft lens are grey among grey.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import zxingcpp
from zxingcpp import BarcodeFormat, BarcodeFormats, Binarizer

from edge.scanners.document_camera.code_places import Box, code_like
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
WAYS = (
    (1.5, 2.0, Binarizer.LocalAverage),
    (3.0, 1.5, Binarizer.GlobalHistogram),
    (1.5, 3.0, Binarizer.LocalAverage),
    (0.0, 2.0, Binarizer.LocalAverage),
    (3.0, 3.0, Binarizer.LocalAverage),
    (3.0, 1.0, Binarizer.GlobalHistogram),
    (1.5, 1.0, Binarizer.LocalAverage),
)
"""How much of what blur took is given back, how much larger, which binariser: each reads some that no other does."""


def codes_on(grey: Frame) -> tuple[str, ...]:
    """Return the texts of the codes on a page, each once, from top to bottom."""
    found: list[tuple[int, str]] = []
    failed: list[Box] = []
    seen: list[Box] = []
    _read(grey, WHOLE, found, failed, seen)
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    _read(np.asarray(half, np.uint8), HALF, found, [], [])
    places = [*failed, *code_like(grey)]
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
    """Read one place larger and sharper, in several ways until one reads it."""
    left, top, right, bottom = box
    pad = max(PAD, (right - left) // 4)
    part = grey[max(0, top - pad) : bottom + pad, max(0, left - pad) : right + pad]
    if part.size == 0:
        return
    for amount, scale, binarizer in WAYS:
        soft = cv2.GaussianBlur(part, (0, 0), 3)
        sharp = cv2.addWeighted(part, 1 + amount, soft, -amount, 0)
        larger = np.asarray(cv2.resize(sharp, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
        codes = zxingcpp.read_barcodes(larger, formats=QR_ALONE, binarizer=binarizer, try_invert=False)
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
