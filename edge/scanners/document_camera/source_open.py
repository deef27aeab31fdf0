"""Opens what a station file's `source` names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2

from edge.scanners.document_camera.source import FrameSource
from edge.scanners.document_camera.source_images import ImageSource
from edge.scanners.document_camera.source_mjpeg import MjpegSource
from edge.scanners.document_camera.source_v4l2 import V4l2Source
from edge.scanners.document_camera.wanted import Wanted


def open_source(wanted: Wanted) -> FrameSource:
    """Open it; raises `SourceGoneError` when it is not there."""
    if wanted.source.startswith("images:"):
        return ImageSource(Path(wanted.source.removeprefix("images:")))
    if wanted.source.startswith("http"):
        return MjpegSource(wanted.source, wanted.deadline_seconds)
    return V4l2Source(
        wanted.source,
        (wanted.width, wanted.height),
        fps=wanted.fps,
        settle_frames=wanted.settle_frames,
        locked=_locked(wanted),
    )


def _locked(wanted: Wanted) -> Mapping[int, float]:
    locked: dict[int, float] = {}
    if wanted.focus is not None:
        locked |= {cv2.CAP_PROP_AUTOFOCUS: 0, cv2.CAP_PROP_FOCUS: wanted.focus}
    if wanted.exposure is not None:
        # 1 is "manual" in V4L2's own menu of exposure modes, which OpenCV passes on unchanged.
        locked |= {cv2.CAP_PROP_AUTO_EXPOSURE: 1, cv2.CAP_PROP_EXPOSURE: wanted.exposure}
    return locked
