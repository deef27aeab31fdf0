"""The desk's clock: when a screen ends by itself. Counted on the station: a dead browser is noticed as well."""

from __future__ import annotations

from math import ceil

from contract.events import Purpose
from edge.clock import Clock
from edge.core.visit import Step
from edge.services.visits import CurrentVisit


class DeskTime:
    """Seconds that a screen may stand without anybody touching it; counted anew with every other screen."""

    def __init__(self, clock: Clock, *, idle_seconds: int, alarm_s: float) -> None:
        self._clock, self._alarm_s = clock, alarm_s
        self.idle_seconds = idle_seconds
        self.deadline: float | None = None
        self._shown: tuple[object, ...] = ()

    def restart(self) -> None:
        """Count anew: somebody is there, or the screen is another one."""
        self._shown = ()

    def keep(self, shown: tuple[object, ...], seconds: float | None) -> None:
        """Begin to count anew if the screen is another one; `seconds` None: it may stand for ever."""
        if shown != self._shown:
            self._shown = shown
            self.deadline = None if seconds is None else self._clock.monotonic() + seconds

    @property
    def over(self) -> bool:
        """Whether nobody has touched the screen for too long."""
        return self.deadline is not None and self._clock.monotonic() >= self.deadline

    @property
    def left(self) -> int | None:
        """Whole seconds until then; None: it is not running."""
        return None if self.deadline is None else max(0, ceil(self.deadline - self._clock.monotonic()))

    def of_visit(self, current: CurrentVisit) -> float | None:
        """Return how long the screen of a visit may stand."""
        if current.visit.step is Step.OPENING:
            # A released door may still be opened with the emergency key; every other one opens now or not at all.
            return self._alarm_s if current.visit.kind is Purpose.SERVICE else None
        # A door that stands open is reminded of after a minute; the visit ends with the alarm.
        return self._alarm_s if current.visit.step is Step.OPEN else self.idle_seconds
