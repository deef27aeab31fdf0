"""What lies about on a desk: printed papers, notes, pens, cables, coins. Drawn on a surface seen from above."""

from __future__ import annotations

import cv2
import numpy as np

from edge.scanners.document_camera.model import Frame
from edge.scanners.document_camera.simulator.paper import page_texture
from edge.scanners.document_camera.simulator.scene import Content, LaidSheet


def strew(surface: Frame, scale: float, dice: np.random.Generator, count: int) -> None:
    """Put `count` things onto the surface; papers lie below the rest."""
    kinds = sorted(dice.choice([0, 0, 1, 2, 2, 3, 4], count))
    for kind in kinds:
        _THINGS[kind](surface, scale, dice)


def _anywhere(surface: Frame, dice: np.random.Generator) -> tuple[float, float]:
    return float(dice.random() * surface.shape[1]), float(dice.random() * surface.shape[0])


def _tint(dice: np.random.Generator, low: int = 0, high: int = 255) -> tuple[int, int, int]:
    blue, green, red = dice.integers(low, high, 3)
    return int(blue), int(green), int(red)


def _printed(surface: Frame, scale: float, dice: np.random.Generator) -> None:
    """A printed paper, often with grey or coloured ground, at any angle."""
    size = (float(dice.uniform(60, 190)), float(dice.uniform(60, 190)))
    contents: tuple[Content, ...] = ("letter", "table", "form", "photo")
    paper = _tint(dice, 150, 240)
    sheet = LaidSheet(size_mm=size, content=contents[dice.integers(4)], paper=paper, seed=int(dice.integers(1 << 30)))
    picture = page_texture(sheet, max(20.0, scale * 25.4))
    turn = cv2.getRotationMatrix2D((picture.shape[1] / 2, picture.shape[0] / 2), float(dice.uniform(0, 360)), 1.0)
    x, y = _anywhere(surface, dice)
    turn[:, 2] += (x - picture.shape[1] / 2, y - picture.shape[0] / 2)
    cv2.warpAffine(
        picture, turn, surface.shape[1::-1], dst=surface, borderMode=cv2.BORDER_TRANSPARENT, flags=cv2.INTER_LINEAR
    )


def _note(surface: Frame, scale: float, dice: np.random.Generator) -> None:
    """A sticky note."""
    x, y = _anywhere(surface, dice)
    corners = cv2.boxPoints(((x, y), (76 * scale, 76 * scale), float(dice.uniform(0, 90))))
    cv2.fillConvexPoly(surface, corners.astype(np.int32), _tint(dice, 120, 250), cv2.LINE_AA)


def _pen(surface: Frame, scale: float, dice: np.random.Generator) -> None:
    (x, y), angle = _anywhere(surface, dice), dice.uniform(0, 2 * np.pi)
    tip = (int(x + np.cos(angle) * 140 * scale), int(y + np.sin(angle) * 140 * scale))
    colour, width = _tint(dice), max(2, round(dice.uniform(7, 11) * scale))
    cv2.line(surface, (int(x), int(y)), tip, colour, width, cv2.LINE_AA)
    bright = tuple(min(255, each + 70) for each in colour)
    cv2.line(surface, (int(x), int(y)), tip, bright, max(1, width // 4), cv2.LINE_AA)


def _cable(surface: Frame, scale: float, dice: np.random.Generator) -> None:
    knots = np.array([_anywhere(surface, dice) for _ in range(4)])
    t = np.linspace(0, 1, 80)[:, None]
    curve = (1 - t) ** 3 * knots[0] + 3 * t * (1 - t) ** 2 * knots[1] + 3 * t**2 * (1 - t) * knots[2] + t**3 * knots[3]
    width, tone = max(1, round(dice.uniform(3, 6) * scale)), int(dice.choice([25, 40, 220]))
    cv2.polylines(surface, [curve.astype(np.int32)], False, (tone, tone, tone), width, cv2.LINE_AA)


def _coin(surface: Frame, scale: float, dice: np.random.Generator) -> None:
    x, y = _anywhere(surface, dice)
    cv2.circle(surface, (int(x), int(y)), round(12 * scale), _tint(dice, 90, 210), -1, cv2.LINE_AA)
    cv2.circle(surface, (int(x), int(y)), round(10 * scale), _tint(dice, 90, 210), max(1, round(scale)), cv2.LINE_AA)


_THINGS = (_printed, _note, _pen, _cable, _coin)
