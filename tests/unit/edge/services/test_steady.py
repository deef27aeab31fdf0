"""A person moves a door a few times a minute, a loose magnet many times a second."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.ports import Door
from edge.services.steady import CHANGES, RESTS_FOR_S, WITHIN_S, Steady


def flicker(steady: Steady, times: int, every_s: float, start: float = 0.0) -> list[Door]:
    steady.judge(1, Door.CLOSED, start)
    doors = [Door.OPEN if n % 2 == 0 else Door.CLOSED for n in range(times)]
    return [steady.judge(1, door, start + every_s * (n + 1)) for n, door in enumerate(doors)]


def test_a_flickering_contact_is_no_reading_until_it_rests() -> None:
    steady = Steady()
    believed = flicker(steady, CHANGES + 3, 0.25)
    assert believed[:CHANGES] == [Door.OPEN, Door.CLOSED] * (CHANGES // 2)
    assert set(believed[CHANGES:]) == {Door.UNKNOWN}
    assert steady.flapping == {1}
    last = 0.25 * (CHANGES + 3)
    assert steady.judge(1, Door.OPEN, last + RESTS_FOR_S - 0.1) is Door.UNKNOWN
    assert steady.judge(1, Door.OPEN, last + RESTS_FOR_S) is Door.OPEN
    assert steady.flapping == frozenset()


def test_a_busy_person_is_believed() -> None:
    assert Door.UNKNOWN not in flicker(Steady(), 100, WITHIN_S / CHANGES + 0.01)


def test_a_door_that_is_unlocked_again_and_again_does_not_flicker() -> None:
    steady = Steady()
    for n in range(50):
        steady.unlocked(1)
        assert steady.judge(1, Door.OPEN, n * 0.2) is Door.OPEN
        assert steady.judge(1, Door.CLOSED, n * 0.2 + 0.1) is Door.CLOSED
    flicker(steady, CHANGES + 3, 0.1, start=20.0)
    steady.unlocked(1)
    assert steady.flapping == {1}, "an unlock proves nothing of a contact that flickers now"


def test_a_board_that_comes_and_goes_says_nothing_of_its_sensors() -> None:
    steady = Steady()
    for n in range(100):
        door = Door.UNKNOWN if n % 2 else Door.CLOSED
        assert steady.judge(1, door, n * 0.1) is door


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.sampled_from(list(Door)), st.floats(0.05, 40)), max_size=60))
def test_what_is_believed_was_read_or_is_unknown_and_doors_do_not_disturb_each_other(
    readings: list[tuple[int, Door, float]],
) -> None:
    both, alone, now = Steady(), Steady(), 0.0
    for number, door, passed in readings:
        now += passed
        believed = both.judge(number, door, now)
        assert believed in {door, Door.UNKNOWN}
        if number == 1:
            assert alone.judge(1, door, now) is believed
