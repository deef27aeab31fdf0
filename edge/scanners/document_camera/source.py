"""Where frames come from: one protocol, and which of its kinds a station file's `source` names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, cast

import cv2
import numpy as np

from edge.scanners.document_camera.model import Frame

Wrong = Literal["gone", "hung", "other_size", "not_locked"]


class SourceGoneError(Exception):
    """The camera is not there, went away, or is not what the station file says; the text holds no picture.

    `reason`: `gone`, `hung` (connected and silent), `other_size` than was asked for, `not_locked` (focus or exposure).
    """

    def __init__(self, text: str, reason: Wrong = "gone") -> None:
        super().__init__(text)
        self.reason: Wrong = reason


class BrokenFrameError(Exception):
    """Bytes that are no picture: a bad cable spoils one frame in many, and the next may be whole."""


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

    def check(self) -> None:
        """See whether what must not drift is still as it was set; raises `SourceGoneError` (`not_locked`)."""

    def close(self) -> None:
        """Let the camera go; idempotent."""


def _decoded(jpeg: bytes, how: int) -> Frame:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), how)
    if image is None:
        raise BrokenFrameError
    return cast("Frame", image)
