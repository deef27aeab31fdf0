"""Relay outputs that cannot stay on: every coil has a deadline, and a thread that keeps it whatever the loop does.

The board that times a pulse by itself is missing here, so two things switch a coil off: the event loop, when the pulse
is over, and this watchdog at the limit, also when the loop stands still, a task was cancelled or a call failed. What no
software does is to switch off after its own process was killed or its machine stopped: that takes a one-shot timer
between pin and relay, or one in the relay.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Protocol

from gpiozero import GPIOZeroError

from edge.errors import LinkError

_log = logging.getLogger(__name__)

# A pin that refuses to be switched off is tried again so often, for ever.
_RETRY_SECONDS = 0.05


class Coil(Protocol):
    """One relay output; gpiozero's `DigitalOutputDevice` is one."""

    @property
    def value(self) -> int:
        """1 while the pin reads as powered."""

    def on(self) -> None:
        """Power the coil."""

    def off(self) -> None:
        """Take the power away."""


class GuardedCoils:
    """The coils of one board by channel. `start` before the first `on`; `close` ends the watchdog with all coils off.

    Methods are quick and may be called from any thread.
    """

    def __init__(self, coils: Mapping[int, Coil], limit: float) -> None:
        self._coils, self._limit = dict(coils), limit
        self._off_at: dict[int, float] = {}
        self._failed: set[int] = set()
        self._changed = threading.Condition()
        self._closing = False
        self._watchdog = threading.Thread(target=self._watch, name="coil watchdog", daemon=True)

    def start(self) -> None:
        """Start the watchdog."""
        self._watchdog.start()

    def on(self, channel: int) -> None:
        """Power a coil, until `off` or at the latest for the limit.

        Raises:
            LinkError: the watchdog is not running, a coil of this board does not go off, or the pin failed; the
                watchdog switches off what may have been switched on.
        """
        with self._changed:
            if self._closing or not self._watchdog.is_alive():
                raise LinkError("no watchdog, so no coil is powered")
            if stuck := self._stuck():
                raise LinkError(f"coil {min(stuck)} does not go off, so no other is powered")
            # First the deadline: whatever happens next, there is an end to it.
            self._off_at[channel] = time.monotonic() + self._limit
            self._changed.notify()
            try:
                self._coils[channel].on()
            except (GPIOZeroError, OSError) as error:
                raise LinkError(f"coil {channel}: {error}") from error

    def off(self, channel: int) -> None:
        """Take the power away; a pin that fails is left to the watchdog."""
        with self._changed:
            self._switch_off(channel)
            self._changed.notify()

    def stuck(self) -> frozenset[int]:
        """Return the channels whose coil reads as powered beyond its time, or could not be switched off."""
        with self._changed:
            return self._stuck()

    def close(self) -> None:
        """Switch everything off and end the watchdog; idempotent."""
        with self._changed:
            for channel in self._coils:
                self._switch_off(channel)
            self._closing = True
            self._changed.notify()
        if self._watchdog.is_alive():
            self._watchdog.join()

    def _watch(self) -> None:
        with self._changed:
            while not self._closing:
                nearest = min(self._off_at.values(), default=None)
                self._changed.wait(None if nearest is None else max(0.0, nearest - time.monotonic()))
                for channel in [n for n, at in self._off_at.items() if at <= time.monotonic()]:
                    _log.error("coil %d: switched off by the watchdog", channel)
                    self._switch_off(channel)

    def _switch_off(self, channel: int) -> None:
        try:
            self._coils[channel].off()
        except Exception:  # noqa: BLE001 - whatever a pin library raises: the watchdog lives on and tries again
            _log.exception("coil %d: cannot be switched off", channel)
            self._failed.add(channel)
            self._off_at[channel] = time.monotonic() + _RETRY_SECONDS
        else:
            self._failed.discard(channel)
            self._off_at.pop(channel, None)

    def _stuck(self) -> frozenset[int]:
        return frozenset(self._failed | {n for n in self._coils if n not in self._off_at and self._reads_on(n)})

    def _reads_on(self, channel: int) -> bool:
        try:
            return bool(self._coils[channel].value)
        except (GPIOZeroError, OSError):
            # A pin that cannot be read proves nothing; its doors will say that the chip is gone.
            return False
