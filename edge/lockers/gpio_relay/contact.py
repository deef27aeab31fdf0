"""A door's contact that bounces: what it says once it has been still for a while.

Debouncing is done here and not by the pin library: gpiozero's `bounce_time` drops edges on some back ends, is rounded
away on others and is ignored by its mock pins, so it could not be tested.
"""

from __future__ import annotations

from edge.ports import Door


class Contact:
    """One contact. Times are seconds of one monotonic clock; nothing is read here, everything is told.

    Still for `still` seconds: its position is the door's. Until then the last position stands, for at most `restless`
    seconds of chatter; after that nobody knows. A contact that was never still is `UNKNOWN`.
    """

    def __init__(self, *, still: float, restless: float, closed: bool, now: float) -> None:
        self._still, self._restless = still, restless
        self._closed, self._moved_at = closed, now
        self._chatter_since = now
        self._settled = Door.UNKNOWN

    @property
    def was_still(self) -> bool:
        """Whether it has been still at all since the beginning, as far as somebody asked."""
        return self._settled is not Door.UNKNOWN

    @property
    def still_at(self) -> float:
        """When it will have been still for long enough, if nothing moves."""
        return self._moved_at + self._still

    def edge(self, *, closed: bool, now: float) -> None:
        """The contact moved, and was seen so afterwards; two edges may have come as one."""
        if now < self._moved_at:
            return
        if self._is_still(now):
            self._settle()
            self._chatter_since = now
        self._closed, self._moved_at = closed, now

    def sample(self, *, closed: bool, now: float) -> None:
        """The contact was read: a position without its edge means that an edge was lost."""
        if closed != self._closed:
            self.edge(closed=closed, now=now)

    def door(self, now: float) -> Door:
        """Return what the contact says at `now`."""
        if self._is_still(now):
            return self._settle()
        return self._settled if now - self._chatter_since <= self._restless else Door.UNKNOWN

    def _is_still(self, now: float) -> bool:
        return now >= self.still_at

    def _settle(self) -> Door:
        self._settled = Door.CLOSED if self._closed else Door.OPEN
        return self._settled
