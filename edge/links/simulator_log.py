"""JSON lines that are on the disk before what they tell of happens: the simulators' independent record."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

# Two polled boards write about 2 kB a second; the oldest hours go.
_ROTATE_BYTES = 64 * 1024 * 1024


class SyncedLog:
    """One file, one JSON object per line with `at` (wall time), `mono` (seconds) and the given facts; fsynced."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = self._open()

    def write(self, **facts: str | int | None) -> None:
        """Append one line and wait for the disk."""
        line = {"at": datetime.now(UTC).isoformat(), "mono": time.monotonic(), **facts}
        os.write(self._fd, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        os.fdatasync(self._fd)
        if os.fstat(self._fd).st_size > _ROTATE_BYTES:
            self.close()
            self._path.replace(self._path.with_name(self._path.name + ".1"))
            self._fd = self._open()

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
