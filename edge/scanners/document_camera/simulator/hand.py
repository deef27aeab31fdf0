"""Fingers and hands that hold the paper: round bars of skin, darker towards their sides."""

from __future__ import annotations

import math

import cv2
import numpy as np

from edge.scanners.document_camera.model import Frame
from edge.scanners.document_camera.simulator.camera import Camera, optics
from edge.scanners.document_camera.simulator.scene import Finger

_SKIN = np.array([128.0, 160.0, 208.0])
_LENGTH = 260.0


def hold(frame: Frame, finger: Finger, camera: Camera) -> None:
    """Draw it into the frame."""
    bars = [(finger.x, finger.y, finger.angle, finger.width_mm, _LENGTH)]
    if finger.hand:
        bars += _hand(finger)
    for bar in bars:
        _bar(frame, bar, camera)


def _hand(finger: Finger) -> list[tuple[float, float, float, float, float]]:
    """Three more fingers beside the first, and the palm behind."""
    angle = math.radians(finger.angle)
    along, aside = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    tip = np.array([finger.x, finger.y])
    bars = []
    for number, back in ((-1, 6.0), (1, -4.0), (2, 8.0)):
        x, y = tip + aside * finger.width_mm * 1.15 * number + along * back
        bars.append((float(x), float(y), finger.angle, finger.width_mm, _LENGTH))
    x, y = tip + along * 95 + aside * finger.width_mm * 0.6
    return [*bars, (float(x), float(y), finger.angle, finger.width_mm * 5, _LENGTH)]


def _bar(frame: Frame, bar: tuple[float, float, float, float, float], camera: Camera) -> None:
    x, y, degrees, width, length = bar
    angle = math.radians(degrees)
    end = (x + math.cos(angle) * length, y + math.sin(angle) * length)
    (x1, y1), (x2, y2) = optics(camera).project([(x, y, -8.0), (*end, -12.0)])
    half = width / 2 * camera.pixels_per_mm
    for share in (1.0, 0.86, 0.68, 0.45):
        tone = tuple(float(each) for each in _SKIN * (1.05 - 0.35 * share))
        _capsule(frame, (x1, y1, x2, y2), half * share, tone)


def _capsule(frame: Frame, ends: tuple[float, float, float, float], half: float, tone: tuple[float, ...]) -> None:
    x1, y1, x2, y2 = ends
    angle = math.atan2(y2 - y1, x2 - x1)
    bows = [
        np.linspace(angle + math.pi / 2, angle + 1.5 * math.pi, 24),
        np.linspace(-math.pi / 2, math.pi / 2, 24) + angle,
    ]
    points = [
        np.column_stack([x + half * np.cos(a), y + half * np.sin(a)])
        for (x, y), a in zip([(x1, y1), (x2, y2)], bows, strict=True)
    ]
    shape = (np.concatenate(points) * 16).round().astype(np.int32)
    cv2.fillPoly(frame, [shape], tone, cv2.LINE_AA, 4)
