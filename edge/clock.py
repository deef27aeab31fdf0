"""Time as the station sees it: injected everywhere, so that tests and simulated stations can move it.

`SystemClock` is the kernel's clock. `ShiftedClock` adds the seconds that a text file names; only simulated stations
have one.
"""

from __future__ import annotations

import ctypes
import time
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

# adjtimex(2) returns TIME_ERROR when no time source has disciplined the clock since boot.
_TIME_ERROR = 5
# Larger than `struct timex` on every Linux ABI; all zero means "change nothing".
_TIMEX_BYTES = 512


class Clock(Protocol):
    """Wall time with a zone, monotonic seconds, and whether the wall time may be trusted."""

    def now(self) -> datetime:
        """Return the wall time, aware, in the station's time zone."""

    def monotonic(self) -> float:
        """Return seconds that never jump; only differences mean anything, and only within one boot."""

    @property
    def synced(self) -> bool:
        """Whether a time source has set the wall clock since boot."""


@cache
def _libc() -> ctypes.CDLL:
    # Loaded once: the question is asked for every event.
    return ctypes.CDLL(None, use_errno=True)


def _kernel_clock_synced() -> bool:
    state: int = _libc().adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return 0 <= state < _TIME_ERROR


class SystemClock:
    """The clock of a real station."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def now(self) -> datetime:
        """Return the wall time, aware, in the station's time zone."""
        return datetime.now(self._zone)

    def monotonic(self) -> float:
        """Return the kernel's monotonic seconds."""
        return time.monotonic()

    @property
    def synced(self) -> bool:
        """Ask the kernel (adjtimex(2)) whether NTP or a radio clock disciplines it."""
        return _kernel_clock_synced()


class ShiftedClock:
    """The wall clock plus the seconds in a file, re-read whenever the file changes; for simulated stations.

    The file holds a number (`-3600`, `259200.5`), optionally followed by the word `unsynced`, which makes the station
    believe that nothing has set its clock. No file means no shift. A file caught half-written keeps the last reading.
    Monotonic time is not shifted: deadlines of devices stay real.
    """

    def __init__(self, timezone: str, shift_file: Path) -> None:
        self._zone = ZoneInfo(timezone)
        self._file = shift_file
        self._stamp: tuple[int, int, int] | None = None
        self._shift = timedelta()
        self._synced = True

    def now(self) -> datetime:
        """Return the shifted wall time, aware, in the station's time zone."""
        self._refresh()
        return datetime.now(self._zone) + self._shift

    def monotonic(self) -> float:
        """Return the kernel's monotonic seconds, unshifted."""
        return time.monotonic()

    @property
    def synced(self) -> bool:
        """Whether the file does not say `unsynced`."""
        self._refresh()
        return self._synced

    def _refresh(self) -> None:
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            self._stamp, self._shift, self._synced = None, timedelta(), True
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
        self._synced = "unsynced" not in words[1:]
