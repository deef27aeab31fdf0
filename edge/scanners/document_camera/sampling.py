"""Values of a picture between its pixels."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.quads import Floats


def sampled(values: NDArray[Any], points: Floats) -> NDArray[np.float32]:
    """Bilinear values at (..., 2) points, as floats; beyond the rim its values go on. Reads only what it needs."""
    flat = points.reshape(len(points), -1, 2).astype(np.float32)
    x, y = np.ascontiguousarray(flat[..., 0]), np.ascontiguousarray(flat[..., 1])
    taken = np.asarray(cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    return taken.reshape(*points.shape[:-1], *values.shape[2:]).astype(np.float32)
