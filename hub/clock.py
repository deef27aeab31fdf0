"""Time as the hub sees it: injected, so that tests and the demonstration can move it.

`ShiftedClock` adds the seconds that a text file names (the same file a simulated station reads).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Wall time in UTC, and monotonic seconds for deadlines."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never jump; only differences mean anything."""


class SystemClock:
    """The clock of a real hub."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the kernel's monotonic seconds."""
        return time.monotonic()


class ShiftedClock(SystemClock):
    """The wall clock plus the seconds in a file, re-read when the file changes; no file means no shift.

    A file caught half-written keeps the last reading. Monotonic time is not shifted.
    """

    def __init__(self, shift_file: Path) -> None:
        self._file = shift_file
        self._stamp: tuple[int, int, int] | None = None
        self._shift = timedelta()

    def now(self) -> datetime:
        """Return the shifted wall time, aware, in UTC."""
        self._refresh()
        return super().now() + self._shift

    def _refresh(self) -> None:
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            self._stamp, self._shift = None, timedelta()
            return
        stamp = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        if stamp != self._stamp:
            self._read()
            self._stamp = stamp

    def _read(self) -> None:
        words = self._file.read_text(encoding="ascii", errors="replace").split()
        try:
            self._shift = timedelta(seconds=float(words[0]))
        except (IndexError, ValueError, OverflowError):
            return


def clock_from(shift_file: Path | None) -> Clock:
    """Return the system's clock, or the shifted one when a file is named."""
    return SystemClock() if shift_file is None else ShiftedClock(shift_file)


Now = Callable[[], datetime]
