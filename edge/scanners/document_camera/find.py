"""The sheets in a frame: against the known empty mat where there is one, free-hand where there is none."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.among import (
    Paper,
    filled,
    is_half,
    is_pale,
    meant,
    rest_of,
    rim_of,
    score_among,
    unfolded,
)
from edge.scanners.document_camera.background import Mask, changed, laid, plan_of
from edge.scanners.document_camera.candidates import Blob, Candidate, blobs, candidates
from edge.scanners.document_camera.curved import SAGITTA_MM, curved
from edge.scanners.document_camera.formats import format_of, trust
from edge.scanners.document_camera.freehand import find_freehand
from edge.scanners.document_camera.geometry import mm_to_pixels, pixels_to_mm
from edge.scanners.document_camera.model import Calibration, Found, Frame, Points, Sheet, Verdict
from edge.scanners.document_camera.refit import NARROW_WINDOWS, refit
from edge.scanners.document_camera.score import curve_lies_free, score, size_of
from edge.scanners.document_camera.spanned import spanned

PROMISING = 0.3
STRAIGHT = 0.85
"""A weakest side with more support is straight, whatever curve might fit as well."""
SMALLEST_SHEET_MM2 = 2500.0
MOST_OVERLAP = 0.05
LIKELY = 0.75
"""A rectangle of edges so good that, if it is no sheet after all, nothing within it is believed to be one."""
LARGE_MM2 = 60_000.0
"""A page's; so much larger is worth as much as all edges."""
RIM_MM = 0.5
"""A corner nearer to the end of the field is cut off, for all one can see."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A sheet that may be one of those meant: what it is worth, and its corners in millimetres."""

    sheet: Sheet
    corners: Points
    worth: float


def find(frame: Frame, calibration: Calibration | None) -> Found:
    """What lies under the camera. Never a guess: `UNSURE` is said where edges could not be made sure."""
    if calibration is None:
        return find_freehand(frame)
    if calibration.background is None:
        return _measured(find_freehand(frame), calibration)
    plan = plan_of(calibration)
    seen = laid(frame, plan)
    mask = changed(seen, plan)
    things = blobs(mask)
    kept, cut = _outlined(frame, things, mask, calibration)
    if things and rest_of(mask, [_outline_mm(each, calibration) for each in kept]).anything:
        lined = _apart([*kept, *_lined(frame, seen, mask, calibration)])
        kept = _apart(_whole(lined, seen, mask, calibration))
    rest = rest_of(mask, [_outline_mm(each, calibration) for each in kept])
    papers = [_paper(each, seen, mask, calibration) for each in kept]
    sheets = [kept[n].sheet for n in meant(papers, rest)]
    if sheets:
        return Found(Verdict.FOUND, tuple(sorted(sheets, key=lambda sheet: _reading_place(sheet.corners))))
    if not things:
        return Found(Verdict.NO_SHEET)
    return Found(Verdict.CROPPED if cut else Verdict.UNSURE)


def _paper(kept: Kept, seen: Frame, mask: Mask, calibration: Calibration) -> Paper:
    pale = is_pale(rim_of(kept.corners, seen, mask).colour, calibration)
    return Paper(kept.sheet.size_mm, pale, bool(len(kept.sheet.outline)))


def _outline_mm(kept: Kept, calibration: Calibration) -> Points:
    return pixels_to_mm(kept.sheet.outline, calibration) if len(kept.sheet.outline) else kept.corners


def _reading_place(corners: Points) -> tuple[float, float]:
    x, y = corners.mean(axis=0)
    return float(x), float(y)


def _outlined(frame: Frame, things: Sequence[Blob], mask: Mask, calibration: Calibration) -> tuple[list[Kept], bool]:
    """Sheets that the outlines of what changed show, and whether one of them seems to reach out of the field."""
    kept: list[Kept] = []
    cut = False
    for blob in things:
        found, reaches_out = _sheets_of(frame, blob, mask, calibration)
        kept += found
        cut = cut or reaches_out
    return kept, cut


def _lined(frame: Frame, seen: Frame, mask: Mask, calibration: Calibration) -> list[Kept]:
    """Sheets of known sizes that lie among other things."""
    kept: list[Kept] = []
    refused: list[Points] = []
    for candidate in sorted(spanned(seen, mask, plan_of(calibration)), key=_area, reverse=True):
        if any(quads.overlap(candidate.corners, each) > 0.9 for each in refused):
            continue
        if _reaches_out(candidate, calibration):
            refused += [candidate.corners] if _convincing(candidate) else []
            continue
        fitted = refit(frame, candidate.corners, calibration, NARROW_WINDOWS)
        rim = rim_of(fitted.corners, seen, mask)
        worth = score_among(fitted, rim, filled(fitted.corners, mask))
        judged = _sheet(fitted.corners, worth, calibration) if worth > 0 else None
        if judged is not None:
            kept.append(Kept(*judged, worth + float(fitted.support.mean())))
        elif _convincing(candidate):
            refused.append(candidate.corners)
    return kept


def _convincing(candidate: Candidate) -> bool:
    return candidate.agreement > LIKELY and trust(size_of(candidate.corners)) > 1


def _area(candidate: Candidate) -> float:
    return float(quads.area(candidate.corners))


def _apart(kept: Sequence[Kept]) -> list[Kept]:
    """Of sheets that lie over each other the likeliest: of a document's size, then large, for prints lie within."""
    chosen: list[Kept] = []
    for each in sorted(kept, key=_rank, reverse=True):
        if all(quads.overlap(each.corners, other.corners) < MOST_OVERLAP for other in chosen):
            chosen.append(each)
    return chosen


def _whole(kept: Sequence[Kept], seen: Frame, mask: Mask, calibration: Calibration) -> list[Kept]:
    """Sheets with halves put together; a half that stays alone is none for sure."""
    flat = [each for each in kept if not len(each.sheet.outline)]
    joined: list[Kept] = []
    for one, other in itertools.combinations(flat, 2):
        corners = unfolded(one.corners, other.corners)
        sheet = None if corners is None else _sheet(corners, min(one.sheet.score, other.sheet.score), calibration)
        joined += [] if sheet is None else [Kept(*sheet, one.worth + other.worth)]
    alone = [
        each for each in kept
        if len(each.sheet.outline) or not is_half(each.corners, rim_of(each.corners, seen, mask))
    ]  # fmt: skip
    return [*joined, *alone]


def _rank(kept: Kept) -> tuple[int, float]:
    width, height = kept.sheet.size_mm
    return trust(kept.sheet.size_mm, bool(len(kept.sheet.outline))), kept.worth + width * height / LARGE_MM2


def _sheets_of(frame: Frame, blob: Blob, mask: Mask, calibration: Calibration) -> tuple[list[Kept], bool]:
    """The sheets of one blob, and whether one of them seems to reach out of the field."""
    kept: list[Kept] = []
    cut = False
    for candidate in candidates(blob, mask):
        if candidate.agreement < PROMISING:
            break
        if _reaches_out(candidate, calibration):
            cut = True
            continue
        judged = _judged(frame, candidate, mask, calibration)
        if judged is not None and all(quads.iou(judged[1], other.corners) < 0.02 for other in kept):
            kept.append(Kept(*judged, 2 * judged[0].score))
    return kept, cut


def _reaches_out(candidate: Candidate, calibration: Calibration) -> bool:
    pixels = mm_to_pixels(candidate.corners, calibration)
    margin = RIM_MM * calibration.lens.width / calibration.field_mm[0]
    size = np.array([calibration.lens.width, calibration.lens.height])
    return bool((pixels < margin).any() or (pixels > size - 1 - margin).any())


def _judged(frame: Frame, candidate: Candidate, mask: Mask, calibration: Calibration) -> tuple[Sheet, Points] | None:
    """A flat sheet whose edges are straight, or one whose edges are curves; None for what is neither for sure."""
    fitted = refit(frame, candidate.corners, calibration)
    worth = score(fitted, mask)
    if worth < STRAIGHT:
        bent = curved(frame, candidate.corners, calibration)
        least = SAGITTA_MM if bent is None or bent.support < worth + 0.1 else 0.3 * SAGITTA_MM
        if bent is not None and bent.sagitta_mm > least and curve_lies_free(bent.outline, mask):
            return _sheet(bent.corners, bent.support, calibration, bent.outline)
    return _sheet(fitted.corners, worth, calibration) if worth > 0 else None


def _sheet(
    corners_mm: Points, worth: float, calibration: Calibration, outline_mm: Points | None = None
) -> tuple[Sheet, Points] | None:
    corners = quads.order_corners(corners_mm)
    size = size_of(corners)
    if size[0] * size[1] < SMALLEST_SHEET_MM2:
        return None
    outline = np.empty((0, 2))
    if outline_mm is not None:
        first = int(np.linalg.norm(outline_mm - corners[0], axis=1).argmin())
        outline = mm_to_pixels(np.roll(outline_mm, -first, axis=0), calibration)
    return Sheet(mm_to_pixels(corners, calibration), size, format_of(size), worth, outline), corners


def _measured(found: Found, calibration: Calibration) -> Found:
    """The same sheets with their sizes, where the camera is calibrated but its empty mat is not known."""
    sheets = []
    for sheet in found.sheets:
        size = size_of(pixels_to_mm(sheet.corners, calibration))
        sheets.append(Sheet(sheet.corners, size, format_of(size), sheet.score, sheet.outline))
    return Found(found.verdict, tuple(sheets))
