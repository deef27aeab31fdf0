"""What the codecs of all families share: the error of a frame that is not one, and the search for frames in bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Frame = TypeVar("Frame")


class FrameError(ValueError):
    """Bytes that are not the frame they were taken for; a check sum error names what was expected and received.

    It never leaves a driver: to everybody else such bytes are silence.
    """


def require(ok: bool, complaint: str) -> None:
    """Raise `FrameError(complaint)` unless `ok`."""
    if not ok:
        raise FrameError(complaint)


def scan(heard: bytes, parse: Callable[[bytes], tuple[Frame, int]]) -> list[Frame]:
    """Return the frames in what a line brought, in its order; after a wrong byte the next one is tried as a start.

    `parse` takes all bytes from one position on and returns the frame that begins there and its length, or raises
    `FrameError`.
    """
    frames: list[Frame] = []
    at = 0
    while at < len(heard):
        try:
            frame, length = parse(heard[at:])
        except FrameError:
            at += 1
            continue
        frames.append(frame)
        at += length
    return frames
