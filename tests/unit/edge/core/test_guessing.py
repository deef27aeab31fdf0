"""Codes, throttles and grants."""

from __future__ import annotations

import random
from uuid import uuid4

import pytest

from contract.events import Purpose
from edge.core import codes
from edge.core.grants import Grant, GrantState
from edge.core.throttle import KIOSK, Throttle, count_at_kiosk, kiosk_delay
from edge.errors import BugError, LockedOutError

KEY = b"0123456789abcdef0123456789abcdef"
CASE = "0" * 43


def test_a_code_fits_its_own_compartment_case_and_key_alone() -> None:
    digits, code = codes.draw(KEY, 3, CASE, [], random.Random(1).randrange)
    assert code.fits(KEY, digits)
    assert not code.fits(KEY, f"{(int(digits) + 1) % 10**8:08d}")
    assert not code.fits(b"another key", digits)
    assert not codes.PickupCode(4, CASE, code.mac).fits(KEY, digits)
    assert not codes.PickupCode(3, CASE[:-1] + "1", code.mac).fits(KEY, digits)
    assert digits.encode() not in code.mac


def test_a_live_code_is_never_drawn_again() -> None:
    first, code = codes.draw(KEY, 3, CASE, [], lambda _: 7)
    draws = iter([7, 7, 8])
    second, _ = codes.draw(KEY, 4, CASE, [code], lambda _: next(draws))
    assert (first, second) == ("00000007", "00000008")
    with pytest.raises(BugError):
        codes.draw(KEY, 5, CASE, [code], lambda _: 7)


def _five_wrong(now: float) -> Throttle:
    throttle = Throttle("compartment:3")
    for left in (4, 3, 2, 1, 0):
        throttle.check(now)
        throttle = throttle.failed(now)
        assert throttle.tries_left == left
    return throttle


def test_five_wrong_tries_lock_for_fifteen_minutes() -> None:
    throttle = _five_wrong(100.0)
    with pytest.raises(LockedOutError) as refused:
        throttle.check(100.5)
    assert refused.value.seconds_left == 900
    with pytest.raises(LockedOutError):
        throttle.check(999.9)
    throttle.check(1000.0)
    assert throttle.failed(1000.0).tries_left == 4


def test_a_restart_begins_the_lock_out_again_in_full() -> None:
    throttle = _five_wrong(100.0).restarted(5.0)
    with pytest.raises(LockedOutError) as refused:
        throttle.check(5.0)
    assert refused.value.seconds_left == 900
    three = Throttle("compartment:3", (1.0, 2.0, 3.0)).restarted(5.0)
    assert three.tries_left == 2
    three.check(5.0)


def test_a_right_code_forgets_the_wrong_ones() -> None:
    assert Throttle("compartment:3", (1.0, 2.0)).passed() == Throttle("compartment:3")


def test_thirty_wrong_tries_in_an_hour_alarm_once_and_slow_the_kiosk() -> None:
    kiosk, alarms = Throttle(KIOSK), []
    for second in range(31):
        kiosk, alarm = count_at_kiosk(kiosk, float(second))
        alarms.append(alarm)
    assert alarms == [False] * 29 + [True, False]
    assert kiosk_delay(kiosk, 31.0) == 10
    assert kiosk_delay(kiosk, 3600.0) == 10
    assert kiosk_delay(kiosk, 3602.0) == 0
    assert kiosk_delay(kiosk.restarted(0.0), 3599.0) == 10


def test_a_grant_opens_one_door_once_within_one_boot() -> None:
    grant = Grant(uuid4(), 3, Purpose.DEPOSIT, uuid4(), boot=2)
    used = grant.use(3, 2)
    assert used.state is GrantState.USED
    for spent in (used, grant.die()):
        with pytest.raises(BugError):
            spent.use(3, 2)
    with pytest.raises(BugError):
        grant.use(4, 2)
    with pytest.raises(BugError):
        grant.use(3, 3)
    assert used.die() is used
