"""Allocation, and the transitions that must not exist."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from contract.events import Purpose
from edge.core.compartment import Allocation, Compartment, Deposit, Item, choose
from edge.errors import BugError, NoneFitsError
from edge.ports import Door

VISIT = uuid4()
FREE = Compartment(7, "m")
RESERVED = FREE.reserve(Purpose.DEPOSIT, VISIT, Door.CLOSED)
OCCUPIED = RESERVED.see_open().occupy(Deposit("7K3M9Q2T8X4"))
WAITING = replace(OCCUPIED, content=Item("0" * 43))


def test_a_deposit_goes_from_free_to_occupied() -> None:
    assert (RESERVED.allocation, RESERVED.visit) == (Allocation.RESERVED, VISIT)
    assert (OCCUPIED.allocation, OCCUPIED.visit, OCCUPIED.door_seen_open) == (Allocation.OCCUPIED, None, False)


@pytest.mark.parametrize("door", [Door.OPEN, Door.UNKNOWN])
def test_nothing_is_reserved_or_released_unless_the_door_is_read_closed(door: Door) -> None:
    with pytest.raises(BugError):
        FREE.reserve(Purpose.DEPOSIT, VISIT, door)
    with pytest.raises(BugError):
        RESERVED.release(door)
    assert RESERVED.release(Door.CLOSED) == FREE


def test_once_seen_open_it_is_not_released() -> None:
    with pytest.raises(BugError, match="seen open"):
        RESERVED.see_open().release(Door.CLOSED)


@pytest.mark.parametrize("taken", [RESERVED, OCCUPIED, FREE.mark_doubtful(), FREE.take_out("jammed")])
def test_only_what_is_free_and_in_service_is_reserved(taken: Compartment) -> None:
    with pytest.raises(BugError):
        taken.reserve(Purpose.DEPOSIT, uuid4(), Door.CLOSED)


def test_a_held_compartment_is_not_held_twice() -> None:
    held = WAITING.engage(Purpose.PICKUP, VISIT)
    with pytest.raises(BugError, match="holds"):
        held.engage(Purpose.PICKUP, uuid4())


@pytest.mark.parametrize(
    ("compartment", "purpose"),
    [
        (OCCUPIED, Purpose.PICKUP),
        (WAITING.take_out("jammed"), Purpose.PICKUP),
        (FREE, Purpose.CLEAR),
        (OCCUPIED, Purpose.INSPECT),
        (FREE.mark_doubtful(), Purpose.DEPOSIT),
    ],
)
def test_engage_refuses_what_the_purpose_does_not_fit(compartment: Compartment, purpose: Purpose) -> None:
    with pytest.raises(BugError):
        compartment.engage(purpose, VISIT)


def test_collected_needs_a_pickup_whose_door_was_open() -> None:
    held = WAITING.engage(Purpose.PICKUP, VISIT)
    with pytest.raises(BugError):
        held.collected()
    assert held.see_open().collected().allocation is Allocation.FREE
    with pytest.raises(BugError):
        WAITING.engage(Purpose.CLEAR, VISIT).see_open().collected()


def test_doubt_is_lifted_by_staff_alone_and_only_after_looking() -> None:
    doubtful = RESERVED.mark_doubtful(Deposit("7K3M9Q2T8X4"))
    inspected = doubtful.engage(Purpose.INSPECT, VISIT)
    with pytest.raises(BugError):
        inspected.free_by_staff()
    with pytest.raises(BugError):
        RESERVED.see_open().free_by_staff()
    assert inspected.release(Door.CLOSED) == doubtful
    assert inspected.see_open().left_by_staff() == doubtful
    assert inspected.see_open().free_by_staff().allocation is Allocation.FREE


def test_service_is_separate_from_allocation() -> None:
    out = OCCUPIED.take_out("not_opened").take_out("later")
    assert (out.allocation, out.out_reason) == (Allocation.OCCUPIED, "not_opened")
    assert out.return_to_service() == OCCUPIED
    with pytest.raises(BugError):
        OCCUPIED.return_to_service()


def test_choose_takes_the_smallest_that_fits_then_the_reach_then_the_number() -> None:
    cabinet = [Compartment(1, "l"), Compartment(2, "m", "high"), Compartment(3, "m", "low"), Compartment(4, "s")]
    doors = dict.fromkeys((1, 2, 3, 4), Door.CLOSED)
    assert choose(cabinet, doors, "m").number == 2
    assert choose(cabinet, doors, "m", "low").number == 3
    assert choose(cabinet, doors | {2: Door.OPEN, 3: Door.UNKNOWN}, "m").number == 1
    with pytest.raises(NoneFitsError):
        choose(cabinet, {}, "s")
    with pytest.raises(NoneFitsError):
        choose([FREE.mark_doubtful(), RESERVED, OCCUPIED, FREE.take_out("jammed")], {7: Door.CLOSED}, "s")
