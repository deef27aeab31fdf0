"""The sheet of calibration that the product prints itself: a ChArUco board in exact millimetres, with a ruler below.

One description (`rectangles`) serves the PDF, the picture that the simulator lays on its mat, and OpenCV's detector.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import pikepdf
from numpy.typing import NDArray

from edge.scanners.document_camera import marks
from edge.scanners.document_camera.model import Frame

SQUARE_MM, MARKER_MM = 30.0, 22.0
RULER_MM = 200.0
_POINTS = 72 / 25.4
_DICTIONARY = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_250)
Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom in millimetres from the sheet's upper left corner."""


@dataclass(frozen=True, slots=True)
class Target:
    """One sheet, landscape. `stretch` is what a ruler on the print says, divided by what it should say."""

    paper: Literal["a3", "a4"] = "a3"
    stretch: float = 1.0

    @property
    def size_mm(self) -> tuple[float, float]:
        """The paper."""
        return (420.0, 297.0) if self.paper == "a3" else (297.0, 210.0)

    @property
    def squares(self) -> tuple[int, int]:
        """Columns and rows."""
        return (13, 9) if self.paper == "a3" else (9, 6)

    def board(self) -> cv2.aruco.CharucoBoard:
        """What OpenCV looks for, in the print's real millimetres."""
        return cv2.aruco.CharucoBoard(self.squares, SQUARE_MM * self.stretch, MARKER_MM * self.stretch, _DICTIONARY)

    @property
    def origin(self) -> tuple[float, float]:
        """Where the board begins on the paper."""
        (width, height), (columns, rows) = self.size_mm, self.squares
        return (width - columns * SQUARE_MM) / 2, (height - rows * SQUARE_MM) / 2

    def rectangles(self) -> Iterator[Rectangle]:
        """Everything black."""
        left, top = self.origin
        columns, rows = self.squares
        for row in range(rows):
            for column in range(row % 2, columns, 2):
                x, y = left + column * SQUARE_MM, top + row * SQUARE_MM
                yield x, y, x + SQUARE_MM, y + SQUARE_MM
        board = Target(self.paper).board()
        for number, corners in zip(np.asarray(board.getIds()).ravel(), board.getObjPoints(), strict=True):
            x, y = np.asarray(corners).reshape(-1, 3)[:, :2].min(axis=0)
            cells = np.asarray(cv2.aruco.generateImageMarker(_DICTIONARY, int(number), 6), dtype=np.uint8)
            yield from dark_cells(cells, left + float(x), top + float(y), MARKER_MM / 6)

    def ruler(self) -> Iterator[Rectangle]:
        """A line of exactly `RULER_MM` with ticks at both ends, below the board."""
        (width, height), line = self.size_mm, 0.3
        left, y = (width - RULER_MM) / 2, height - 6.0
        yield left, y, left + RULER_MM, y + line
        yield left, y - 2, left + line, y + 2
        yield left + RULER_MM - line, y - 2, left + RULER_MM, y + 2

    def pdf(self) -> bytes:
        """One page."""
        words = f"{RULER_MM:.0f} mm: print at 100 %, measure this line"
        return _pdf(self.size_mm, [*self.rectangles(), *self.ruler()], words)

    def picture(self, dpi: float) -> Frame:
        """The sheet as printed; every pixel as dark as black covers it."""
        scale = dpi / 25.4
        width, height = self.size_mm
        ink = np.zeros((round(height * scale), round(width * scale)), np.float32)
        for left, top, right, bottom in self.rectangles():
            _cover(ink, left * scale, top * scale, right * scale, bottom * scale)
        grey = np.clip(245 - 215 * ink, 0, 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)


def dark_cells(cells: NDArray[np.uint8], left: float, top: float, cell: float) -> Iterator[Rectangle]:
    """Runs of dark cells in a row, one rectangle each: no hairlines between cells in print."""
    for row, line in enumerate(cells):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], (line == 0).astype(np.int8), [0]])))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            yield left + first * cell, top + row * cell, left + last * cell, top + (row + 1) * cell


def marks_pdf() -> bytes:
    """The four fiducials to cut out and glue at the mat's corners, on A4 landscape, in the order clockwise."""
    rectangles: list[Rectangle] = []
    for number in range(marks.COUNT):
        cell = marks.MARK_MM / marks.MARK_CELLS
        rectangles += dark_cells(marks.mark_cells(number), 40.0 + 60 * number, 60.0, cell)
    return _pdf((297.0, 210.0), rectangles, "upper left - upper right - lower right - lower left")


def _cover(ink: NDArray[np.float32], left: float, top: float, right: float, bottom: float) -> None:
    """Add a rectangle's share of each pixel; rectangles never overlap."""
    x, y = int(left), int(top)
    columns, rows = np.arange(x, min(int(np.ceil(right)), ink.shape[1])), np.arange(y, int(np.ceil(bottom)))
    across = np.clip(np.minimum(columns + 1, right) - np.maximum(columns, left), 0, 1)
    down = np.clip(np.minimum(rows + 1, bottom) - np.maximum(rows, top), 0, 1)
    ink[y : y + len(rows), x : x + len(columns)] += np.outer(down, across).astype(np.float32)


def _pdf(size_mm: tuple[float, float], rectangles: list[Rectangle], words: str) -> bytes:
    width, height = size_mm
    lines = ["0 g"]
    for left, top, right, bottom in rectangles:
        box = (left, height - bottom, right - left, bottom - top)
        lines.append(" ".join(f"{each * _POINTS:.4f}" for each in box) + " re")
    lines += ["f", f"BT /F1 8 Tf {20 * _POINTS:.2f} {3 * _POINTS:.2f} Td ({words}) Tj ET"]
    made = pikepdf.new()
    page = made.add_blank_page(page_size=(width * _POINTS, height * _POINTS))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.obj.Contents = made.make_stream("\n".join(lines).encode("ascii"))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
