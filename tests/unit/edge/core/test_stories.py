"""The stories step by step: what is decided, and which events say so."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from contract.events import Purpose
from contract.ids import check_symbol
from edge.core import advance, clear, deposit, load, pickup
from edge.core.compartment import Allocation, Compartment, Item
from edge.core.visit import (
    Answer,
    Cancelled,
    Confirmed,
    Decision,
    DoorSeen,
    Idle,
    Input,
    OtherDoorOpened,
    Restarted,
    Slip,
    Step,
    UnlockFailed,
)
from edge.errors import BugError
from edge.ports import Door

RECEIPT = "7K3M9Q2T8X" + check_symbol("7K3M9Q2T8X")
ITEM = Item("0" * 31 + "20261124" + "0001")
FREE = Compartment(12, "m")
OPENED, SHUT = DoorSeen(Door.OPEN), DoorSeen(Door.CLOSED)


def _deposit() -> Decision:
    return deposit.begin(uuid4(), FREE, Door.CLOSED, uuid4(), receipt_number=RECEIPT, boot=1)


def _load() -> Decision:
    return load.begin(uuid4(), FREE, Door.CLOSED, uuid4(), item=ITEM, staff="B1", boot=1)


def _pickup() -> Decision:
    return pickup.begin(
        uuid4(), replace(FREE, allocation=Allocation.OCCUPIED, content=ITEM), uuid4(), receipt_number=RECEIPT, boot=1
    )


def _clear(kind: clear.Kind = Purpose.CLEAR, compartment: Compartment | None = None) -> Decision:
    filled = compartment or _after(_deposit(), OPENED, SHUT, Confirmed(Answer.CONFIRMED)).compartments[0]
    return clear.begin(uuid4(), filled, uuid4(), kind=kind, staff="B1", boot=1)


def _after(decision: Decision, *inputs: Input) -> Decision:
    """Feed inputs one after the other; decisions that change nothing keep the compartment before."""
    for given in inputs:
        compartment = decision.compartments[0]
        decision = advance.advance(decision.visit, compartment, given)
        decision = decision if decision.compartments else replace(decision, compartments=(compartment,))
    return decision


def _told(decision: Decision) -> list[str]:
    return [event.type for event in decision.events]


def test_begin_reserves_uses_a_grant_and_asks_for_one_pulse() -> None:
    begun = _deposit()
    assert begun.pulse
    assert begun.grant is not None
    assert (begun.grant.state, begun.grant.compartment) == ("used", 12)
    assert begun.compartments[0].allocation is Allocation.RESERVED


def test_a_deposit_is_made_by_the_citizens_word_behind_a_closed_door() -> None:
    event_id = uuid4()
    opened = _after(_deposit(), OPENED)
    assert _told(opened) == ["door_opened"]
    shut = _after(opened, SHUT)
    assert (_told(shut), shut.visit.step) == (["door_closed"], Step.CLOSED)
    made = _after(shut, Confirmed(Answer.CONFIRMED, event_id=event_id, phone_sealed="e30.e30"))
    assert made.events_with_ids() == [(made.events[0], event_id)]
    assert (_told(made), made.visit.step) == (["deposit_made"], Step.DONE)
    assert made.slip is not None
    assert (made.slip.receipt_number, made.slip.occasion) == (RECEIPT, "deposit_done")


@pytest.mark.parametrize("given", [Confirmed(Answer.NOTHING), Idle(Door.CLOSED), Cancelled(Door.CLOSED)])
def test_a_deposit_that_was_open_and_is_not_confirmed_is_doubtful(given: Input) -> None:
    ended = _after(_deposit(), OPENED, SHUT, given)
    assert (ended.visit.step, ended.compartments[0].allocation) == (Step.DOUBTFUL, Allocation.DOUBTFUL)
    assert _told(ended) == ["deposit_abandoned", "compartment_doubtful"]
    assert ended.slip is not None
    assert ended.slip.occasion == "deposit_doubtful"


def test_cancelled_before_the_door_opened_it_is_free_again() -> None:
    ended = _after(_deposit(), Cancelled(Door.CLOSED))
    assert ended.compartments[0] == FREE
    assert _told(ended) == ["deposit_abandoned"]


def test_cancelled_as_the_door_opens_it_goes_on() -> None:
    assert _after(_deposit(), Cancelled(Door.OPEN)).visit.step is Step.OPEN


@pytest.mark.parametrize("end", [Cancelled(Door.CLOSED), Idle(Door.CLOSED), Restarted(Door.CLOSED)])
def test_a_door_that_could_not_be_read_counts_as_open(end: Input) -> None:
    ended = _after(_deposit(), DoorSeen(Door.UNKNOWN), end)
    assert ended.compartments[0].allocation is Allocation.DOUBTFUL


def test_one_second_pulse_under_the_same_grant_then_the_next_compartment() -> None:
    begun = _deposit()
    again = _after(begun, UnlockFailed(Door.CLOSED))
    assert (again.pulse, again.grant, again.visit.grant) == (True, None, begun.visit.grant)
    failed = _after(again, UnlockFailed(Door.CLOSED))
    assert (failed.another, failed.pulse) == (True, False)
    assert _told(failed) == ["door_failed", "compartment_taken_out"]
    assert (failed.compartments[0].allocation, failed.compartments[0].in_service) == (Allocation.FREE, False)
    moved = advance.move_to(failed.visit, Compartment(13, "m"), Door.CLOSED, uuid4())
    assert (moved.visit.compartment, moved.visit.receipt_number, moved.pulse) == (13, RECEIPT, True)
    given_up = advance.give_up(failed.visit)
    assert _told(given_up) == ["deposit_abandoned"]
    assert given_up.slip == Slip(RECEIPT, 12, "deposit_failed")


def test_three_doors_that_fail_end_the_visit() -> None:
    decision = _deposit()
    for number in (13, 14):
        decision = _after(decision, UnlockFailed(Door.CLOSED), UnlockFailed(Door.CLOSED))
        decision = advance.move_to(decision.visit, Compartment(number, "m"), Door.CLOSED, uuid4())
    last = _after(decision, UnlockFailed(Door.CLOSED), UnlockFailed(Door.CLOSED))
    assert not last.another
    assert _told(last) == ["door_failed", "deposit_abandoned", "compartment_taken_out"]


def test_a_silent_board_leaves_a_doubt() -> None:
    ended = _after(_deposit(), UnlockFailed(Door.UNKNOWN))
    assert _told(ended) == ["door_failed", "deposit_abandoned", "compartment_doubtful", "compartment_taken_out"]


@pytest.mark.parametrize("begun", [_deposit(), _load()])
def test_after_a_restart_paper_may_lie_behind_a_closed_door(begun: Decision) -> None:
    """While the edge was dead the door may have opened, taken what was brought, and been shut again."""
    ended = _after(begun, Restarted(Door.CLOSED))
    assert ended.compartments[0].allocation is Allocation.DOUBTFUL
    assert _told(ended)[-1] == "compartment_doubtful"


@pytest.mark.parametrize("begun", [_pickup(), _clear()])
def test_after_a_restart_an_occupied_compartment_is_what_it_was(begun: Decision) -> None:
    ended = _after(begun, Restarted(Door.CLOSED))
    assert (ended.compartments[0].allocation, ended.compartments[0].visit) == (Allocation.OCCUPIED, None)
    assert not ended.code_used


@pytest.mark.parametrize("begun", [_deposit(), _load(), _pickup(), _clear()])
@pytest.mark.parametrize(
    "seen", [(Restarted(Door.OPEN),), (Restarted(Door.UNKNOWN),), (OPENED, Restarted(Door.CLOSED))]
)
def test_after_a_restart_everything_else_is_doubtful(begun: Decision, seen: tuple[Input, ...]) -> None:
    ended = _after(begun, *seen)
    assert ended.compartments[0].allocation is Allocation.DOUBTFUL
    assert "compartment_doubtful" in _told(ended)
    assert not ended.pulse


def test_a_pickup_spends_its_code_when_the_door_is_seen_open() -> None:
    begun = _pickup()
    assert not begun.code_used
    opened = _after(begun, OPENED)
    assert opened.code_used
    collected = _after(opened, SHUT, Confirmed(Answer.CONFIRMED))
    assert _told(collected) == ["item_collected"]
    assert collected.compartments[0] == FREE


def test_a_pickup_whose_door_stayed_shut_keeps_its_code() -> None:
    for given in (Restarted(Door.CLOSED), Idle(Door.CLOSED), Cancelled(Door.CLOSED)):
        ended = _after(_pickup(), given)
        assert not ended.code_used
        assert (ended.compartments[0].allocation, ended.compartments[0].visit) == (Allocation.OCCUPIED, None)


def test_a_pickup_that_went_wrong_ends_in_a_slip_and_a_cancelled_one_does_not() -> None:
    jammed = _after(_pickup(), UnlockFailed(Door.CLOSED), UnlockFailed(Door.CLOSED))
    assert jammed.slip == _after(_pickup(), Restarted(Door.CLOSED)).slip == Slip(RECEIPT, 12, "pickup_failed")
    doubted = _after(_pickup(), OPENED, SHUT, Confirmed(Answer.NOTHING))
    assert doubted.slip == Slip(RECEIPT, 12, "pickup_doubtful")
    assert [getattr(event, "receipt_number", None) for event in doubted.events] == [RECEIPT]
    for given in (Idle(Door.CLOSED), Cancelled(Door.CLOSED)):
        assert _after(_pickup(), given).slip is None


def test_the_same_door_opens_three_times_a_visit_each_with_its_own_grant() -> None:
    decision = _after(_pickup(), OPENED, SHUT)
    grants: set[UUID | None] = {decision.visit.grant}
    for _ in range(2):
        again = advance.reopen(decision.visit, decision.compartments[0], uuid4())
        assert again.grant is not None
        grants.add(again.grant.id)
        decision = _after(again, OPENED, SHUT)
    assert len(grants) == 3
    assert not decision.visit.may_reopen
    with pytest.raises(BugError):
        advance.reopen(decision.visit, decision.compartments[0], uuid4())


def test_a_reopened_visit_stays_unclean() -> None:
    closed = _after(_deposit(), OPENED, SHUT)
    again = advance.reopen(closed.visit, closed.compartments[0], uuid4())
    assert _after(again, Restarted(Door.CLOSED)).compartments[0].allocation is Allocation.DOUBTFUL
    assert not _after(again, UnlockFailed(Door.CLOSED), UnlockFailed(Door.CLOSED)).another


def test_a_load_carries_the_sealed_code() -> None:
    event_id = uuid4()
    loaded = _after(_load(), OPENED, SHUT, Confirmed(Answer.CONFIRMED, event_id=event_id, code_sealed="e30.e30"))
    assert loaded.events_with_ids() == [(loaded.events[0], event_id)]
    assert loaded.compartments[0].content == ITEM
    nothing = _after(_load(), OPENED, SHUT, Confirmed(Answer.NOTHING))
    assert nothing.compartments[0] == FREE


@pytest.mark.parametrize(("answer", "found"), [(Answer.CONFIRMED, True), (Answer.NOTHING, False)])
def test_a_clearing_says_what_was_found(answer: Answer, found: bool) -> None:
    cleared = _after(_clear(), OPENED, SHUT, Confirmed(answer))
    assert cleared.compartments[0] == FREE
    assert cleared.events[0].model_dump()["found"] is found
    assert cleared.events[0].type == "deposit_cleared"


def test_an_inspection_settles_a_doubt_and_returns_to_service() -> None:
    doubtful = _after(_deposit(), UnlockFailed(Door.UNKNOWN)).compartments[0]
    inspected = _after(_clear(Purpose.INSPECT, doubtful), OPENED, SHUT)
    settled = _after(inspected, Confirmed(Answer.NOTHING))
    assert settled.compartments[0] == FREE
    assert _told(settled) == ["deposit_cleared", "compartment_returned"]
    left = _after(inspected, Confirmed(Answer.LEFT))
    assert left.compartments[0].allocation is Allocation.DOUBTFUL
    with pytest.raises(BugError):
        _after(_clear(), OPENED, SHUT, Confirmed(Answer.LEFT))


def test_another_door_that_opens_takes_both_out_of_service() -> None:
    begun = _deposit()
    other = Compartment(13, "m")
    decision = advance.advance(begun.visit, begun.compartments[0], OtherDoorOpened(other, Door.CLOSED))
    asked, opened = decision.compartments
    assert (asked.allocation, asked.in_service) == (Allocation.FREE, False)
    assert (opened.allocation, opened.in_service) == (Allocation.DOUBTFUL, False)
    assert _told(decision)[0] == "door_failed"


def test_a_door_pulled_open_again_is_forced_and_goes_on() -> None:
    again = _after(_deposit(), OPENED, SHUT, OPENED)
    assert (_told(again), again.visit.step) == (["door_forced"], Step.OPEN)


def test_nothing_is_confirmed_before_the_door_is_closed() -> None:
    for begun in (_deposit(), _after(_deposit(), OPENED)):
        with pytest.raises(BugError):
            _after(begun, Confirmed(Answer.CONFIRMED))


def test_an_ended_visit_and_a_foreign_compartment_are_refused() -> None:
    ended = _after(_deposit(), Cancelled(Door.CLOSED))
    with pytest.raises(BugError):
        advance.advance(ended.visit, ended.compartments[0], OPENED)
    begun, other = _deposit(), _deposit()
    with pytest.raises(BugError):
        advance.advance(begun.visit, other.compartments[0], OPENED)


def test_forced_doors() -> None:
    doubted, events = advance.forced(FREE)
    assert doubted.allocation is Allocation.DOUBTFUL
    assert [event.type for event in events] == ["door_forced", "compartment_doubtful"]
    assert [event.type for event in advance.forced(doubted)[1]] == ["door_forced"]
