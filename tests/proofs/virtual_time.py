"""An event loop whose time jumps to the next timer, so that hours of a station pass in seconds, always the same way.

Nothing here waits for the real clock or for a thread.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Any, TypeVar, TypeVarTuple
from zoneinfo import ZoneInfo

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

FIRST_SECOND = 1000.0
START = datetime(2026, 11, 24, 22, 3, tzinfo=ZoneInfo("Asia/Shanghai"))


class DeadlockError(Exception):
    """Everything waits, and no timer runs."""


class _JumpingSelector(selectors.DefaultSelector):
    """Answers at once; when nothing is ready, the loop's time is the next timer's."""

    def __init__(self) -> None:
        super().__init__()
        self.now = FIRST_SECOND

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise DeadlockError("nobody would ever wake up")
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop with a time of its own."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Do it here and now: a thread would answer at another moment in each run."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  handed to whoever awaits it, as an executor does
            done.set_exception(error)
        return done


class VirtualClock:
    """The `Clock` of a station in a `VirtualLoop`: wall time can jump, monotonic time begins anew with each boot."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._boot = loop.time()
        self._shift = timedelta()
        self.synced = True

    def now(self) -> datetime:
        return START + timedelta(seconds=self._loop.time() - FIRST_SECOND) + self._shift

    def monotonic(self) -> float:
        return self._loop.time() - self._boot + 5.0

    def jump(self, seconds: float) -> None:
        """Move the wall clock alone."""
        self._shift += timedelta(seconds=seconds)

    def boot(self) -> None:
        """Begin monotonic time anew."""
        self._boot = self._loop.time()


def finish(loop: asyncio.AbstractEventLoop) -> None:
    """End what still runs in a loop, and the loop."""
    left: list[asyncio.Task[Any]] = list(asyncio.all_tasks(loop))
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.close()
