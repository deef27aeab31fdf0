"""The wall clock plus what a test adds; deadlines of devices stay real."""

from __future__ import annotations

from datetime import datetime, timedelta

from edge.clock import SystemClock


class MovedClock(SystemClock):
    """`pass_hours` moves it; `known` says whether a time source has set it."""

    def __init__(self) -> None:
        super().__init__("Asia/Shanghai")
        self._shift, self.known = timedelta(), True

    def now(self) -> datetime:
        return super().now() + self._shift

    @property
    def synced(self) -> bool:
        return self.known

    def pass_hours(self, hours: float) -> None:
        self._shift += timedelta(hours=hours)
