"""A small computer with relays and door contacts on its pins, as the far end of `edge/links/pin_wire.py`.

A pin whose level nobody drives (before the program starts, after it ended) powers no coil: relay inputs have a resistor
that holds them off. A coil that is powered for longer than `coil_seconds` is `burnt` and never releases again.
With `one_shot` there is the timer in hardware that the profile asks for: it ends every pulse after so many seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from edge.lockers.simulator import SimulatedBank, SimulatedDoor

_LONGEST_LINE = 64


class GpioRelaySimulator:
    """`relay_pins` and `door_pins` in the order of the channels; `relay_on` and `door_closed` are levels, 0 or 1."""

    def __init__(
        self,
        bank: SimulatedBank,
        *,
        relay_pins: Sequence[int],
        door_pins: Sequence[int],
        relay_on: int = 1,
        door_closed: int = 0,
        coil_seconds: float = 5.0,
        one_shot: float | None = None,
    ) -> None:
        self.bank = bank
        self.burnt: set[int] = set()
        self._relay = dict(zip(relay_pins, bank.doors, strict=False))
        self._door_pin = dict(zip(bank.doors, door_pins, strict=False))
        self._relay_on, self._door_closed, self._coil_seconds = relay_on, door_closed, coil_seconds
        self._one_shot = math.inf if one_shot is None else one_shot
        self._on_since: dict[int, float] = {}
        self._heard = b""

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Act on every whole line at `now` seconds."""
        self.look(now)
        *lines, rest = (self._heard + data).split(b"\n")
        self._heard = rest[-_LONGEST_LINE:]
        return [answer for line in lines for answer in self._act(line.split(), now)]

    def door_changed(self, door: SimulatedDoor) -> list[bytes]:
        """A contact opens or closes: its pin has another level."""
        return [self._level(door)]

    def look(self, now: float) -> frozenset[int]:
        """Let time pass until `now` and return the channels whose coil is powered."""
        for channel, since in self._on_since.items():
            if min(now - since, self._one_shot) > self._coil_seconds:
                self.burnt.add(channel)
                self.bank.doors[channel].jammed = True
        return frozenset(channel for channel, since in self._on_since.items() if now - since < self._one_shot)

    def _act(self, words: list[bytes], now: float) -> list[bytes]:
        match words:
            case [b"hello"]:
                return [*(self._level(door) for door in self.bank.doors.values()), b"hello\n"]
            case [b"out", pin, (b"0" | b"1") as level] if pin.isdigit():
                self._drive(int(pin), on=int(level) == self._relay_on, now=now)
            case [b"in", pin] if pin.isdigit():
                self._drive(int(pin), on=False, now=now)
        return []

    def _drive(self, pin: int, *, on: bool, now: float) -> None:
        channel = self._relay.get(pin)
        if channel is None:
            return
        if not on:
            self._on_since.pop(channel, None)
        elif channel not in self._on_since:
            self._on_since[channel] = now
            self.bank.pulse(channel)

    def _level(self, door: SimulatedDoor) -> bytes:
        shut = not self.bank.sensed_open(door.channel)
        level = self._door_closed if shut else 1 - self._door_closed
        return b"level %d %d\n" % (self._door_pin[door.channel], level)
