"""Guessing made slow: wrong codes per compartment, wrong PINs per badge, wrong tries per kiosk.

Pure. Instants are monotonic seconds of the current boot. A restart therefore treats everything remembered as just
happened (`restarted`), so that cutting the power never shortens a lock-out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from edge.errors import LockedOutError

WRONG_TRIES = 5
LOCKED_SECONDS = 15 * 60
KIOSK_WRONG_TRIES = 30
KIOSK_WINDOW_SECONDS = 60 * 60
SLOW_SECONDS = 10
KIOSK = "kiosk"


@dataclass(frozen=True, slots=True)
class Throttle:
    """What is remembered under one key: instants of wrong tries since the last right one, and a lock-out's end."""

    key: str
    wrong: tuple[float, ...] = ()
    locked_until: float | None = None

    def check(self, now: float) -> None:
        """Let a try through, or not.

        Raises:
            LockedOutError: with the seconds left.
        """
        if self.locked_until is not None and now < self.locked_until:
            raise LockedOutError(ceil(self.locked_until - now))

    def failed(self, now: float) -> Throttle:
        """Count a wrong try; the fifth locks for 15 minutes."""
        wrong = (() if self.locked_until is not None else self.wrong) + (now,)
        locked = now + LOCKED_SECONDS if len(wrong) >= WRONG_TRIES else None
        return Throttle(self.key, wrong, locked)

    @property
    def tries_left(self) -> int:
        """Wrong tries that are still allowed before the lock-out."""
        return max(0, WRONG_TRIES - len(self.wrong))

    def passed(self) -> Throttle:
        """Forget the wrong tries after a right one."""
        return Throttle(self.key)

    def restarted(self, now: float) -> Throttle:
        """Carry over a restart: a lock-out begins again in full, wrong tries count as made now."""
        locked = None if self.locked_until is None else now + LOCKED_SECONDS
        return Throttle(self.key, (now,) * len(self.wrong), locked)


def badge_key(badge: str) -> str:
    """Name the throttle of one staff member's PIN."""
    return f"badge:{badge}"


def compartment_key(number: int) -> str:
    """Name the throttle of one compartment's code."""
    return f"compartment:{number}"


def count_at_kiosk(kiosk: Throttle, now: float) -> tuple[Throttle, bool]:
    """Count a wrong try at the kiosk; return its throttle and whether this one raises the alarm."""
    before = _recent(kiosk, now)
    counted = replace(kiosk, wrong=(*before, now)[-KIOSK_WRONG_TRIES:], locked_until=None)
    return counted, len(before) == KIOSK_WRONG_TRIES - 1


def kiosk_delay(kiosk: Throttle, now: float) -> float:
    """Return the seconds that every try has to wait: 10 while 30 wrong tries lie within the hour, else 0."""
    return SLOW_SECONDS if len(_recent(kiosk, now)) >= KIOSK_WRONG_TRIES else 0


def _recent(kiosk: Throttle, now: float) -> tuple[float, ...]:
    return tuple(instant for instant in kiosk.wrong if now - instant < KIOSK_WINDOW_SECONDS)
