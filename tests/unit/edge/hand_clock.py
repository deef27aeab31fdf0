"""A clock that a test moves by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


class HandClock:
    """Wall time jumps with `jump`, both kinds of time pass with `wait`, `restart` begins monotonic time anew."""

    def __init__(self, at: str = "2026-11-24T22:03:00") -> None:
        self._now = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
        self._monotonic = 1000.0
        self.synced = True

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def wait(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def restart(self) -> None:
        self._monotonic = 5.0
