"""The planner of a trolley: nothing twice, nothing too small, everything placed if there is a way at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from contract.events import Purpose
from edge.core.compartment import SIZES, Allocation, Compartment
from edge.core.trolley import TrolleyItem, plan
from edge.ports import Door

SOON = datetime(2026, 11, 25, 9, tzinfo=UTC)
sizes = st.sampled_from(SIZES)
reaches = st.sampled_from(("low", "middle", "high"))
doors = st.sampled_from([Door.CLOSED] * 5 + [Door.OPEN, Door.UNKNOWN])
cabinets = st.lists(st.tuples(sizes, reaches, doors, st.booleans()), max_size=9)
loads = st.lists(st.tuples(sizes, st.none() | st.integers(0, 5), st.booleans()), max_size=9)


def item(name: str, size: str = "s", days: int | None = None, *, low: bool = False) -> TrolleyItem:
    return TrolleyItem(name, size, None if days is None else SOON + timedelta(days=days), low)


def closed(*cabinet: Compartment) -> dict[int, Door]:
    return dict.fromkeys((each.number for each in cabinet), Door.CLOSED)


def test_small_things_leave_large_compartments_to_large_ones() -> None:
    cabinet = (Compartment(1, "l"), Compartment(2, "s"))
    assert plan([item("a"), item("b", "l")], cabinet, closed(*cabinet)).places == {"a": 2, "b": 1}


def test_who_needs_a_low_door_gets_it_and_nobody_else_takes_it_needlessly() -> None:
    cabinet = (Compartment(1, "s", "low"), Compartment(2, "s", "high"), Compartment(3, "s", "middle"))
    wanted = [item("a", days=0), item("b", low=True)]
    assert plan(wanted, cabinet, closed(*cabinet)).places == {"a": 3, "b": 1}


def test_a_larger_low_door_before_a_high_one_unless_somebody_would_be_left_over() -> None:
    cabinet = (Compartment(1, "s", "high"), Compartment(2, "l", "low"))
    assert plan([item("a", low=True)], cabinet, closed(*cabinet)).places == {"a": 2}
    both = plan([item("a", low=True), item("b", "l")], cabinet, closed(*cabinet))
    assert both.places == {"a": 1, "b": 2}


def test_who_is_due_first_is_not_left_over() -> None:
    cabinet = (Compartment(1, "m"),)
    found = plan([item("late", "s", 3), item("soon", "m", 1), item("never")], cabinet, closed(*cabinet))
    assert (found.places, found.left_over) == ({"soon": 1}, ("late", "never"))


def test_a_door_that_is_not_shut_and_a_compartment_in_use_are_left_alone() -> None:
    used = Compartment(2, "s", allocation=Allocation.OCCUPIED)
    booked = Compartment(3, "s").book("x")
    assert (booked.allocation, booked.purpose, booked.unbook()) == (
        Allocation.RESERVED,
        Purpose.LOAD,
        Compartment(3, "s"),
    )
    cabinet = (Compartment(1, "s"), used, booked)
    assert plan([item("a")], cabinet, {1: Door.OPEN, 2: Door.CLOSED, 3: Door.CLOSED}).left_over == ("a",)


@settings(deadline=None)
@given(cabinets, loads)
def test_never_two_in_one_never_too_small_and_all_if_there_is_a_way(
    cabinet: list[tuple[str, str, Door, bool]], load: list[tuple[str, int | None, bool]]
) -> None:
    compartments = [
        Compartment(number, size, reach, in_service=serving)
        for number, (size, reach, _, serving) in enumerate(cabinet, 1)
    ]
    read = {number: door for number, (_, _, door, _) in enumerate(cabinet, 1)}
    items = [item(str(index), size, days, low=low) for index, (size, days, low) in enumerate(load)]
    found = plan(items, compartments, read)
    assert len(set(found.places.values())) == len(found.places)
    assert {*found.places, *found.left_over} == {each.case_number for each in items}
    assert not set(found.places) & set(found.left_over)
    by_number = {each.number: each for each in compartments}
    for each in items:
        if each.case_number in found.places:
            chosen = by_number[found.places[each.case_number]]
            assert SIZES.index(chosen.size) >= SIZES.index(each.size)
            assert chosen.in_service
            assert read[chosen.number] is Door.CLOSED
    usable = [each for each in compartments if each.in_service and read[each.number] is Door.CLOSED]
    assert len(found.places) == most_that_fit(items, usable)


def most_that_fit(items: list[TrolleyItem], compartments: list[Compartment]) -> int:
    """Return the size of the largest matching, by augmenting paths: another way of finding the answer."""
    taken: dict[int, TrolleyItem] = {}

    def find(wanted: TrolleyItem, seen: set[int]) -> bool:
        for each in compartments:
            if SIZES.index(each.size) < SIZES.index(wanted.size) or each.number in seen:
                continue
            seen.add(each.number)
            if each.number not in taken or find(taken[each.number], seen):
                taken[each.number] = wanted
                return True
        return False

    return sum(find(each, set()) for each in items)
