"""Which camera is wanted. Apart from what opens it: the edge's own process never loads OpenCV, its worker does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which camera, which size of frames, and what must not drift. UVC's own numbers; None leaves it to the camera.

    `deskew`: print that lies tilted on its sheet is straightened.
    """

    source: str
    width: int
    height: int
    deadline_seconds: float
    fps: float = 15.0
    settle_frames: int = 5
    focus: float | None = None
    exposure: float | None = None
    deskew: bool = True
