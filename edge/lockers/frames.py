"""What the codecs of all families share: the error of a frame that is not one."""

from __future__ import annotations


class FrameError(ValueError):
    """Bytes that are not the frame they were taken for; a check sum error names what was expected and received.

    It never leaves a driver: to everybody else such bytes are silence.
    """


def require(ok: bool, complaint: str) -> None:
    """Raise `FrameError(complaint)` unless `ok`."""
    if not ok:
        raise FrameError(complaint)
