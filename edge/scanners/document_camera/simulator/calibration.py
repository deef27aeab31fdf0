"""The calibration of the simulated camera, exact: what a perfect installation would have measured."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from edge.scanners.document_camera.calibrate_light import FEWEST_EMPTY
from edge.scanners.document_camera.calibrate_run import whole
from edge.scanners.document_camera.marks import marks_mm
from edge.scanners.document_camera.model import BACKGROUND_SCALE, Background, Calibration
from edge.scanners.document_camera.simulator.camera import Camera, optics
from edge.scanners.document_camera.simulator.light import flat_of, white_of
from edge.scanners.document_camera.simulator.render import render
from edge.scanners.document_camera.simulator.scene import Bend, LaidSheet, Light, Mat, Scene
from edge.scanners.document_camera.target import Target

LYING = ((230, 168, 1), (150, 120, -4), (310, 220, 3), (130, 240, 2), (330, 105, -3), (200, 168, 178))
"""Middle and angle of the sheet of calibration, flat, so that the whole field is covered."""
PROPPED = tuple((turn, bend) for bend in (Bend("prop", 70, "x"), Bend("prop", 60, "y")) for turn in (5, 175))


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
    return Calibration(
        seen.lens,
        seen.to_mm,
        seen.field_mm,
        0.0,
        _background(scene, frames) if frames else None,
        flat_of(scene.light, scene.camera),
        white_of(scene.light),
        marks_mm(seen.field_mm),
    )


def measured_calibration(
    camera: Camera | None = None, mat: Mat | None = None, light: Light | None = None
) -> Calibration:
    """What an installation measures, from rendered pictures of the sheet, the empty mat and a white sheet."""
    scene = Scene(mat=mat or Mat(), camera=camera or Camera(), light=light or Light(level=0.9))
    sheets = (*(_target(*place) for place in LYING), *(_target(240, 170, turn, bend) for turn, bend in PROPPED))
    blank = LaidSheet("a3", 230, 168, 0, "blank")
    return whole(
        (render(replace(scene, sheets=(sheet,)), number)[0] for number, sheet in enumerate(sheets)),
        [render(scene, 80_000 + number)[0] for number in range(FEWEST_EMPTY)],
        render(replace(scene, sheets=(blank,)), 99)[0],
        Target(),
    )


def _target(x: float, y: float, angle: float, bend: Bend | None = None) -> LaidSheet:
    return LaidSheet("a3", x, y, angle, "target", bend=bend)


def _background(scene: Scene, frames: int) -> Background:
    size = scene.camera.width // BACKGROUND_SCALE, scene.camera.height // BACKGROUND_SCALE
    stack = [
        cv2.resize(render(replace(scene), 90_000 + number)[0], size, interpolation=cv2.INTER_AREA).astype(np.float32)
        for number in range(frames)
    ]
    return Background(np.mean(stack, axis=0, dtype=np.float32), np.std(stack, axis=0, ddof=1).astype(np.float32))
