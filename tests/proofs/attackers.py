"""Who guesses pickup codes, and how: each plan is a generator of moves that is told what the kiosk answered.

Every attacker is as quick as can be: typing takes no time, and it knows the rules. Only what the rules make it wait,
and the station's own start, costs time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass

BOOT_SECONDS = 20.0


@dataclass(frozen=True)
class Guess:
    """Try a code at a compartment; the answer is the seconds it is locked for, or 0 for a plain "wrong"."""

    compartment: int


@dataclass(frozen=True)
class Wait:
    """Let time pass."""

    seconds: float


@dataclass(frozen=True)
class PowerCycle:
    """Cut the power and wait for the station to be back."""


Move = Guess | Wait | PowerCycle
Plan = Generator[Move, float, None]
Attacker = Callable[[int, random.Random], Plan]


def spread(doors: int, _rng: random.Random) -> Plan:
    """One try at each door in turn, so that no door is ever near its lock-out."""
    number = 0
    while True:
        number = number % doors + 1
        yield Guess(number)


def one_door(_doors: int, _rng: random.Random) -> Plan:
    """One door alone, every lock-out waited out to the second."""
    while True:
        locked = yield Guess(1)
        if locked:
            yield Wait(locked)


def five_and_on(doors: int, _rng: random.Random) -> Plan:
    """Each door until it locks, then the next."""
    number = 1
    while True:
        if (yield Guess(number)):
            number = number % doors + 1


def below_the_alarm(doors: int, _rng: random.Random) -> Plan:
    """As many tries as the kiosk lets through without slowing down: 30, then an hour's silence."""
    number = 0
    while True:
        for _ in range(30):
            number = number % doors + 1
            yield Guess(number)
        yield Wait(3600.0)


def slow_drip(doors: int, _rng: random.Random) -> Plan:
    """Evenly, 28 an hour, never an alarm."""
    number = 0
    while True:
        number = number % doors + 1
        yield Guess(number)
        yield Wait(3600.0 / 28)


def power_cycle_each_try(doors: int, _rng: random.Random) -> Plan:
    """Cut the power after every wrong try, in the hope that the counters forget."""
    number = 0
    while True:
        number = number % doors + 1
        yield Guess(number)
        yield PowerCycle()


def power_cycle_each_lock(doors: int, _rng: random.Random) -> Plan:
    """Cut the power at every lock-out and begin again at the same door."""
    while True:
        if (yield Guess(1)):
            yield PowerCycle()
            if (yield Guess(1)):
                yield from _others(doors)


def _others(doors: int) -> Plan:
    for number in range(2, doors + 1):
        yield Guess(number)


def power_cycle_each_alarm(doors: int, _rng: random.Random) -> Plan:
    """Cut the power whenever the kiosk becomes slow."""
    number = 0
    while True:
        for _ in range(30):
            number = number % doors + 1
            yield Guess(number)
        yield PowerCycle()


def anything(doors: int, rng: random.Random) -> Plan:
    """No plan at all: random doors, pauses from a second to an hour, a power cut now and then."""
    while True:
        dice = rng.random()
        if dice < 0.995:
            yield Guess(rng.randint(1, doors))
        elif dice < 0.998:
            yield PowerCycle()
        else:
            yield Wait(rng.choice((1.0, 60.0, 900.0, 3600.0)))


ATTACKERS: Mapping[str, Attacker] = {
    each.__name__: each
    for each in (
        spread, one_door, five_and_on, below_the_alarm, slow_drip,
        power_cycle_each_try, power_cycle_each_lock, power_cycle_each_alarm, anything,
    )
}  # fmt: skip
