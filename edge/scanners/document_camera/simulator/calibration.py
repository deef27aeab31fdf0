"""The calibration of the simulated camera, exact: what a perfect installation would have measured."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from edge.scanners.document_camera.marks import marks_mm
from edge.scanners.document_camera.model import BACKGROUND_SCALE, Background, Calibration
from edge.scanners.document_camera.simulator.camera import Camera, optics
from edge.scanners.document_camera.simulator.render import render
from edge.scanners.document_camera.simulator.scene import Light, Mat, Scene


def simulated_calibration(
    camera: Camera | None = None,
    mat: Mat | None = None,
    light: Light | None = None,
    frames: int = 6,
    noise: float = 2.0,
) -> Calibration:
    """Exact lens and millimetres; the background is measured from `frames` noisy frames of the empty mat (0: none)."""
    scene = Scene(mat=mat or Mat(), camera=camera or Camera(), light=light or Light(), noise=noise)
    seen = optics(scene.camera)
    background = _background(scene, frames) if frames else None
    return Calibration(seen.lens, seen.to_mm, seen.field_mm, 0.0, background, marks=marks_mm(seen.field_mm))


def _background(scene: Scene, frames: int) -> Background:
    size = scene.camera.width // BACKGROUND_SCALE, scene.camera.height // BACKGROUND_SCALE
    stack = [
        cv2.resize(render(replace(scene), 90_000 + number)[0], size, interpolation=cv2.INTER_AREA).astype(np.float32)
        for number in range(frames)
    ]
    return Background(np.mean(stack, axis=0, dtype=np.float32), np.std(stack, axis=0, ddof=1).astype(np.float32))
