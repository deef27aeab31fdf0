"""Who may power a coil, and when: one at a time on a bus, each lock after a rest, and not for ever again and again.

A 48-way board carries 3 A and one lock draws 2.4 A at 12 V (KERONG CU48, KR-S99N): two coils at once are one too many.
No data sheet tells how much heat a solenoid bears, so a lock rests between two pulses whoever asks, and for whatever
visit. The numbers live in this process: after a restart no unlock is sent again by itself.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.errors import UnlockRefusedError

Milliamperes = Annotated[int, Field(ge=1, le=100_000)]
_MINUTE_S = 60.0


class CoilSettings(BaseModel):
    """What is set per board whatever its family; `edge/config.py` carries these as a plain table."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    pulse_ms: Annotated[int, Field(ge=50, le=1000)] = 300
    """How long a coil is powered. Mostly the board times it; then it only keeps two coils apart."""
    coil_gap_ms: Annotated[int, Field(ge=0, le=5000)] = 200
    """Pause after a pulse before the next coil: the supply recovers and the relay falls off."""
    coil_current_ma: Milliamperes | None = None
    """What one lock of this board draws while its coil is powered, from the lock's data sheet."""
    max_current_ma: Milliamperes | None = None
    """What the board may carry, from its data sheet. Only one coil of a bus is ever powered, so one must fit."""
    unlock_interval_ms: Annotated[int, Field(ge=0, le=60000)] = 3000
    """Rest of one lock between two unlocks. Less than the default is for benches without coils."""
    unlocks_a_minute: Annotated[int, Field(ge=1, le=60)] = 3
    """How often one lock may be unlocked within a minute. More than the default is for benches without coils."""

    @property
    def powered_ms(self) -> int:
        """How long a coil is powered by one unlock."""
        return self.pulse_ms

    @model_validator(mode="after")
    def _carries_one_coil(self) -> Self:
        if self.coil_current_ma and self.max_current_ma and self.coil_current_ma > self.max_current_ma:
            raise ValueError("a coil_current_ma that the board can carry (max_current_ma)")
        return self


class CoilPacer:
    """The coils of one bus; every unlock of every board on it happens inside `coil`."""

    def __init__(self, settings: CoilSettings) -> None:
        self._pause_s = (settings.powered_ms + settings.coil_gap_ms) / 1000
        self._interval_s, self._a_minute = settings.unlock_interval_ms / 1000, settings.unlocks_a_minute
        self._lock = asyncio.Lock()
        self._free_at = float("-inf")
        self._pulses: defaultdict[tuple[str, int], deque[float]] = defaultdict(deque)

    @asynccontextmanager
    async def coil(self, board: str, channel: int) -> AsyncIterator[None]:
        """Wait until the last coil has been without power for a while; the next one waits for this one.

        An unlock whose frame could not be written counts too: nobody knows how much of it arrived.

        Raises:
            UnlockRefusedError: this lock was unlocked a moment ago, or too often within a minute; nothing was sent.
        """
        self._require_rested(board, channel)
        async with self._lock:
            await asyncio.sleep(max(0.0, self._free_at - _now()))
            # Another visit may have unlocked it while this one waited.
            self._require_rested(board, channel)
            self._pulses[board, channel].append(_now())
            try:
                yield
            finally:
                self._free_at = _now() + self._pause_s

    def _require_rested(self, board: str, channel: int) -> None:
        pulses, now = self._pulses[board, channel], _now()
        while pulses and pulses[0] <= now - _MINUTE_S:
            pulses.popleft()
        if pulses and (left := pulses[-1] + self._interval_s - now) > 0:
            raise UnlockRefusedError("too_soon", left)
        if len(pulses) >= self._a_minute:
            raise UnlockRefusedError("too_often", pulses[-self._a_minute] + _MINUTE_S - now)


def _now() -> float:
    return asyncio.get_running_loop().time()
