"""Service mode: no command from the hub moves a coil unless a person has armed it here within the last ten minutes."""

from __future__ import annotations

from edge.clock import Clock

SERVICE_MODE_S = 600.0


class MaintainStation:
    """Whether service mode is armed. Not kept on disk: a restart disarms."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._armed_until = float("-inf")

    def arm(self, *, on: bool) -> None:
        """Arm for ten minutes, or disarm; the caller has checked badge, PIN and right."""
        self._armed_until = self._clock.monotonic() + SERVICE_MODE_S if on else float("-inf")

    @property
    def armed(self) -> bool:
        """Whether it is armed now."""
        return self.seconds_left > 0

    @property
    def seconds_left(self) -> float:
        """Seconds that it stays armed; 0 when it is not."""
        return max(0.0, self._armed_until - self._clock.monotonic())
