"""A V4L2 camera at the height of its properties: what OpenCV asks of a UVC camera, and the order that matters to it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.scanners.document_camera.source_v4l2 import MJPG

YUYV = cv2.VideoWriter.fourcc("Y", "U", "Y", "V")


class V4l2Simulator:
    """Takes a large size only after MJPG and when both sides were set; `calls` is what was asked, in order.

    `waiting` frames stand in its buffer, older than any that is read after a drain. `stubborn` properties never change.
    """

    def __init__(self, sizes: tuple[tuple[int, int], ...] = ((640, 480), (4208, 3120)), waiting: int = 2) -> None:
        self._sizes, self._waiting = sizes, waiting
        self.calls: list[tuple[str, int, float]] = []
        self.stubborn: dict[int, float] = {}
        self.true_size: tuple[int, int] | None = None
        self.opened, self.released, self.dead = True, False, False
        self._values: dict[int, float] = {cv2.CAP_PROP_FOURCC: YUYV}
        self._asked, self._size = [0, 0], sizes[0]

    def isOpened(self) -> bool:
        """Whether there is such a device."""
        return self.opened

    def set(self, key: int, value: float) -> bool:
        """Take a property as a UVC camera does."""
        self.calls.append(("set", key, value))
        if key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT):
            self._asked[key == cv2.CAP_PROP_FRAME_HEIGHT] = int(value)
            wanted = (self._asked[0], self._asked[1])
            narrow = self._values[cv2.CAP_PROP_FOURCC] != MJPG and wanted > self._sizes[0]
            if wanted in self._sizes and not narrow:
                self._size = wanted
        self._values[key] = value
        return True

    def get(self, key: int) -> float:
        """Say what really holds."""
        self.calls.append(("get", key, 0.0))
        size = {cv2.CAP_PROP_FRAME_WIDTH: self._size[0], cv2.CAP_PROP_FRAME_HEIGHT: self._size[1]}
        return self.stubborn.get(key, size.get(key, self._values.get(key, 0.0)))

    def grab(self) -> bool:
        """Throw a frame away."""
        self.calls.append(("grab", 0, 0.0))
        self._waiting = max(0, self._waiting - 1)
        return not self.dead

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        """Give a JPEG whose grey says how many old frames were still waiting."""
        self.calls.append(("read", 0, 0.0))
        width, height = self.true_size or self._size
        if self.dead:
            return False, None
        picture = np.full((height, width, 3), 60 * self._waiting, np.uint8)
        return True, np.asarray(cv2.imencode(".jpg", picture)[1], np.uint8).reshape(1, -1)

    def release(self) -> None:
        """Let go."""
        self.released = True
