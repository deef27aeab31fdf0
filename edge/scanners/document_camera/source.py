"""Where frames come from: one protocol, and which of its kinds a station file's `source` names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, cast

import cv2
import numpy as np

from edge.scanners.document_camera.model import Frame


class SourceGoneError(Exception):
    """The camera is not there, went away, or is not what the station file says; the text holds no picture."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame as the camera's own JPEG; decoded only as far as it is needed."""

    jpeg: bytes = field(repr=False)

    def small(self) -> Frame:
        """Decode to a quarter of width and height: the decoder leaves out most of the work."""
        return _decoded(self.jpeg, cv2.IMREAD_REDUCED_COLOR_4)

    def whole(self) -> Frame:
        """Decode whole."""
        return _decoded(self.jpeg, cv2.IMREAD_COLOR)


class FrameSource(Protocol):
    """A camera, or what stands for one. Used by one thread; may hang: the process around it is killed then."""

    lives: bool
    """A sensor always has noise: the same frame again and again is a fault. False for stored pictures."""

    def newest(self) -> Shot:
        """Return a frame that was taken after this call began, or the newest there is.

        Raises:
            SourceGoneError: there will be no more.
        """

    def close(self) -> None:
        """Let the camera go; idempotent."""


def _decoded(jpeg: bytes, how: int) -> Frame:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), how)
    if image is None:
        raise SourceGoneError("a frame that is no picture")
    return cast("Frame", image)
