"""The watchdog on its own: whatever happens to the loop or the pins, no coil is on beyond its limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from gpiozero import PinSetInput

from edge.errors import LinkError
from edge.lockers.gpio_relay.coils import GuardedCoils

LIMIT = 0.1


class Coil:
    """Remembers when it was powered; `refusals` is how many times it will not be switched."""

    def __init__(self) -> None:
        self.value = 0
        self.on_at = self.off_at = 0.0
        self.refusals = 0
        self.fails_on = False
        self.went_off = threading.Event()

    def on(self) -> None:
        self.value, self.on_at = 1, time.monotonic()
        self.went_off.clear()
        if self.fails_on:
            raise PinSetInput("after the level had changed")

    def off(self) -> None:
        if self.refusals:
            self.refusals -= 1
            raise RuntimeError("something that no pin library should raise")
        if self.value:
            self.value, self.off_at = 0, time.monotonic()
            self.went_off.set()


@pytest.fixture
def coils() -> dict[int, Coil]:
    return {1: Coil(), 2: Coil()}


@pytest.fixture
def guard(coils: dict[int, Coil]) -> Iterator[GuardedCoils]:
    made = GuardedCoils(coils, LIMIT)
    made.start()
    yield made
    made.close()


def test_a_coil_that_nobody_switches_off_is_off_at_the_limit(guard: GuardedCoils, coils: dict[int, Coil]) -> None:
    """The loop stands still: here there is none at all."""
    guard.on(1)
    assert coils[1].value == 1
    assert coils[1].went_off.wait(2)
    assert LIMIT <= coils[1].off_at - coils[1].on_at < LIMIT + 1.5
    assert guard.stuck() == frozenset()


def test_a_pulse_that_ends_in_time_leaves_nothing_to_the_watchdog(guard: GuardedCoils, coils: dict[int, Coil]) -> None:
    guard.on(1)
    guard.off(1)
    first = coils[1].off_at
    guard.on(2)
    assert coils[2].went_off.wait(2)
    assert coils[1].off_at == first


def test_a_pin_that_fails_after_switching_on_is_switched_off(guard: GuardedCoils, coils: dict[int, Coil]) -> None:
    coils[1].fails_on = True
    with pytest.raises(LinkError):
        guard.on(1)
    assert coils[1].value == 1
    assert coils[1].went_off.wait(2)


def test_a_pin_that_will_not_go_off_is_tried_for_ever_and_blocks_the_others(
    guard: GuardedCoils, coils: dict[int, Coil]
) -> None:
    guard.on(1)
    coils[1].refusals = 3
    guard.off(1)
    assert guard.stuck() == {1}
    with pytest.raises(LinkError, match="coil 1 does not go off"):
        guard.on(2)
    assert coils[2].on_at == 0.0
    assert coils[1].went_off.wait(2)
    _until(lambda: guard.stuck() == frozenset())
    guard.on(2)


def test_an_output_that_reads_on_without_a_pulse_is_stuck(guard: GuardedCoils, coils: dict[int, Coil]) -> None:
    coils[2].value = 1
    assert guard.stuck() == {2}
    with pytest.raises(LinkError, match="coil 2"):
        guard.on(1)


def test_without_a_watchdog_no_coil_is_powered(coils: dict[int, Coil]) -> None:
    guard = GuardedCoils(coils, LIMIT)
    with pytest.raises(LinkError, match="no watchdog"):
        guard.on(1)
    assert coils[1].on_at == 0.0


def test_closing_ends_a_pulse_and_the_thread(coils: dict[int, Coil]) -> None:
    before = threading.active_count()
    guard = GuardedCoils(coils, 60.0)
    guard.start()
    guard.on(1)
    guard.close()
    guard.close()
    assert coils[1].value == 0
    assert threading.active_count() == before
    with pytest.raises(LinkError):
        guard.on(1)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 2
    while not condition():
        assert time.monotonic() < deadline
