"""What the parts of the document camera tell each other: a calibrated camera, and sheets found in its frames.

Frames are `uint8` BGR arrays of shape (height, width, 3). Pixel coordinates are of the frame as it came from the camera
(distorted), x to the right, y down, the centre of the upper left pixel at (0, 0). Millimetres are on the mat, from the
upper left corner of the camera's field. Corners go clockwise from the sheet's upper left one as the frame shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
Points = NDArray[np.float64]
"""Shape (n, 2)."""
BACKGROUND_SCALE = 4
"""Background, noise and the search for sheets work on a frame divided by this in width and height."""


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """OpenCV's pinhole camera: 3 x 3 `matrix`, five `distortion` coefficients, for frames of `width` x `height`."""

    matrix: NDArray[np.float64]
    distortion: NDArray[np.float64]
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """The empty mat, at a quarter of the frame's width and height: mean BGR and the noise (standard deviation)."""

    mean: NDArray[np.float32]
    noise: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A camera over its mat. Made once per installation (`calibrate.py`), checked at every start.

    `to_mm` is a 3 x 3 homography from *undistorted* pixels (`cv2.undistortPoints(..., P=lens.matrix)`) to millimetres
    on the mat; `field_mm` the width and height that the camera sees; `residual_mm` what the marks of the sheet missed
    by (root mean square). `flat` is a small map of gains against uneven light, `white` the gains of blue, green, red.
    `marks` are the millimetres of the four fiducials at the mat's corners, clockwise from the upper left.
    """

    lens: Lens
    to_mm: NDArray[np.float64]
    field_mm: tuple[float, float]
    residual_mm: float
    background: Background | None = None
    flat: NDArray[np.float32] | None = None
    white: tuple[float, float, float] = (1.0, 1.0, 1.0)
    marks: Points | None = None


class Verdict(StrEnum):
    """What a search for sheets ended in; an honest `NO_SHEET` or `UNSURE` is worth more than a wrong crop."""

    FOUND = "found"
    NO_SHEET = "no_sheet"
    CROPPED = "cropped"
    """A sheet reaches beyond what the camera sees."""
    UNSURE = "unsure"
    """Something lies there whose edges could not be made sure."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One sheet in a frame.

    `corners`: (4, 2) pixels. `size_mm`: width and height, 0 where nothing is calibrated. `format`: `a4`, `a3`, `card`
    (85.6 x 54), `booklet`, `receipt`, `other`. `score`: 0 to 1, of the weakest side. `outline`: (n, 2) pixels along a
    curved sheet's edge, clockwise from the first corner; empty for a flat one.
    """

    corners: Points
    size_mm: tuple[float, float]
    format: str
    score: float
    outline: Points = field(default_factory=lambda: np.empty((0, 2)))


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The answer to one frame: sheets from left to right, top to bottom; none unless `verdict` is `FOUND`."""

    verdict: Verdict
    sheets: tuple[Sheet, ...] = ()
