"""A technician's doors: a test of a free compartment, an emergency release by two; and sensors nobody believes."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from contract.events import EmergencyReleaseGranted, EventData, Purpose
from contract.ids import check_symbol
from edge.core import advance, clear, deposit, pickup, service
from edge.core.compartment import NOT_FITTED, Allocation, Compartment, Deposit, Item
from edge.core.visit import (
    Answer,
    Cancelled,
    Confirmed,
    Decision,
    DoorSeen,
    Idle,
    Input,
    Restarted,
    SensorContradicted,
    Step,
    UnlockFailed,
)
from edge.errors import BugError
from edge.ports import Door

RECEIPT = "7K3M9Q2T8X" + check_symbol("7K3M9Q2T8X")
ITEM = Item("0" * 31 + "20261124" + "0001")
FREE = Compartment(12, "m")
WITH_ITEM = replace(FREE, allocation=Allocation.OCCUPIED, content=ITEM)
WITH_PAPERS = replace(FREE, allocation=Allocation.OCCUPIED, content=Deposit(RECEIPT))
OPENED, SHUT = DoorSeen(Door.OPEN), DoorSeen(Door.CLOSED)


def _test(compartment: Compartment = FREE) -> Decision:
    return service.begin_test(uuid4(), compartment, uuid4(), staff="B1", boot=1)


def _release(compartment: Compartment = WITH_ITEM) -> Decision:
    return service.begin_release(uuid4(), compartment, uuid4(), staff="B1", witness="B2", reason="jammed", boot=1)


def _after(decision: Decision, *inputs: Input) -> Decision:
    for given in inputs:
        compartment = decision.compartments[0]
        decision = advance.advance(decision.visit, compartment, given)
        decision = decision if decision.compartments else replace(decision, compartments=(compartment,))
    return decision


def _told(decision: Decision) -> list[str]:
    return [event.type for event in decision.events]


def _only(decision: Decision, kind: type[EventData]) -> EventData:
    (found,) = [event for event in decision.events if isinstance(event, kind)]
    return found


def test_a_release_is_on_record_with_the_grant_before_any_coil_moves() -> None:
    begun = _release()
    (granted,) = begun.events
    assert isinstance(granted, EmergencyReleaseGranted)
    assert begun.grant is not None
    assert (granted.compartment, granted.staff, granted.reason, granted.by) == (12, ("B1", "B2"), "jammed", "staff")
    assert granted.grant == begun.grant.id
    assert (begun.pulse, begun.grant.state, len(begun.compartments)) == (True, "used", 1)


@pytest.mark.parametrize(("witness", "reason"), [("B1", "jammed"), ("B2", ""), ("B2", "  ")])
def test_no_release_by_one_person_or_without_a_reason(witness: str, reason: str) -> None:
    with pytest.raises(BugError):
        service.begin_release(uuid4(), FREE, uuid4(), staff="B1", witness=witness, reason=reason, boot=1)


def test_neither_touches_what_a_visit_holds_or_what_is_not_fitted() -> None:
    held = deposit.begin(uuid4(), FREE, Door.CLOSED, uuid4(), receipt_number=RECEIPT, boot=1).compartments[0]
    for compartment in (held, FREE.take_out(NOT_FITTED)):
        with pytest.raises(BugError):
            _release(compartment)
        with pytest.raises(BugError):
            _test(compartment)


def test_only_a_free_compartment_is_tested() -> None:
    for compartment in (WITH_ITEM, WITH_PAPERS, FREE.mark_doubtful()):
        with pytest.raises(BugError):
            _test(compartment)


@pytest.mark.parametrize("before", [FREE, FREE.take_out("not_opened")])
def test_a_door_in_order_is_back_in_service(before: Compartment) -> None:
    done = _after(_test(before), OPENED, SHUT, Confirmed(Answer.CONFIRMED))
    assert (done.visit.step, done.compartments[0]) == (Step.DONE, FREE)
    assert _told(done) == ([] if before.in_service else ["compartment_returned"])


def test_a_door_not_in_order_goes_out_and_an_unexpected_content_is_a_doubt() -> None:
    out = _after(_test(), OPENED, SHUT, Confirmed(Answer.NOTHING)).compartments[0]
    assert (out.allocation, out.in_service, out.out_reason) == (Allocation.FREE, False, "failed_test")
    full = _after(_test(), OPENED, SHUT, Confirmed(Answer.LEFT))
    assert (full.visit.step, full.compartments[0].allocation) == (Step.DOUBTFUL, Allocation.DOUBTFUL)


@pytest.mark.parametrize("before", [WITH_ITEM, WITH_PAPERS, FREE, WITH_PAPERS.mark_doubtful()])
@pytest.mark.parametrize("out", [False, True])
def test_what_two_persons_state_is_what_lies_inside(before: Compartment, out: bool) -> None:
    before = before.take_out("not_opened") if out else before
    left = _after(_release(before), OPENED, SHUT, Confirmed(Answer.LEFT)).compartments[0]
    assert left == before
    for answer in (Answer.CONFIRMED, Answer.NOTHING):
        emptied = _after(_release(before), OPENED, SHUT, Confirmed(answer))
        now = emptied.compartments[0]
        assert (now.allocation, now.content, now.in_service) == (Allocation.FREE, None, before.in_service)
        assert emptied.code_used is isinstance(before.content, Item)
        assert ("compartment_returned" in _told(emptied)) is before.in_service


def test_both_badges_stand_behind_an_item_that_was_taken_out() -> None:
    emptied = _after(_release(), OPENED, SHUT, Confirmed(Answer.CONFIRMED))
    cleared = emptied.events[0]
    assert cleared.model_dump()["staff"] == ("B1", "B2")


@pytest.mark.parametrize("end", [Idle(Door.CLOSED), Restarted(Door.CLOSED), Cancelled(Door.CLOSED)])
def test_a_release_that_nobody_answers_for_is_a_doubt(end: Input) -> None:
    ended = _after(_release(), OPENED, SHUT, end)
    assert ended.compartments[0].allocation is Allocation.DOUBTFUL
    assert ended.compartments[0].content == ITEM


def test_what_the_coil_did_not_do_the_emergency_key_may_do() -> None:
    again = _after(_release(), UnlockFailed(Door.CLOSED))
    assert again.pulse
    waits = _after(again, UnlockFailed(Door.CLOSED))
    assert (waits.visit.step, waits.pulse, waits.compartments[0].in_service) == (Step.OPENING, False, False)
    assert _told(waits) == ["door_failed", "compartment_taken_out"]
    by_key = _after(waits, OPENED, SHUT, Confirmed(Answer.CONFIRMED))
    assert (by_key.visit.step, by_key.compartments[0].in_service) == (Step.DONE, False)
    given_up = _after(waits, Idle(Door.CLOSED))
    assert (given_up.visit.step, given_up.compartments[0].allocation) == (Step.FAILED, Allocation.OCCUPIED)


def test_power_back_in_the_middle_reads_and_never_fires() -> None:
    for begun in (_test(), _release()):
        back = _after(begun, Restarted(Door.CLOSED))
        assert (back.visit.step, back.pulse, back.grant) == (Step.FAILED, False, None)
        assert _after(begun, Restarted(Door.OPEN)).compartments[0].allocation is Allocation.DOUBTFUL


def _pickup() -> Decision:
    return pickup.begin(uuid4(), WITH_ITEM, uuid4(), receipt_number=RECEIPT, boot=1)


def _deposit() -> Decision:
    return deposit.begin(uuid4(), FREE, Door.CLOSED, uuid4(), receipt_number=RECEIPT, boot=1)


@pytest.mark.parametrize("begun", [_deposit(), _pickup(), _test(), _release()])
@pytest.mark.parametrize("steps", [(), (OPENED,), (OPENED, SHUT)])
@pytest.mark.parametrize("fault", ["sensor_stuck", "flapping"])
def test_a_sensor_nobody_believes_ends_in_doubt_and_out_of_service(
    begun: Decision, steps: tuple[Input, ...], fault: str
) -> None:
    given = SensorContradicted("flapping" if fault == "flapping" else "sensor_stuck")
    ended = _after(begun, *steps, given)
    compartment = ended.compartments[0]
    assert (ended.visit.step, compartment.allocation) == (Step.DOUBTFUL, Allocation.DOUBTFUL)
    assert (compartment.in_service, compartment.out_reason) == (False, fault)
    assert _told(ended)[0] == "door_failed"
    assert ended.slip is not None or ended.visit.kind is Purpose.SERVICE


def test_an_idle_door_that_flickers_is_told_once() -> None:
    judged, events = advance.contradicted(WITH_ITEM, "flapping")
    assert [event.type for event in events] == ["door_failed", "compartment_doubtful", "compartment_taken_out"]
    assert judged.content == ITEM
    assert advance.contradicted(judged, "flapping") == (judged, ())
    with pytest.raises(BugError):
        advance.contradicted(_deposit().compartments[0], "flapping")


def test_an_inspection_always_tells_what_was_found() -> None:
    """A doubtful compartment that stayed in service told the hub nothing when it was found empty."""
    doubtful = FREE.mark_doubtful()
    begun = clear.begin(uuid4(), doubtful, uuid4(), kind=Purpose.INSPECT, staff="B1", boot=1)
    found = _after(begun, OPENED, SHUT, Confirmed(Answer.NOTHING))
    assert _told(found) == ["compartment_returned"]
    assert found.events[0].model_dump()["allocation"] == "free"


def test_a_withdrawn_item_is_for_staff_alone() -> None:
    withdrawn = replace(WITH_ITEM, content=replace(ITEM, withdrawn=True))
    with pytest.raises(BugError):
        pickup.begin(uuid4(), withdrawn, uuid4(), receipt_number=RECEIPT, boot=1)
    assert clear.begin(uuid4(), withdrawn, uuid4(), kind=Purpose.CLEAR, staff="B1", boot=1).pulse
