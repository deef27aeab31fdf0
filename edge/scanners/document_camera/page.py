"""One page, from a sheet in a frame to what is handed in: `make_page`, and `turn`."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np

from edge.ports import Check, Page
from edge.scanners.document_camera.check_image import look_at
from edge.scanners.document_camera.checks import all_checks
from edge.scanners.document_camera.codes import codes_on
from edge.scanners.document_camera.deskew import tilt_of, to_turn
from edge.scanners.document_camera.encode import ORIGINAL_QUALITY, jpeg, thumbnail_of, turned, within_budget
from edge.scanners.document_camera.enhance import Preset, enhance
from edge.scanners.document_camera.model import Calibration, Frame, Sheet
from edge.scanners.document_camera.paper import gains, light_of
from edge.scanners.document_camera.upright import quarters_for
from edge.scanners.document_camera.warp import DPI, Cutout, cut_out, lie_of

THUMBNAIL_QUALITY = 80
WITHOUT_LIGHT = {"card", "booklet"}
"""Formats whose own print covers them: only the installation's flat field and white balance are applied."""


def make_page(
    frame: Frame,
    sheet: Sheet,
    calibration: Calibration | None,
    preset: Preset = "colour",
    earlier: Sequence[Page] = (),
    *,
    deskew: bool = True,
) -> Page:
    """Return the page that a sheet becomes; `earlier` are the pages already captured, for the duplicate check.

    Cards and passports leave upright. `deskew=False` leaves print as it lies on its sheet.
    """
    cutout, grey = _straight(frame, sheet, calibration, deskew=deskew)
    with ThreadPoolExecutor(2) as pool:
        original = pool.submit(jpeg, cutout.image, ORIGINAL_QUALITY)
        codes = pool.submit(codes_on, grey)
        gain = gains(calibration, cutout.nodes, frame)
        light = None if sheet.format in WITHOUT_LIGHT else light_of(cutout.image, gain)
        done = enhance(cutout.image, light, gain, preset)
        content = pool.submit(within_budget, done)
        small = thumbnail_of(done)
        checks = all_checks(look_at(cutout, frame, calibration, grey), small, earlier)
        page = _page(cutout, sheet.format, checks, content, original, codes, jpeg(small, THUMBNAIL_QUALITY))
    return turn(page, quarters_for(cutout.image, sheet.format))


def _straight(frame: Frame, sheet: Sheet, calibration: Calibration | None, *, deskew: bool) -> tuple[Cutout, Frame]:
    """Return the cut-out and its grey; cut again from the frame, not turned afterwards, if its print is tilted."""
    lie = lie_of(frame, sheet, calibration)
    cutout = cut_out(frame, lie)
    grey = np.asarray(cv2.cvtColor(cutout.image, cv2.COLOR_BGR2GRAY), np.uint8)
    if not deskew or sheet.format in WITHOUT_LIGHT:
        return cutout, grey
    tilt = to_turn(tilt_of(grey))
    if not tilt:
        return cutout, grey
    cutout = cut_out(frame, lie, tilt)
    return cutout, np.asarray(cv2.cvtColor(cutout.image, cv2.COLOR_BGR2GRAY), np.uint8)


def _page(
    cutout: Cutout,
    kind: str,
    checks: tuple[Check, ...],
    content: Future[bytes],
    original: Future[bytes],
    codes: Future[tuple[str, ...]],
    thumbnail: bytes,
) -> Page:
    width, height = cutout.size_mm
    return Page(
        jpeg=content.result(),
        thumbnail=thumbnail,
        width_um=round(width * 1000),
        height_um=round(height * 1000),
        dpi=DPI,
        native_dpi=cutout.native_dpi,
        format=kind,
        checks=checks,
        codes=codes.result(),
        original=original.result(),
    )


def turn(page: Page, quarters: int) -> Page:
    """Return the page turned clockwise by quarters of a circle: pictures, size, and the regions of its checks."""
    quarters %= 4
    if not quarters:
        return page
    swap = quarters % 2 == 1
    return replace(
        page,
        jpeg=turned(page.jpeg, quarters),
        thumbnail=turned(page.thumbnail, quarters),
        original=turned(page.original, quarters),
        width_um=page.height_um if swap else page.width_um,
        height_um=page.width_um if swap else page.height_um,
        checks=tuple(_turned_check(check, quarters) for check in page.checks),
    )


def _turned_check(check: Check, quarters: int) -> Check:
    if check.region is None:
        return check
    left, top, right, bottom = check.region
    for _ in range(quarters):
        left, top, right, bottom = 1 - bottom, left, 1 - top, right
    return replace(check, region=(left, top, right, bottom))
