"""A simulated document camera: scenes of sheets on a mat, rendered through a real lens, with exact ground truth."""

from edge.scanners.document_camera.simulator.calibration import measured_calibration, simulated_calibration
from edge.scanners.document_camera.simulator.camera import Camera
from edge.scanners.document_camera.simulator.render import TrueSheet, Truth, render
from edge.scanners.document_camera.simulator.scene import Bend, Finger, Glare, LaidSheet, Light, Mat, Scene, Shadow

__all__ = [
    "Bend",
    "Camera",
    "Finger",
    "Glare",
    "LaidSheet",
    "Light",
    "Mat",
    "Scene",
    "Shadow",
    "TrueSheet",
    "Truth",
    "measured_calibration",
    "render",
    "simulated_calibration",
]
