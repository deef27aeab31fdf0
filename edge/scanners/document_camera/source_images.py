"""Pictures of a folder in the order of their names, again and again: for photographs and demonstrations."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np

from edge.scanners.document_camera.source import Shot, SourceGoneError

_KINDS = {".jpg", ".jpeg", ".png", ".tif", ".bmp"}


class ImageSource:
    """One picture a call, at most ten a second; loops unless told to end."""

    lives = False

    def __init__(self, folder: Path, *, loop: bool = True, every_seconds: float = 0.1) -> None:
        files = sorted(file for file in folder.glob("*") if file.suffix.lower() in _KINDS)
        if not files:
            raise SourceGoneError("no pictures in the folder")
        self._files: Iterator[Path] = cycle(files) if loop else iter(files)
        self._every, self._last = every_seconds, 0.0

    def newest(self) -> Shot:
        """Return the next picture."""
        file = next(self._files, None)
        if file is None:
            raise SourceGoneError("the last picture was shown")
        time.sleep(max(0.0, self._last + self._every - time.monotonic()))
        self._last = time.monotonic()
        try:
            return Shot(_as_jpeg(file))
        except OSError as error:
            raise SourceGoneError("a picture cannot be read") from error

    def check(self) -> None:
        """Nothing can drift."""

    def close(self) -> None:
        """Nothing is held."""


def _as_jpeg(file: Path) -> bytes:
    data = file.read_bytes()
    if data.startswith(b"\xff\xd8"):
        return data
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise SourceGoneError("a file that is no picture")
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 95])[1])
