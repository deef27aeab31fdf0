"""Room on the disk: a station refuses paper before the disk is full, and keeps a reserve so that pickups go on.

The reserve is a file of real blocks beside the store. When a write meets a full disk it is let go, and taken again once
there is plenty.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from edge.errors import StoreBusyError

RESERVE_BYTES = 8 * 1024 * 1024
# Below this much free space no new paper is taken; a visit writes a few tens of KiB, so there is time to react.
TIGHT_BYTES = 64 * 1024 * 1024


def free_bytes(directory: Path) -> int:
    """Return what an ordinary process may still write there."""
    status = os.statvfs(directory)
    return status.f_bavail * status.f_frsize


class Room:
    """The reserve file, and whether there is room for new paper."""

    def __init__(self, path: Path, free: Callable[[Path], int] = free_bytes) -> None:
        self._path = path
        self._free = free
        self._full = False

    def require(self) -> None:
        """Let new paper in, or not.

        Raises:
            StoreBusyError: the disk is full or nearly so.
        """
        if self._full or self._free(self._path.parent) < TIGHT_BYTES:
            raise StoreBusyError("the disk is nearly full: no new paper until there is room")

    def met_full_disk(self) -> None:
        """Give the reserve back to the disk; `require` refuses until `replenish` finds room again."""
        self._full = True
        self._path.unlink(missing_ok=True)

    def replenish(self) -> None:
        """Take the reserve (again) when there is plenty of space; never raises for want of it."""
        if self._free(self._path.parent) < TIGHT_BYTES + RESERVE_BYTES:
            return
        self._full = False
        if self._path.exists():
            return
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return
        try:
            os.posix_fallocate(file, 0, RESERVE_BYTES)
        except OSError:
            # No room after all, or a file system that cannot promise blocks: the limit of `require` remains.
            self._path.unlink(missing_ok=True)
        finally:
            os.close(file)
