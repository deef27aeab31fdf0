"""One process per store: an advisory lock on a file beside it, which also remembers that the store exists.

The kernel lets go of the lock when the process dies, however it dies.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from edge.errors import ConfigError


class StoreLock:
    """The lock file `<store>.lock`. Its text is the store's epoch, so that a vanished store is noticed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            ConfigError: another process has it.
        """
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(file)
            expected = "a data directory that no other process uses"
            raise ConfigError(str(self._path), "station.data_dir", expected) from error
        self._file = file

    def release(self) -> None:
        """Let go; safe to call twice."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @property
    def remembers_store(self) -> bool:
        """Whether a store was created here before."""
        return self._path.stat().st_size > 0

    def remember(self, epoch: str) -> None:
        """Keep the epoch's name, durably."""
        if self._file is not None and os.pread(self._file, 64, 0) != epoch.encode():
            os.pwrite(self._file, epoch.encode(), 0)
            os.fsync(self._file)
