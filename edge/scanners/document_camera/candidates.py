"""Rectangles on the mat's plan that the outline of something changed suggests.

A sheet on the mat is a rectangle in millimetres, whatever the lens does. Directions come from the outline's straight
pieces, places from where the outline runs along them: so a hand that holds a sheet, a folded corner or a second sheet
beside it add places, but do not swell the sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera import quads
from edge.scanners.document_camera.background import PER_MM, Mask
from edge.scanners.document_camera.model import Points

LEAST_MM2 = 1500.0
"""What is smaller is no sheet: a coin, a pen, a fingertip."""
SHORTEST_MM = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """One connected change: its mask within `box` of the plan, its outline in plan pixels."""

    outline: NDArray[np.int32]
    area_mm2: float
    touches_rim: bool


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A rectangle in millimetres and how well outline and change agree with it (0 to 1)."""

    corners: Points
    agreement: float


def blobs(mask: Mask) -> list[Blob]:
    """Everything that changed and is large enough, the largest first."""
    drawn, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    height, width = mask.shape
    found = []
    for each in drawn:
        outline = np.asarray(each, dtype=np.int32)
        area = cv2.contourArea(outline) / PER_MM**2
        if area >= LEAST_MM2:
            x, y, w, h = cv2.boundingRect(outline)
            rim = x <= 6 or y <= 6 or x + w >= width - 6 or y + h >= height - 6
            found.append(Blob(outline, area, rim))
    return sorted(found, key=lambda blob: -blob.area_mm2)


def candidates(blob: Blob, mask: Mask, most: int = 6) -> list[Candidate]:
    """Rectangles of one blob that do not nearly repeat each other, the best first."""
    line = blob.outline.reshape(-1, 2).astype(np.float64)
    proposed = [quads.order_corners(cv2.boxPoints(cv2.minAreaRect(blob.outline)).astype(np.float64))]
    for turn in _directions(line):
        proposed += _along(line, turn)
    away = np.full(mask.shape, 255, np.uint8)
    cv2.polylines(away, [blob.outline], True, 0, 1)
    distance = np.asarray(cv2.distanceTransform(away, cv2.DIST_L2, 3), dtype=np.float32)
    corners = np.array(proposed)
    agreement = _agreement(corners, distance, mask)
    kept: list[Candidate] = []
    for n in np.argsort(-agreement):
        if all(quads.iou(corners[n], each.corners * PER_MM) < 0.93 for each in kept):
            kept.append(Candidate(corners[n] / PER_MM, float(agreement[n])))
        if len(kept) == most:
            break
    return kept


def _directions(line: Points) -> list[float]:
    """Up to two angles, modulo a right angle, that most of the outline's length keeps."""
    step = np.roll(line, -6, axis=0) - np.roll(line, 6, axis=0)
    angle = np.degrees(np.arctan2(step[:, 1], step[:, 0])) % 90
    votes = np.bincount((angle * 2).astype(np.int64) % 180, minlength=180).astype(np.float64)
    ring = np.concatenate([votes[-5:], votes, votes[:5]])
    smooth = np.convolve(ring, np.hanning(11), "valid")
    found: list[float] = []
    for _ in range(3):
        best = int(smooth.argmax())
        if smooth[best] <= 0.12 * smooth.sum() / 6:
            break
        near = (angle - best / 2 + 45) % 90 - 45
        close = np.abs(near) < 3
        found.append(float(np.radians(best / 2 + near[close].mean())) if close.any() else float(np.radians(best / 2)))
        smooth[np.arange(best - 14, best + 15) % 180] = 0
    return found


def _along(line: Points, turn: float) -> list[Points]:
    """Rectangles of one direction: between any two places where the outline runs along it."""
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    turned = line @ axes.T
    step = np.roll(turned, -6, axis=0) - np.roll(turned, 6, axis=0)
    level = np.abs(step[:, 1]) < 0.12 * np.abs(step[:, 0])
    upright = np.abs(step[:, 0]) < 0.12 * np.abs(step[:, 1])
    spans = [_spans(turned[upright, 0]), _spans(turned[level, 1])]
    found = []
    for left, right in spans[0]:
        for top, bottom in spans[1]:
            box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
            found.append(quads.order_corners(box @ axes))
    return found


def _spans(places: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Pairs of the (at most six) places where most of the outline lies."""
    if len(places) < 10:
        return []
    low = places.min() - 4
    votes = np.convolve(np.bincount((places - low).astype(np.int64), minlength=12), np.ones(3), "same")
    peaks: list[float] = []
    for _ in range(6):
        best = int(votes.argmax())
        if votes[best] < SHORTEST_MM * PER_MM * 0.35:
            break
        near = np.abs(places - low - best - 0.5) < 2
        peaks.append(float(np.median(places[near])) if near.any() else low + best)
        votes[max(0, best - 5) : best + 6] = 0
    return [(a, b) for a, b in combinations(sorted(peaks), 2) if b - a > SHORTEST_MM * PER_MM]


def _agreement(corners: NDArray[np.float64], distance: NDArray[np.float32], mask: Mask) -> NDArray[np.float64]:
    """Sides that follow the outline (the weakest counts half), times how much within has changed."""
    sides = np.roll(corners, -1, axis=1) - corners
    t = np.linspace(0.03, 0.97, 48)[:, None]
    on = corners[:, :, None] + sides[:, :, None] * t
    follows = (_at(distance, on) < 1.6 * PER_MM).mean(axis=2)
    u, v = np.meshgrid(np.linspace(0.05, 0.95, 16), np.linspace(0.05, 0.95, 16))
    inside = corners[:, 0, None] + u.reshape(-1, 1) * sides[:, 0, None] - v.reshape(-1, 1) * sides[:, 3, None]
    filled = (_at(mask, inside) > 0).mean(axis=1)
    return np.asarray((0.5 * follows.min(axis=1) + 0.5 * follows.mean(axis=1)) * filled**2)


def _at(values: NDArray[Any], points: NDArray[np.float64]) -> NDArray[Any]:
    """Values at the nearest pixel, the rim's beyond it."""
    x = np.clip(np.round(points[..., 0]), 0, values.shape[1] - 1).astype(np.int64)
    y = np.clip(np.round(points[..., 1]), 0, values.shape[0] - 1).astype(np.int64)
    return np.asarray(values[y, x])
