"""Finger over the border, and a page that is cut, torn or folded: what is missing at the edge.

Skin is looked for in its narrow range of hue (Cr 135..180, Cb 85..135 for light and dark skin alike), connected, at
the border, and of another colour than this page's paper. A missing corner shows the mat instead of paper.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.ports import Check
from edge.scanners.document_camera.check_image import MM, Look, largest, region_of
from edge.scanners.document_camera.model import BACKGROUND_SCALE, Frame
from edge.scanners.document_camera.plane import sampled

FINGER_MM2 = 50.0
FINGER_DEPTH_MM = 6.0
SKIN_LOW, SKIN_HIGH = (30, 138, 85), (255, 180, 132)
CUT_SHARE = 0.0015
"""The share of the page's area that may be missing: a folded corner of 14 mm on an A4."""
AT_FRAME_PX = 2.5
"""An edge of the page this near to the frame's own edge probably continues beyond it."""
LIKE_MAT = 30.0
SAME_HUE, OTHER_HUE = 0.05, 0.12
"""Differences of chromaticity: of one thing in light and shadow, and of a coloured mat and paper."""
BORDER_MM = 4.0


def finger(look: Look) -> Check:
    """Return the area in square millimetres of the largest patch of skin that reaches in over the border."""
    colours = cv2.cvtColor(look.small, cv2.COLOR_BGR2YCrCb)
    paper = np.median(colours.reshape(-1, 3), axis=0)
    skin = cv2.inRange(colours, np.array(SKIN_LOW), np.array(SKIN_HIGH))
    other = np.abs(colours[..., 1:].astype(np.int16) - paper[1:].astype(np.int16)).max(axis=2) > 8
    mask = np.asarray(cv2.bitwise_and(skin, np.asarray(other, np.uint8) * 255), np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)
    patch, area = largest((mask > 0).astype(np.uint8), touching_border=True)
    thick = float(cv2.distanceTransform(patch, cv2.DIST_L2, 3).max()) * 2 * MM if area else 0.0
    size = area * MM * MM if thick >= FINGER_DEPTH_MM else 0.0
    passed = size <= FINGER_MM2
    return Check("finger", round(size, 1), FINGER_MM2, passed, None if passed else region_of(patch))


def cut(look: Look) -> Check:
    """Return the share of the page that is not there: beyond the frame, or mat where a corner should be."""
    beyond = _beyond_frame(look)
    if beyond is not None:
        return Check("cut", 1.0, CUT_SHARE, False, beyond)
    missing = _missing(look)
    if missing is None:
        return Check("cut", 0.0, CUT_SHARE, True)
    patch, area = largest(missing, touching_border=True)
    share = area / patch.size
    return Check("cut", round(share, 5), CUT_SHARE, share <= CUT_SHARE, region_of(patch) if share > CUT_SHARE else None)


def _beyond_frame(look: Look) -> tuple[float, float, float, float] | None:
    """Return the part of the page whose pixels would lie at or beyond the frame's edge."""
    nodes, (width, height) = look.cutout.nodes[1:-1, 1:-1], look.frame_size
    least, most = AT_FRAME_PX, np.array([width - 1 - AT_FRAME_PX, height - 1 - AT_FRAME_PX])
    outside = ((nodes < least) | (nodes > most)).any(axis=2)
    return region_of(np.asarray(outside, np.uint8)) if outside.any() else None


def _missing(look: Look) -> Frame | None:
    """Return where the page looks like the mat below it and not like paper, leaving out the very edge."""
    mat = _mat_below(look)
    if mat is None:
        return None
    seen = look.small.astype(np.float32)
    paper = np.median(seen.reshape(-1, 3), axis=0)
    to_mat = np.abs(seen - mat).max(axis=2)
    to_paper = np.abs(seen - paper).max(axis=2)
    # A shadow makes mat and paper darker alike, so the mat's colour is compared without its brightness as well.
    hue = np.abs(_chroma(seen) - _chroma(mat)).max(axis=2)
    # On a black or grey mat that would be true of all paper in shadow.
    told_by_hue = np.abs(_chroma(mat) - _chroma(paper[np.newaxis, np.newaxis])).max(axis=2) > OTHER_HUE
    mask = np.asarray(((to_mat < LIKE_MAT) | (told_by_hue & (hue < SAME_HUE))) & (to_mat < to_paper), np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)
    return mask


def _chroma(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(colours / np.maximum(colours.sum(axis=2, keepdims=True), 1), np.float32)


def _mat_below(look: Look) -> NDArray[np.float32] | None:
    """Return the empty mat's colour under every small pixel of the page."""
    if look.calibration is None or look.calibration.background is None:
        return None
    mean = look.calibration.background.mean
    scale = mean.shape[1] / look.frame_size[0] if look.frame_size[0] else 1 / BACKGROUND_SCALE
    height, width = look.small.shape[:2]
    nodes = ((look.cutout.nodes[1:-1, 1:-1] + 0.5) * scale - 0.5).astype(np.float32)
    where = cv2.resize(nodes, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(sampled(mean, np.asarray(where, np.float32)), np.float32)
