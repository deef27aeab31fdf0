"""How likely is it that a week of guessing at one kiosk opens a door? The rules of `edge/core/throttle.py`, simulated.

A guess names a compartment, so it hits with a chance of one in 10^8 whatever the number of live codes is; what counts
is how many guesses the rules let through. `week` counts them for one attacker, `bound` says what no attacker can
exceed, and `hits` draws the station's codes anew for every seed and looks whether the counted guesses met one.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import exp

from contract.ids import new_pickup_code
from edge.core.throttle import (
    KIOSK,
    KIOSK_WRONG_TRIES,
    SLOW_SECONDS,
    Throttle,
    compartment_key,
    count_at_kiosk,
    kiosk_delay,
)
from edge.errors import LockedOutError
from tests.proofs.attackers import BOOT_SECONDS, Attacker, Guess, Plan, PowerCycle, Wait

WEEK = 7 * 24 * 3600.0
DOORS = 200
CODES = 10**8
LIMIT = 1e-3
FIRST_SECOND = 5.0


@dataclass
class ModelKiosk:
    """The kiosk as `CollectItem` and the store make it: the real throttles, kept in a dictionary, and time by hand.

    `tests/integration/test_proof_guessing.py` plays the same attackers against both and compares every answer.
    """

    now: float = 0.0
    started: float = 0.0
    throttles: dict[str, Throttle] = field(default_factory=dict)
    admitted: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    alarms: int = 0

    @property
    def monotonic(self) -> float:
        return self.now - self.started + FIRST_SECOND

    def guess(self, number: int) -> float:
        """Return the seconds that the compartment is locked for, or 0 after a wrong try that was compared."""
        self.now += kiosk_delay(self._throttle(KIOSK), self.monotonic)
        throttle = self._throttle(compartment_key(number))
        try:
            throttle.check(self.monotonic)
        except LockedOutError as locked:
            self.refused += 1
            return float(locked.seconds_left)
        self.admitted[number] += 1
        counted = throttle.failed(self.monotonic)
        self.throttles[counted.key] = counted
        self.throttles[KIOSK], alarm = count_at_kiosk(self._throttle(KIOSK), self.monotonic)
        self.alarms += alarm
        return 0.0 if counted.locked_until is None else counted.locked_until - self.monotonic

    def power_cycle(self) -> None:
        """Forget what is not on disk, start again, judge what is by the store's rule."""
        self.now += BOOT_SECONDS
        self.started = self.now
        self.throttles = {key: each.restarted(self.monotonic) for key, each in self.throttles.items()}

    def _throttle(self, key: str) -> Throttle:
        return self.throttles.get(key, Throttle(key))


@dataclass(frozen=True)
class Week:
    """What one attacker got through in one week: tries compared with a code, by compartment."""

    attacker: str
    admitted: Mapping[int, int]
    refused: int
    alarms: int

    @property
    def tries(self) -> int:
        return sum(self.admitted.values())

    @property
    def chance(self) -> float:
        return chance(self.tries)


def week(name: str, attacker: Attacker, seed: int, *, doors: int = DOORS, seconds: float = WEEK) -> Week:
    """Let one attacker guess for so long."""
    kiosk = ModelKiosk()
    play(kiosk, attacker(doors, random.Random(seed)), seconds)
    return Week(name, kiosk.admitted, kiosk.refused, kiosk.alarms)


def play(kiosk: ModelKiosk, plan: Plan, seconds: float) -> None:
    """Make the moves of a plan until the time is over; a try that would end later does not count."""
    move = next(plan)
    while kiosk.now <= seconds:
        answer = 0.0
        match move:
            case Guess(number):
                if kiosk.now + kiosk_delay(kiosk.throttles.get(KIOSK, Throttle(KIOSK)), kiosk.monotonic) > seconds:
                    return
                answer = kiosk.guess(number)
            case Wait(pause):
                kiosk.now += pause
            case PowerCycle():
                kiosk.power_cycle()
        move = plan.send(answer)


def bound(seconds: float = WEEK) -> int:
    """Return the number of tries that no attacker can exceed.

    A try either waits 10 s, or lies more than an hour behind the 30th before it. Who wants the 30 free ones again gives
    up an hour, in which 360 slow ones would fit; so the most is had by 30 free ones and slow ones ever after.
    """
    return KIOSK_WRONG_TRIES + int(seconds / SLOW_SECONDS)


def chance(tries: int, codes: int = CODES) -> float:
    """Return the largest chance of a hit in so many tries: no code is tried twice at one compartment."""
    return min(1.0, tries / codes)


def hits(admitted: Mapping[int, int], seeds: Iterable[int], codes: int = CODES) -> tuple[int, int]:
    """Draw the live codes of every compartment anew for each seed; return weeks, and weeks with a hit.

    The attacker tries the codes of each compartment one after the other, from one chosen at random.
    """
    weeks = found = 0
    for seed in seeds:
        rng, weeks = random.Random(seed), weeks + 1
        found += any(_met(rng, count, codes) for count in admitted.values())
    return weeks, found


def _met(rng: random.Random, count: int, codes: int) -> bool:
    code = int(new_pickup_code(rng.randrange)) % codes
    return (code - int(rng.random() * codes)) % codes < count


def upper(found: int, weeks: int, confidence: float = 0.95) -> float:
    """Return the largest chance a week that such a count still allows (one-sided, Poisson)."""
    low, high = 0.0, float(found + 50 + 10 * found**0.5)
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (low, middle) if _at_most(found, middle) < 1 - confidence else (middle, high)
    return high / weeks


def _at_most(count: int, mean: float) -> float:
    term = total = exp(-mean)
    for k in range(1, count + 1):
        term *= mean / k
        total += term
    return total
