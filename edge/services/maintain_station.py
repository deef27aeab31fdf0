"""Service mode: no door is tested or released unless a person has armed it here within the last ten minutes."""

from __future__ import annotations

from edge.clock import Clock
from edge.services.changes import Changes
from edge.services.refusals import RefusedError

SERVICE_MODE_S = 600.0


class MaintainStation:
    """Whether service mode is armed, by whom, and who stands beside. Not kept on disk: a restart disarms.

    The second person signs for one emergency release; the next one needs a new signature.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._armed_until = float("-inf")
        self._first: str | None = None
        self._second: str | None = None
        self.changes = Changes()

    def arm(self, *, on: bool, badge: str) -> None:
        """Arm for ten minutes, or disarm; the caller has checked badge, PIN and right."""
        self._armed_until = self._clock.monotonic() + SERVICE_MODE_S if on else float("-inf")
        self._first, self._second = (badge, None) if on else (None, None)
        self.changes.notify()

    def join(self, badge: str) -> None:
        """Take a second person's signature; the caller has checked badge, PIN and right.

        Raises:
            RefusedError: service mode is not armed, or this is the person who armed it.
        """
        self.require_armed()
        if badge == self._first:
            raise RefusedError("same_person")
        self._second = badge
        self.changes.notify()

    def spend_second(self) -> None:
        """The second person's signature was used."""
        self._second = None
        self.changes.notify()

    def require_armed(self) -> None:
        """Raise `RefusedError` unless service mode is armed now."""
        if not self.armed:
            raise RefusedError("service_mode_first")

    @property
    def armed(self) -> bool:
        """Whether it is armed now."""
        return self.seconds_left > 0

    @property
    def first(self) -> str | None:
        """The badge of the person who armed it; None when it is not armed."""
        return self._first if self.armed else None

    @property
    def second(self) -> str | None:
        """The badge of the second person whose signature waits to be used."""
        return self._second if self.armed else None

    @property
    def seconds_left(self) -> float:
        """Seconds that it stays armed; 0 when it is not."""
        return max(0.0, self._armed_until - self._clock.monotonic())
