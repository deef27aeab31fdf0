"""A UVC camera through OpenCV's V4L2: every property is set in the one order that works, read back, and compared.

Cameras negotiate size after format: MJPG first, or a 13 MP size is refused for want of bandwidth. Both sizes are set,
or the driver keeps the old other one. What the driver says is not believed until a frame has that size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.source import BrokenFrameError, Shot, SourceGoneError, Wrong

MJPG = cv2.VideoWriter.fourcc("M", "J", "P", "G")
# One frame may wait in the driver although one buffer was asked for: many drivers round up. UNCONFIRMED per camera.
DRAINED = 2


class Device(Protocol):
    """What is used of cv2.VideoCapture."""

    def isOpened(self) -> bool: ...  # noqa: D102 - OpenCV's name
    def set(self, key: int, value: float) -> bool: ...  # noqa: D102 - OpenCV's own
    def get(self, key: int) -> float: ...  # noqa: D102 - OpenCV's own
    def grab(self) -> bool: ...  # noqa: D102 - OpenCV's own
    def read(self) -> tuple[bool, NDArray[np.uint8] | None]: ...  # noqa: D102 - OpenCV's own
    def release(self) -> None: ...  # noqa: D102 - OpenCV's own


class V4l2Source:
    """A camera of /dev/v4l/by-id; `locked` maps properties that must not drift (focus, exposure) to their values."""

    lives = True

    def __init__(
        self,
        path: str,
        size: tuple[int, int],
        *,
        fps: float = 15.0,
        settle_frames: int = 5,
        locked: Mapping[int, float] | None = None,
        open_device: Callable[[str, int], Device] | None = None,
    ) -> None:
        opened = open_device or cast("Callable[[str, int], Device]", cv2.VideoCapture)
        self._device, self._size, self._locked = opened(path, cv2.CAP_V4L2), size, dict(locked or {})
        try:
            self._set_up(fps)
            for _ in range(settle_frames):
                self._grab()
            self._check(self.newest())
        except SourceGoneError:
            self.close()
            raise

    def newest(self) -> Shot:
        """Throw away what waited in the driver, then read one frame."""
        for _ in range(DRAINED):
            self._grab()
        good, data = self._device.read()
        if not good or data is None:
            raise SourceGoneError("no frame")
        return Shot(data.tobytes())

    def check(self) -> None:
        """Ask the camera for focus and exposure again: some forget them when the lamp or the sun changes."""
        self._compare(self._locked, "not_locked")

    def close(self) -> None:
        """Let the camera go."""
        self._device.release()

    def _set_up(self, fps: float) -> None:
        if not self._device.isOpened():
            raise SourceGoneError("not there")
        width, height = self._size
        must = {cv2.CAP_PROP_FOURCC: MJPG, cv2.CAP_PROP_FRAME_WIDTH: width, cv2.CAP_PROP_FRAME_HEIGHT: height}
        # The camera's own JPEG is kept: decoded small for the preview, whole only for a capture.
        wishes = {cv2.CAP_PROP_FPS: fps, cv2.CAP_PROP_BUFFERSIZE: 1, cv2.CAP_PROP_CONVERT_RGB: 0}
        for key, value in (must | wishes | self._locked).items():
            self._device.set(key, value)
        self._compare(must, "other_size")
        self.check()

    def _compare(self, wanted: Mapping[int, float], reason: Wrong) -> None:
        for key, value in wanted.items():
            if abs(self._device.get(key) - value) > 0.5:
                raise SourceGoneError(f"property {key} is {self._device.get(key):g}, not {value:g}", reason)

    def _grab(self) -> None:
        if not self._device.grab():
            raise SourceGoneError("no frame")

    def _check(self, shot: Shot) -> None:
        try:
            height, width = shot.whole().shape[:2]
        except BrokenFrameError as error:
            raise SourceGoneError("the first frame is no picture") from error
        if (width, height) != self._size:
            text = f"frames of {width} x {height}, not {self._size[0]} x {self._size[1]}"
            raise SourceGoneError(text, "other_size")
