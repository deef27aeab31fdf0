"""Light over the scene: lamp, vignette, shadows of hands, mirrored lamps; then noise of the sensor. Strip by strip."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.model import Frame
from edge.scanners.document_camera.simulator.camera import Camera, ground, optics
from edge.scanners.document_camera.simulator.scene import Glare, Light, Scene, Shadow

Floats = NDArray[np.float32]
_STEP = 16
_STRIP = 8
_TILE = 1024


def shine(frame: Frame, scene: Scene, dice: np.random.Generator) -> None:
    """Multiply light, add glare and noise, in place."""
    gain, extra = _gain(scene), _glare(scene)
    noise = _noise_tile() * np.float32(scene.noise) if scene.noise else None
    for first in range(0, -(-scene.camera.height // _STEP), _STRIP):
        top, bottom = first * _STEP, min((first + _STRIP) * _STEP, scene.camera.height)
        rows = slice(first, first + _STRIP + 2)
        lit = frame[top:bottom] * _spread(gain[rows], scene.camera, bottom - top)
        if extra is not None:
            lit += _spread(extra[rows], scene.camera, bottom - top)[..., None]
        if noise is not None:
            lit += _noise(noise, lit.shape, dice)
        np.clip(lit + np.float32(0.5), 0, 255, out=lit)
        frame[top:bottom] = lit


def _spread(net: Floats, camera: Camera, rows: int) -> Floats:
    size = net.shape[1] * _STEP, net.shape[0] * _STEP
    wide = cv2.resize(net, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide[_STEP : _STEP + rows, _STEP : _STEP + camera.width])


def _gain(scene: Scene) -> Floats:
    """Three channels of light at the knots of the ground's net."""
    gain = _lamp(scene.light, scene.camera).copy()
    for shadow in scene.shadows:
        gain *= 1 - shadow.depth * _hand_shadow(shadow, scene.camera)
    warmth = scene.light.warmth
    return np.stack([gain * (1 - warmth / 2), gain, gain * (1 + warmth / 2)], axis=-1).astype(np.float32)


@lru_cache(maxsize=16)
def _lamp(light: Light, camera: Camera) -> Floats:
    mat, (width, height) = ground(camera, _STEP), optics(camera).field_mm
    x, y = mat[..., 0] / width - 0.5, mat[..., 1] / width - height / width / 2
    along = x * math.cos(math.radians(light.angle)) + y * math.sin(math.radians(light.angle))
    fall = 1 - light.fall * 2 * along
    return np.asarray(light.level * fall * (1 - light.vignette * 2 * (x * x + y * y)), dtype=np.float32)


def flat_of(light: Light, camera: Camera, size: tuple[int, int] = (48, 36)) -> Floats:
    """The gains that undo lamp and vignette exactly: `Calibration.flat`."""
    lit = _spread(_lamp(light, camera), camera, camera.height)
    small = cv2.resize(lit, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small.max() / small, dtype=np.float32)


def white_of(light: Light) -> tuple[float, float, float]:
    """The gains that undo its warmth: `Calibration.white`."""
    cold, warm = 1 - light.warmth / 2, 1 + light.warmth / 2
    most = max(cold, 1.0, warm)
    return most / cold, most, most / warm


def _hand_shadow(shadow: Shadow, camera: Camera) -> Floats:
    """One inside the shadow: a bar with a round end and soft borders."""
    mat = ground(camera, _STEP)
    angle = math.radians(shadow.angle)
    dx, dy = mat[..., 0] - shadow.x, mat[..., 1] - shadow.y
    along, aside = dx * math.cos(angle) + dy * math.sin(angle), -dx * math.sin(angle) + dy * math.cos(angle)
    distance = np.hypot(np.minimum(along, 0), aside) - shadow.width_mm / 2
    return np.asarray(0.5 - 0.5 * np.tanh(distance / shadow.soft_mm), dtype=np.float32)


def _glare(scene: Scene) -> Floats | None:
    if not scene.glares:
        return None
    mat = ground(scene.camera, _STEP)
    return np.asarray(sum(_spot(glare, mat) for glare in scene.glares), dtype=np.float32)


def _spot(glare: Glare, mat: NDArray[np.float64]) -> NDArray[np.float64]:
    square = (mat[..., 0] - glare.x) ** 2 + (mat[..., 1] - glare.y) ** 2
    return np.asarray(glare.strength * np.exp(-((square / glare.radius_mm**2) ** 2)))


@lru_cache(maxsize=1)
def _noise_tile() -> Floats:
    """Drawing 39 million numbers for each frame would take longer than the frame; one tile is shifted by lot."""
    return np.random.default_rng(20).standard_normal((_TILE, _TILE, 3), dtype=np.float32)


def _noise(tile: Floats, shape: tuple[int, ...], dice: np.random.Generator) -> Floats:
    rows, columns = shape[0], shape[1]
    top = int(dice.integers(_TILE - rows))
    pieces = []
    for _ in range(-(-columns // (_TILE // 2))):
        left = int(dice.integers(_TILE // 2))
        pieces.append(tile[top : top + rows, left : left + _TILE // 2])
    return np.concatenate(pieces, axis=1)[:, :columns]
