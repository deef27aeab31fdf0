"""First come, first served; one person for each free compartment; a small paper does not need a large compartment."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hub.core.catalogue import SIZES
from hub.core.waiting import Place, to_call

sizes = st.sampled_from(SIZES)


def test_the_first_of_two_is_told() -> None:
    assert to_call(["m"], [Place("A", "s"), Place("B", "s")]) == ["A"]


def test_who_does_not_fit_is_passed_over_and_keeps_the_turn() -> None:
    assert to_call(["s"], [Place("A", "l"), Place("B", "s")]) == ["B"]
    assert to_call(["s", "l"], [Place("A", "l"), Place("B", "s")]) == ["A", "B"]


def test_a_small_paper_leaves_the_large_compartment_to_the_next() -> None:
    assert to_call(["l", "s"], [Place("A", "s"), Place("B", "l")]) == ["A", "B"]


def test_who_was_told_already_has_one_of_them() -> None:
    assert to_call(["m"], [Place("B", "s"), Place("A", "s", called=True)]) == []
    assert to_call(["m", "m"], [Place("B", "s"), Place("A", "s", called=True)]) == ["B"]


def test_a_size_nobody_knows_calls_nobody() -> None:
    assert to_call(["xl"], [Place("A", "s")]) == []


@given(st.lists(sizes, max_size=8), st.lists(st.tuples(sizes, st.booleans()), max_size=12))
def test_never_more_people_than_compartments_and_nobody_is_overtaken(
    free: list[str], line: list[tuple[str, bool]]
) -> None:
    places = [Place(str(index), size, called) for index, (size, called) in enumerate(line)]
    told = to_call(free, places)
    assert len(told) <= len(free)
    assert told == sorted(told, key=int)
    waiting = [place for place in places if not place.called]
    for before, after in pairwise(waiting):
        if before.size == after.size and after.receipt_number in told:
            assert before.receipt_number in told
