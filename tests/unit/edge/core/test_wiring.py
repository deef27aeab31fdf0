"""Which boards stand on a port, and what doors that contradict each other prove."""

from __future__ import annotations

from edge.core.wiring import (
    Answered,
    Evidence,
    Moved,
    NotOne,
    Pictures,
    Reading,
    ScanRefusal,
    Sensor,
    Wiring,
    compare,
    settled,
    sort_answers,
)
from edge.ports import Door

BAUDS = {"a": (9600, 19200), "b": (19200, 9600)}
UP: Reading = (("polarity", "up"),)
DOWN: Reading = (("polarity", "down"),)
BOTH_1 = Sensor("x", frozenset({(UP, 1), (DOWN, 1)}))
OPEN, SHUT = Door.OPEN, Door.CLOSED


def test_boards_of_one_family_at_one_speed() -> None:
    assert sort_answers([Answered("a", 19200, 7), Answered("a", 19200, 2)], BAUDS) == [
        Answered("a", 19200, 2),
        Answered("a", 19200, 7),
    ]


def test_a_wire_without_a_speed_answers_at_all_and_the_usual_one_is_taken() -> None:
    assert sort_answers([Answered("b", 9600, 1), Answered("b", 19200, 1)], BAUDS) == [Answered("b", 19200, 1)]


def test_what_cannot_share_a_wire_is_refused() -> None:
    assert sort_answers([], BAUDS) == ScanRefusal("nobody_answers")
    assert sort_answers([Answered("a", 9600, 1), Answered("b", 19200, 1)], BAUDS) == ScanRefusal("two_families", "a, b")
    mixed = sort_answers([Answered("a", 9600, 1), Answered("a", 19200, 2)], BAUDS)
    assert mixed == ScanRefusal("two_speeds", "1: [9600]; 2: [19200]")


def test_one_sensor_two_or_none() -> None:
    shut: Pictures = {"x": {UP: {1: SHUT, 2: SHUT}, DOWN: {1: OPEN, 2: OPEN}}}
    one: Pictures = {"x": {UP: {1: OPEN, 2: SHUT}, DOWN: {1: SHUT, 2: OPEN}}}
    two: Pictures = {"x": {UP: {1: OPEN, 2: OPEN}, DOWN: {1: SHUT, 2: SHUT}}}
    assert compare(shut, one) == Moved(BOTH_1, {UP: 1})
    assert compare(one, shut) == Moved(BOTH_1, {DOWN: 1})
    assert compare(shut, two) == NotOne({"x": BOTH_1.sights | {(UP, 2), (DOWN, 2)}})
    assert compare(shut, shut) == NotOne({})


def test_a_sensor_that_one_reading_has_no_channel_for_contradicts_it() -> None:
    shut: Pictures = {"x": {UP: {1: SHUT}, DOWN: {}}}
    now: Pictures = {"x": {UP: {1: OPEN}, DOWN: {}}}
    assert compare(shut, now) == Moved(Sensor("x", frozenset({(UP, 1)})), {UP: 1})


def test_a_door_that_was_unknown_before_proves_nothing_by_being_open() -> None:
    before: Pictures = {"x": {UP: {1: Door.UNKNOWN}}}
    assert compare(before, {"x": {UP: {1: OPEN}}}) == Moved(Sensor("x", frozenset({(UP, 1)})), {})


def seen(number: int, *readings: tuple[tuple[str, str], ...]) -> Evidence:
    return Evidence(number, Sensor("x", frozenset({(UP, number)})), dict.fromkeys(readings, number))


def test_the_fewer_doors_are_the_ones_that_contradict() -> None:
    wiring = Wiring((seen(1, UP), seen(2, UP), seen(3, DOWN)))
    assert wiring.readings("x") == []
    assert wiring.contradicting("x") == [3]
    assert wiring.without(3).readings("x") == [UP]
    assert wiring.without(3).contradicting("x") == []


def test_one_against_one_accuses_both() -> None:
    assert Wiring((seen(1, UP), seen(2, DOWN))).contradicting("x") == [1, 2]


def test_nothing_is_settled_while_two_readings_are_left() -> None:
    assert settled([UP]) == UP
    assert settled([UP, DOWN]) is None
    assert settled([UP, DOWN], ["polarity"]) == ()
