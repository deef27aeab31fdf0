"""Which way up: cards and passports lie as they fell, and leave upright.

A card is turned to lie across first. Then the sides of a citizen's card are told by what stands on them: the emblem's
red at the upper left, or the portrait on the right. A passport's page has its machine-readable lines at the bottom
(ICAO 9303). Each is a guess with a margin; without one, the page stays as it lies, and the citizen may turn it.
"""

from __future__ import annotations

import cv2
import numpy as np

from edge.scanners.document_camera.model import Frame

SMALL = 256
LEAST_PORTRAIT = 0.05
"""The share of a card's outer third that is solid dark when a portrait stands there."""
MARGIN = 1.6
"""One way up must score this many times the other before anything is turned."""


def quarters_for(image: Frame, kind: str) -> int:
    """Return the clockwise quarters that set a cut-out upright; 0 for sheets of paper."""
    if kind not in {"card", "booklet"}:
        return 0
    scale = SMALL / max(image.shape[:2])
    small = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    if kind == "card":
        first = 1 if small.shape[0] > small.shape[1] else 0
        lying = np.asarray(np.rot90(small, -first))
        return (first + (2 if _card_upside_down(lying) else 0)) % 4
    scores = [_lines_at_bottom(np.asarray(np.rot90(small, -quarters))) for quarters in range(4)]
    best = int(np.argmax(scores))
    return best if scores[best] > 0 and scores[best] > MARGIN * scores[0] else 0


def _card_upside_down(card: Frame) -> bool:
    """Tell by the red of the emblem (upper left when upright), else by the portrait (right when upright)."""
    colours = card.astype(np.int16)
    red = (colours[..., 2] > colours[..., 1] + 60) & (colours[..., 2] > colours[..., 0] + 60)
    if red.mean() > 0.01:
        height, width = red.shape
        left, right = red[: height // 2, : width // 3].sum(), red[height // 2 :, -(width // 3) :].sum()
        return bool(right > MARGIN * max(1, left))
    # Print is thin and goes when every place takes its neighbourhood's lightest; a portrait's hair and coat stay.
    grey = cv2.dilate(cv2.cvtColor(card, cv2.COLOR_BGR2GRAY), np.ones((11, 11), np.uint8))
    solid = grey < 0.6 * float(np.median(grey))
    width = card.shape[1]
    left_side, right_side = solid[:, : width // 3].mean(), solid[:, -(width // 3) :].mean()
    return bool(left_side > max(LEAST_PORTRAIT, MARGIN * right_side))


def _lines_at_bottom(page: Frame) -> float:
    """Return how much the lowest sixth looks like machine-readable lines: dark, even, and across the whole width."""
    if page.shape[0] < 32 or page.shape[1] < 32:
        return 0.0
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    strokes = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((5, 5), np.uint8))
    strip = strokes[-(page.shape[0] // 6) : -2, 4:-4].astype(np.float64)
    columns = strip.reshape(strip.shape[0], -1).mean(axis=0)
    pieces = np.array([piece.mean() for piece in np.array_split(columns, 12)])
    return float(pieces.min())
