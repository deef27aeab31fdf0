from __future__ import annotations

from edge.lockers.gpio_relay.simulator import GpioRelaySimulator
from edge.lockers.simulator import SimulatedBank


def computer(*, one_shot: float | None = None, relay_on: int = 1) -> GpioRelaySimulator:
    bank = SimulatedBank(range(1, 3))
    return GpioRelaySimulator(bank, relay_pins=[17, 27], door_pins=[5, 6], relay_on=relay_on, one_shot=one_shot)


def test_a_greeting_is_answered_with_every_level() -> None:
    it = computer()
    it.bank.force(2)
    assert it.receive(b"hel", 0.0) == []
    assert it.receive(b"lo\n", 9.0) == [b"level 5 0\n", b"level 6 1\n", b"hello\n"]


def test_a_door_that_moves_moves_its_pin() -> None:
    it = computer()
    it.bank.force(1)
    assert it.door_changed(it.bank.doors[1]) == [b"level 5 1\n"]
    it.bank.push(1)
    assert it.door_changed(it.bank.doors[1]) == [b"level 5 0\n"]


def test_a_level_powers_a_coil_once() -> None:
    it = computer()
    it.receive(b"out 27 0\nout 27 1\nout 27 1\n", 1.0)
    assert it.look(1.0) == {2}
    assert it.bank.doors[2].pulses == 1
    it.receive(b"out 27 0\n", 1.3)
    assert it.look(1.3) == frozenset()


def test_active_low_relays_and_pins_that_nobody_drives() -> None:
    it = computer(relay_on=0)
    assert it.look(0.0) == frozenset()
    it.receive(b"out 17 0\n", 1.0)
    assert it.look(1.0) == {1}
    it.receive(b"in 17\n", 1.1)
    assert it.look(1.1) == frozenset()


def test_anything_else_moves_nothing() -> None:
    it = computer()
    it.receive(b"\xff\nout\nout 17\nout 17 2\nout x 1\nout 99 1\nout 17 1 1\nlevel 17 1\n" + b"out 17 1" * 20, 0.0)
    assert it.look(0.0) == frozenset()


def test_what_a_killed_program_leaves_on_burns_unless_hardware_ends_it() -> None:
    """Why the profile demands a one-shot timer: nobody is left to send `out 17 0`."""
    bare, timed = computer(), computer(one_shot=1.0)
    for it in (bare, timed):
        it.receive(b"out 17 1\n", 0.0)
    assert bare.look(6.0) == {1}
    assert bare.burnt == {1}
    assert timed.look(0.9) == {1}
    assert timed.look(6.0) == frozenset()
    assert timed.burnt == set()
