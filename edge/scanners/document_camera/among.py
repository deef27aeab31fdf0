"""Whether a fitted rectangle is a sheet although other things lie about, and which of several rectangles are meant.

On a tidy mat whatever has a sheet's edges is a sheet. Among other things that is not enough: a leaflet or a note is
paper too. There only what has a document's size is believed, a receipt's if there is no other, and pale paper before
coloured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.background import PER_MM, Mask
from edge.scanners.document_camera.formats import trust
from edge.scanners.document_camera.model import Calibration, Frame, Points
from edge.scanners.document_camera.refit import Refit
from edge.scanners.document_camera.score import MOST_SKEW, size_of, squareness

Floats = NDArray[np.float64]
LITTER_MM2 = 120.0
"""Less than a coin has is noise."""
AROUND_MM = 4.0
"""What lies so near to a sheet's edge belongs to it: its shadow, the blur of its edge."""
OTHER_COLOUR = 0.06
"""Difference of logarithms that makes another thing of what lies beyond an edge."""
EVEN = 0.09
SAME_MM = 2.5
SAME_HUE = 0.03
"""Difference of hues, as logarithms, up to which the same paper may go on beyond a fold."""
FOLD_MM = 1.0
"""Corners of two halves of one sheet are one corner."""
PALE = 0.09
"""Saturation of paper that is white for all one can say."""


@dataclass(frozen=True, slots=True)
class Rim:
    """Of a rectangle: share of each side at which something else begins, and at which paper of the same hue goes on,
    paper's colour (BGR) and whether it is even along the sides, and whether all of it lies on one even thing."""

    ends: Floats
    goes_on: Floats
    colour: Floats
    even: bool
    upon_one: bool


def rim_of(corners: Points, seen: Frame, mask: Mask) -> Rim:
    """Look along the sides, just within and just beyond."""
    within, beyond = (_along(seen, corners, by) for by in (2.5, -3.0))
    lies = _along(mask, corners, -3.0) > 127
    apart = np.abs(np.log(within + 4) - np.log(beyond + 4)).max(axis=2)
    ends = ((apart > OTHER_COLOUR) | ~lies).mean(axis=1)
    goes_on = ((np.abs(_hue(within) - _hue(beyond)).max(axis=2) < SAME_HUE) & lies).mean(axis=1)
    upon_one = bool(lies.mean() > 0.9 and _spread(beyond) < EVEN)
    return Rim(ends, goes_on, np.median(within.reshape(-1, 3), axis=0), _spread(within) < 2 * EVEN, upon_one)


def _along(values: NDArray[np.uint8], corners: Points, inward_mm: float) -> Floats:
    """Values of the plan beside the sides, (4, 40, ...), in order of the sides."""
    inward = quads.lines_of(corners)[:, None, :2]
    side = np.roll(corners, -1, axis=0) - corners
    places = corners[:, None] + side[:, None] * np.linspace(0.06, 0.94, 40)[:, None] + inward_mm * inward
    x = np.clip(np.round(places[..., 0] * PER_MM), 0, values.shape[1] - 1).astype(np.int64)
    y = np.clip(np.round(places[..., 1] * PER_MM), 0, len(values) - 1).astype(np.int64)
    return np.asarray(values[y, x], dtype=np.float64)


def _spread(colours: Floats) -> float:
    """How far the hue of most places is from the middle one; shadows do not count."""
    hue = _hue(colours.reshape(-1, 3))
    return float(np.quantile(np.abs(hue - np.median(hue, axis=0)).max(axis=1), 0.6))


def _hue(colours: Floats) -> Floats:
    logs = np.log(colours + 4)
    return np.asarray(logs - logs.mean(axis=-1, keepdims=True))


def is_half(corners: Points, rim: Rim) -> bool:
    """Whether a rectangle may end at a fold: its paper goes on beyond one side, and doubled there it is a document."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    return any(rim.goes_on[at] > 0.8 and trust((sides[at], 2 * sides[(at + 1) % 4])) > 1 for at in range(4))


def unfolded(one: Points, other: Points) -> Points | None:
    """The document's size that two halves make together, if they share a side: a fold looks like an edge."""
    for at in range(4):
        for there in range(4):
            apart = np.roll(one, -at, axis=0)[:2] - np.roll(other, -there, axis=0)[:2][::-1]
            if np.linalg.norm(apart, axis=1).max() <= FOLD_MM:
                whole = np.vstack([np.roll(one, -at - 2, axis=0)[:2], np.roll(other, -there - 2, axis=0)[:2]])
                return whole if trust(size_of(whole)) > 1 else None
    return None


def score_among(found: Refit, rim: Rim, filled: float) -> float:
    """0 for what is not said to be a sheet among other things; else the support of its weakest side."""
    support, ends = np.sort(found.support), np.sort(rim.ends)
    size = size_of(found.corners)
    exact = trust(size) > 1
    if squareness(found.corners) > MOST_SKEW or filled < (0.35 if exact else 0.7) or not rim.even:
        return 0.0
    if trust(size) == 0 or (not exact and rim.upon_one):
        return 0.0
    weakest, second, mean = (0.25, 0.6, 0.65) if exact else (0.5, 0.65, 0.72)
    if support[0] < weakest or support[1] < second or support.mean() < mean or ends[1 if exact else 0] < 0.5:
        return 0.0
    return float(support[0])


def filled(corners: Points, mask: Mask) -> float:
    """Share of a rectangle that changed."""
    inner = np.zeros_like(mask)
    cv2.fillConvexPoly(inner, np.round(corners * PER_MM).astype(np.int32), 255)
    return float(cv2.countNonZero(inner & mask)) / max(1, cv2.countNonZero(inner))


@dataclass(frozen=True, slots=True)
class Rest:
    """What changed and is no sheet."""

    anything: bool
    arm_mm2: float
    """Of the one thing that comes in from the field's border, as an arm does; 0 if it is anything else."""


def rest_of(mask: Mask, sheets: Sequence[Points]) -> Rest:
    """Look at the change without the sheets."""
    left = mask.copy()
    room = round(2 * AROUND_MM * PER_MM)
    for corners in sheets:
        places = np.round(corners * PER_MM).astype(np.int32)
        cv2.fillPoly(left, [places], 0)
        cv2.polylines(left, [places], True, 0, room)
    _, _, stats, _ = cv2.connectedComponentsWithStats(left)
    large = stats[1:][stats[1:, cv2.CC_STAT_AREA] >= LITTER_MM2 * PER_MM**2]
    x, y, w, h = large[:, 0], large[:, 1], large[:, 2], large[:, 3]
    height, width = mask.shape
    inside = (x > 6) & (y > 6) & (x + w < width - 6) & (y + h < height - 6)
    arm = len(large) == 1 and not inside.any()
    return Rest(len(large) > 0, float(large[0, cv2.CC_STAT_AREA]) / PER_MM**2 if arm else 0.0)


def is_pale(colour: Floats, calibration: Calibration) -> bool:
    """Whether paper of this colour is white, grey or cream rather than coloured."""
    seen = colour * calibration.white
    return bool((seen.max() - seen.min()) / max(float(seen.max()), 1.0) < PALE)


@dataclass(frozen=True, slots=True)
class Paper:
    """What decides between sheets."""

    size_mm: tuple[float, float]
    pale: bool
    bent: bool = False

    @property
    def trust(self) -> int:
        """How little its size is chance."""
        return trust(self.size_mm, self.bent)


def meant(papers: Sequence[Paper], rest: Rest) -> list[int]:
    """Which of the sheets are meant; none where that cannot be said."""
    everything = list(range(len(papers)))
    most = max((each.trust for each in papers), default=0)
    if not rest.anything:
        # A coloured paper of no document's size beside a document is a note or a leaflet.
        return [n for n in everything if most == 0 or papers[n].trust > 0 or papers[n].pale]
    if not papers:
        return []
    # Between other documents' sizes and rolls' there is little to choose: colour decides between them.
    some = [n for n in everything if papers[n].trust >= (1 if most == 2 else most)]
    if most == 0:
        width, height = papers[some[0]].size_mm
        return some if len(some) == 1 and 0 < rest.arm_mm2 < width * height else []
    alike = most > 1 and all(_alike(papers[some[0]], papers[n]) for n in some)
    return some if alike or len(some) == 1 else [n for n in some if papers[n].pale]


def _alike(one: Paper, other: Paper) -> bool:
    """Two cards are meant both, of any colour; an open passport and what is as large as a closed one hardly."""
    return bool(np.allclose(sorted(one.size_mm), sorted(other.size_mm), atol=2 * SAME_MM))
