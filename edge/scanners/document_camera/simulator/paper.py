"""What is printed on simulated sheets: strokes that look like text, forms, tables, pictures, codes. No real data.

A page is drawn at any resolution; the same seed gives the same page. Ink is a mask (0: paper, 255: ink) until the end.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from edge.scanners.document_camera.model import Frame
from edge.scanners.document_camera.simulator.scene import Colour, LaidSheet
from edge.scanners.document_camera.target import Target

Ink = NDArray[np.uint8]
_BLACK, _RED, _BLUE = (38, 34, 32), (50, 45, 190), (130, 60, 35)


class Pen:
    """Draws on one page in millimetres; one mask of ink for each colour."""

    def __init__(self, size_mm: tuple[float, float], dpi: float, seed: int) -> None:
        self.width, self.height = size_mm
        self.scale = dpi / 25.4
        self.dice = np.random.default_rng(seed)
        self.shape = (round(self.height * self.scale), round(self.width * self.scale))
        self.inks: dict[Colour, Ink] = {}

    def ink(self, colour: Colour = _BLACK) -> Ink:
        """The mask of one colour, made when first asked for."""
        if colour not in self.inks:
            self.inks[colour] = np.zeros(self.shape, np.uint8)
        return self.inks[colour]

    def px(self, mm: float) -> int:
        """Millimetres as whole pixels."""
        return round(mm * self.scale)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour = _BLACK) -> None:
        """A filled rectangle."""
        self.ink(colour)[self.px(top) : self.px(bottom), self.px(left) : self.px(right)] = 255

    def line(self, x1: float, y1: float, x2: float, y2: float, width: float = 0.3, colour: Colour = _BLACK) -> None:
        """A straight line."""
        start, end = (self.px(x1), self.px(y1)), (self.px(x2), self.px(y2))
        cv2.line(self.ink(colour), start, end, 255, max(1, self.px(width)), cv2.LINE_AA)

    def text(self, left: float, top: float, right: float, size: float, colour: Colour = _BLACK) -> None:
        """A line of characters that look Chinese from afar, until `right`."""
        glyphs, ink = _glyphs(max(3, self.px(size))), self.ink(colour)
        step, y = max(3, round(self.px(size) * 1.08)), self.px(top)
        for x in range(self.px(left), self.px(right) - step, step):
            glyph = glyphs[self.dice.integers(len(glyphs))]
            if self.dice.random() < 0.94:
                _stamp(ink, glyph, x, y)

    def word(self, text: str, left: float, bottom: float, size: float, colour: Colour = _BLACK) -> None:
        """Latin letters and digits."""
        scale = self.px(size) / 22
        at = (self.px(left), self.px(bottom))
        cv2.putText(
            self.ink(colour), text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, max(1, self.px(size / 9)), cv2.LINE_AA
        )

    def code(self, text: str, left: float, top: float, size: float) -> None:
        """A QR code, `size` mm wide without its quiet zone."""
        cells = qr_cells(text)
        side = max(len(cells), self.px(size))
        picture = cv2.resize(cells, (side, side), interpolation=cv2.INTER_NEAREST)
        _stamp(self.ink(), np.asarray(picture, dtype=np.uint8), self.px(left), self.px(top))


@lru_cache(maxsize=64)
def qr_cells(text: str) -> Ink:
    """The cells of a QR code, 255 where it is dark."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    return np.asarray(255 - np.array(made.to_image(scale=1, add_quiet_zones=False)), dtype=np.uint8)


@lru_cache(maxsize=32)
def _glyphs(size: int) -> tuple[Ink, ...]:
    """Forty characters of a few straight strokes, mostly level and upright."""
    dice, made = np.random.default_rng(7), []
    for _ in range(40):
        glyph = np.zeros((size, size), np.uint8)
        for _ in range(int(dice.integers(4, 9))):
            a, b, c = (int(each) for each in dice.integers(0, size, 3))
            level = dice.random()
            ends = ((a, b), (c, b)) if level < 0.45 else ((a, b), (a, c)) if level < 0.85 else ((a, b), (b, c))
            cv2.line(glyph, *ends, 255, max(1, size // 11), cv2.LINE_AA)
        made.append(glyph)
    return tuple(made)


def _stamp(ink: Ink, stamp: Ink, x: int, y: int) -> None:
    """Put a small mask on a big one; what lies over the border is cut."""
    height, width = min(stamp.shape[0], ink.shape[0] - y), min(stamp.shape[1], ink.shape[1] - x)
    if height > 0 and width > 0 and x >= 0 and y >= 0:
        place = ink[y : y + height, x : x + width]
        np.maximum(place, stamp[:height, :width], out=place)


def _letter(pen: Pen) -> None:
    wide, margin = pen.width, pen.width * 0.12
    pen.text(wide * 0.3, pen.height * 0.07, wide * 0.72, 6.0)
    y, size = pen.height * 0.13, max(2.6, min(4.0, wide / 52))
    while y < pen.height * 0.9:
        right = wide - margin - (pen.dice.random() < 0.2) * pen.dice.random() * wide * 0.5
        pen.text(margin, y, right, size)
        y += size * (1.7 if pen.dice.random() < 0.85 else 2.9)
    if pen.dice.random() < 0.6:
        centre = (pen.px(wide * 0.72), pen.px(pen.height * 0.85))
        cv2.circle(pen.ink(_RED), centre, pen.px(19), 255, pen.px(1.1), cv2.LINE_AA)


def _form(pen: Pen) -> None:
    wide, high = pen.width, pen.height
    pen.text(wide * 0.28, high * 0.05, wide * 0.74, 6.5)
    left, top, right, bottom = wide * 0.08, high * 0.12, wide * 0.92, high * 0.92
    rows = max(4, round((bottom - top) / 11))
    ys = np.linspace(top, bottom, rows + 1)
    columns = [left, left + (right - left) * 0.2, left + (right - left) * 0.52, left + (right - left) * 0.7, right]
    for y in ys:
        pen.line(left, y, right, y, 0.35)
    for x in columns:
        pen.line(x, top, x, bottom, 0.35)
    for y, below in pairwise(ys):
        size = min(3.5, (below - y) * 0.4)
        for index in (0, 2):
            pen.text(columns[index] + 2, y + (below - y - size) / 2, columns[index + 1] - 2, size)
        if pen.dice.random() < 0.7:
            pen.word("".join(map(str, pen.dice.integers(0, 10, 9))), columns[1] + 3, below - size, size, _BLUE)


def _table(pen: Pen) -> None:
    """A thick frame in the middle of the page: an inner rectangle that is not the page."""
    wide, high = pen.width, pen.height
    for x1, y1, x2, y2 in ((0.1, 0.1, 0.9, 0.1), (0.9, 0.1, 0.9, 0.9), (0.9, 0.9, 0.1, 0.9), (0.1, 0.9, 0.1, 0.1)):
        pen.line(wide * x1, high * y1, wide * x2, high * y2, 1.2)
    for row in np.linspace(high * 0.16, high * 0.84, 18):
        pen.line(wide * 0.1, row, wide * 0.9, row, 0.25)
        pen.text(wide * 0.13, row + 1.2, wide * (0.3 + 0.5 * pen.dice.random()), 3.0)


def _photo(pen: Pen) -> None:
    _picture(pen, pen.width * 0.1, pen.height * 0.1, pen.width * 0.9, pen.height * 0.6)
    for row in range(6):
        pen.text(pen.width * 0.1, pen.height * (0.65 + row * 0.05), pen.width * 0.9, 3.6)


def _picture(pen: Pen, left: float, top: float, right: float, bottom: float) -> None:
    """A soft picture in three inks."""
    box = slice(pen.px(top), pen.px(bottom)), slice(pen.px(left), pen.px(right))
    for colour in (_BLACK, _RED, _BLUE):
        small = pen.dice.random((7, 9)).astype(np.float32) * 170
        place = pen.ink(colour)[box]
        place[:] = cv2.resize(small, place.shape[1::-1], interpolation=cv2.INTER_CUBIC).clip(0, 200).astype(np.uint8)


def _card(pen: Pen) -> None:
    """A card like an identity card: picture at the right, lines at the left, a long number. Nobody's."""
    wide, high = pen.width, pen.height
    _picture(pen, wide * 0.68, high * 0.14, wide * 0.93, high * 0.72)
    for row, until in enumerate((0.35, 0.5, 0.56, 0.62, 0.6)):
        pen.text(wide * 0.07, high * (0.12 + row * 0.135), wide * until, 2.6, _BLUE if row == 0 else _BLACK)
    pen.word("".join(map(str, pen.dice.integers(0, 10, 17))) + "X", wide * 0.32, high * 0.9, 3.0)


def _booklet(pen: Pen) -> None:
    """An open passport: a seam in the middle, a picture and two lines of machine-readable text."""
    wide, high = pen.width, pen.height
    if high > wide:
        pen.line(0, high / 2, wide, high / 2, 0.5)
    top = high / 2 if high > wide else 0.0
    _picture(pen, wide * 0.05, top + 12, wide * 0.32, top + 52)
    for row in range(6):
        pen.text(wide * 0.38, top + 12 + row * 7, wide * (0.6 + 0.3 * pen.dice.random()), 2.8)
    for row in (2, 1):
        letters = pen.dice.integers(0, 36, 44)
        text = "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ<<<<<<<<<<"[each] for each in letters)
        pen.word(text, wide * 0.04, high - 2 - 5 * row, 2.4)


def _receipt(pen: Pen) -> None:
    pen.text(pen.width * 0.25, 6, pen.width * 0.75, 5.0)
    y = 16.0
    while y < pen.height - 14:
        pen.text(6, y, pen.width * (0.4 + 0.2 * pen.dice.random()), 2.8)
        pen.word(f"{pen.dice.integers(1, 999)}.00", pen.width - 22, y + 2.6, 2.6)
        y += 5.2


def _blank(pen: Pen) -> None:
    pen.ink()


_CONTENTS = {
    "letter": _letter,
    "form": _form,
    "table": _table,
    "photo": _photo,
    "card": _card,
    "booklet": _booklet,
    "receipt": _receipt,
    "blank": _blank,
}


def page_texture(sheet: LaidSheet, dpi: float) -> Frame:
    """The page as it was printed, without light or lens."""
    return _page(sheet.content, sheet.width_height, sheet.paper, sheet.seed, sheet.codes, dpi)


@lru_cache(maxsize=6)
def _page(
    content: str, size_mm: tuple[float, float], paper: Colour, seed: int, codes: tuple[str, ...], dpi: float
) -> Frame:
    if content == "target":
        return Target("a3" if size_mm[0] > 300 else "a4").picture(dpi)
    pen = Pen(size_mm, dpi, seed)
    _CONTENTS[content](pen)
    side = min(26.0, pen.width * 0.3, pen.height * 0.4)
    for index, text in enumerate(codes):
        pen.inks = {colour: _cleared(pen, ink, index, side) for colour, ink in pen.inks.items()}
        pen.code(text, pen.width - side - 8, 8 + index * (side + 8), side)
    page = np.empty((*pen.shape, 3), np.uint8)
    page[:] = paper
    for colour, ink in pen.inks.items():
        _print(page, ink, colour)
    page.flags.writeable = False
    return page


def _cleared(pen: Pen, ink: Ink, index: int, side: float) -> Ink:
    """Make room for a code and its quiet zone."""
    top = 8 + index * (side + 8)
    ink[max(0, pen.px(top - 4)) : pen.px(top + side + 4), pen.px(pen.width - side - 12) : pen.px(pen.width - 4)] = 0
    return ink


def _print(page: Frame, ink: Ink, colour: Colour) -> None:
    """Ink on paper, only where there is some."""
    x, y, width, height = cv2.boundingRect(ink)
    if width:
        place, mask = page[y : y + height, x : x + width], ink[y : y + height, x : x + width]
        cover = mask.astype(np.float32) * (0.92 / 255)
        flat = np.empty_like(place)
        flat[:] = colour
        place[:] = cv2.blendLinear(np.ascontiguousarray(place), flat, 1 - cover, cover)
