"""What the worker does with a whole frame: find the sheets, make pages of them, turn and join pages.

Pages are thin for now: the sheet cut out at its true size, without correction of the lens, light or checks.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pikepdf
from numpy.typing import NDArray

from edge.errors import ConfigError
from edge.ports import Capture, Joining, Page
from edge.scanners.document_camera.calibration_store import load
from edge.scanners.document_camera.find import find
from edge.scanners.document_camera.model import Calibration, Found, Frame, Sheet, Verdict
from edge.scanners.document_camera.self_test import self_test
from edge.scanners.document_camera.source import Shot

_FIELD_MM, _DPI = 460.0, 300
_TURNS = {1: cv2.ROTATE_90_CLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_COUNTERCLOCKWISE}
_POINT_UM = 25400 / 72


def load_calibration(folder: Path) -> Calibration | None:
    """Return the calibration of this station, None when there is none that can be believed."""
    try:
        return load(folder)
    except ConfigError:
        return None


def moved(frame: Frame, calibration: Calibration) -> bool:
    """Whether the camera no longer stands over its mat as it was calibrated; marks under a sheet prove nothing."""
    return self_test(frame, calibration).verdict in ("moved", "other_size")


def capture(frame: Frame, calibration: Calibration | None) -> Capture:
    """Find the sheets of a frame and make a page of each."""
    found = find_free(frame) if calibration is None else find(frame, calibration)
    native = round(frame.shape[1] / (_FIELD_MM if calibration is None else calibration.field_mm[0]) * 25.4)
    return Capture(found.verdict.value, tuple(make_page(frame, sheet, native) for sheet in found.sheets))


def find_free(frame: Frame) -> Found:
    """Return the largest bright thing, if it lies wholly in the frame; its size is a guess at the usual field."""
    grey = cv2.cvtColor(cv2.resize(frame, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    mask = cv2.threshold(cv2.GaussianBlur(grey, (9, 9), 0), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1]
    blob = max(cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0], key=cv2.contourArea, default=None)
    if blob is None or cv2.contourArea(blob) < 0.003 * grey.size or grey.std() < 12:
        return Found(Verdict.NO_SHEET)
    corners = _ordered(cv2.boxPoints(cv2.minAreaRect(blob)).astype(np.float64) * 4 + 1.5)
    height, width = frame.shape[:2]
    if corners.min() < 2 or corners[:, 0].max() > width - 3 or corners[:, 1].max() > height - 3:
        return Found(Verdict.CROPPED)
    scale = _FIELD_MM / width
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1) * scale
    return Found(Verdict.FOUND, (Sheet(corners, (float(sides[0]), float(sides[1])), "other", 0.5),))


def make_page(frame: Frame, sheet: Sheet, native: int) -> Page:
    """Cut the sheet out at true size."""
    width, height = (max(16, round(side * _DPI / 25.4)) for side in sheet.size_mm)
    goal = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    image = cv2.warpPerspective(
        frame, cv2.getPerspectiveTransform(sheet.corners.astype(np.float32), goal), (width, height)
    )
    small = cv2.resize(image, None, fx=240 / max(width, height), fy=240 / max(width, height))
    um = [round(side * 1000) for side in sheet.size_mm]
    return Page(_jpeg(image), _jpeg(small), um[0], um[1], _DPI, native, sheet.format, original=_jpeg(image))


def turn(page: Page, quarters: int) -> Page:
    """Turn a page clockwise."""
    if quarters % 4 == 0:
        return page
    width, height = (page.width_um, page.height_um) if quarters % 2 == 0 else (page.height_um, page.width_um)
    jpeg, small, original = (_turned(each, quarters % 4) for each in (page.jpeg, page.thumbnail, page.original))
    return replace(page, width_um=width, height_um=height, jpeg=jpeg, thumbnail=small, original=original)


def join(pages: Sequence[Page], how: Joining) -> bytes:
    """Return one PDF of the pages, each at its true size."""
    del how
    out = io.BytesIO()
    with pikepdf.Pdf.new() as pdf:
        for page in pages:
            _add(pdf, page)
        pdf.save(out)
    return out.getvalue()


def _add(pdf: pikepdf.Pdf, page: Page) -> None:
    width, height = page.width_um / _POINT_UM, page.height_um / _POINT_UM
    pixels = _pixels(page.jpeg)
    sheet = pdf.add_blank_page(page_size=(width, height))
    picture = pikepdf.Stream(pdf, page.jpeg)
    picture.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Filter=pikepdf.Name.DCTDecode, BitsPerComponent=8,
        ColorSpace=pikepdf.Name.DeviceRGB, Width=pixels.shape[1], Height=pixels.shape[0],
    )  # fmt: skip
    name = sheet.add_resource(picture, pikepdf.Name.XObject)
    sheet.contents_add(f"{width:.3f} 0 0 {height:.3f} 0 0 cm {name} Do".encode())


def _ordered(box: NDArray[np.float64]) -> NDArray[np.float64]:
    # Clockwise in a picture whose y runs down: boxPoints goes that way already; only the first one is to be chosen.
    return np.roll(box, -int(np.argmin(box.sum(axis=1))), axis=0)


def _jpeg(image: NDArray[np.integer | np.floating]) -> bytes:
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1])


def _turned(jpeg: bytes, quarters: int) -> bytes:
    return _jpeg(cv2.rotate(_pixels(jpeg), _TURNS[quarters]))


def _pixels(jpeg: bytes) -> Frame:
    return Shot(jpeg).whole()
