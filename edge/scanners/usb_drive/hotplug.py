"""What is plugged into the public socket, told as it changes."""

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Plugged:
    """`number` rises at each plug and unplug. `device` is the whole block device or image, None without one.

    `reason` is a code of something that is there and is no drive, or too many.
    """

    number: int
    device: Path | None
    reason: str = ""


class Socket(Protocol):
    """The public socket."""

    async def change(self, after: int) -> Plugged:
        """Return what is plugged in once its number is above `after`, waiting for a change."""


class ImageSocket:
    """A file that is the drive, of a demonstration or a test: present is plugged in, another file is another drive."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number, self._seen = 0, (0, 0, 0, 0)
        self._present = False

    async def change(self, after: int) -> Plugged:
        """Look at the file until something is different."""
        while True:
            self._look()
            if self._number > after:
                return Plugged(self._number, self._path if self._present else None)
            await asyncio.sleep(_EVERY_S)

    def _look(self) -> None:
        try:
            found = os.stat(self._path)
            now = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
            present = stat.S_ISREG(found.st_mode) or stat.S_ISBLK(found.st_mode)
        except OSError:
            now, present = (0, 0, 0, 0), False
        if self._number and (now, present) == (self._seen, self._present):
            return
        self._number, self._seen, self._present = self._number + 1, now, present


def open_socket(port: str) -> Socket:
    """Return the socket that a station file names."""
    return ImageSocket(Path(port))
