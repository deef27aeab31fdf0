"""Sensors that change their mind too often: a flickering contact is no reading, its door is `UNKNOWN` until it rests.

A person moves one door a few times a minute; a loose magnet or a wet plug does so many times a second. Without this
each flicker of an idle door would be an alarm of its own and fill the disk.
"""

from __future__ import annotations

from collections import deque

from edge.ports import Door

CHANGES = 8
WITHIN_S = 10.0
"""More changes than a person makes with one leaf: four times open and shut in ten seconds."""
RESTS_FOR_S = 30.0


class Steady:
    """Judges raw readings by the monotonic time at which they came."""

    def __init__(self, *, changes: int = CHANGES, within_s: float = WITHIN_S, rests_for_s: float = RESTS_FOR_S) -> None:
        self._most, self._within_s, self._rests_for_s = changes, within_s, rests_for_s
        self._last: dict[int, Door] = {}
        self._times: dict[int, deque[float]] = {}
        self._flapping: set[int] = set()

    @property
    def flapping(self) -> frozenset[int]:
        """Doors whose sensors flicker now."""
        return frozenset(self._flapping)

    def unlocked(self, number: int) -> None:
        """A door was unlocked on purpose: what it does next is no flicker, however often people use it."""
        if number not in self._flapping:
            self._times.pop(number, None)

    def judge(self, number: int, door: Door, now: float) -> Door:
        """Return what may be believed of a reading."""
        before = self._last.get(number)
        self._last[number] = door
        times = self._times.setdefault(number, deque())
        # Silence is the board's, not the sensor's: it comes and goes without counting.
        if before is not None and door is not before and Door.UNKNOWN not in {door, before}:
            times.append(now)
        if number in self._flapping:
            if times and now - times[-1] < self._rests_for_s:
                return Door.UNKNOWN
            self._flapping.discard(number)
            times.clear()
            return door
        while times and now - times[0] > self._within_s:
            times.popleft()
        if len(times) > self._most:
            self._flapping.add(number)
            return Door.UNKNOWN
        return door
