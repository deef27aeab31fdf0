"""What a screen shows: the visit as committed, what its door does, what may be answered, what an error says."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from contract.events import Purpose
from edge.core.compartment import Allocation, Deposit
from edge.core.story import SENSOR_FAULTS
from edge.core.visit import Answer, Step, Visit
from edge.errors import AskCitizenError, LockedOutError, NightdeskError, WrongCodeError
from edge.ports import Door
from edge.services.parts import Services
from edge.services.view import Ending, KioskView, Message, Screen
from edge.services.visits import CurrentVisit

_ENDINGS: dict[Step, Ending] = {Step.DONE: "done", Step.FAILED: "failed", Step.DOUBTFUL: "doubtful"}


def form_view(frame: KioskView, its: Services) -> KioskView:
    """Return the screen of a form; `frame` says which, and what is the same on every screen."""
    return replace(
        frame,
        sizes=its.picture.sizes_free(),
        ways=its.pickup.ways(),
        notice=_left_open(its, None),
        takes_files=frozenset({"camera"} if its.camera else ()) | frozenset({"drive"} if its.drive else ()),
    )


def visit_view(frame: KioskView, its: Services, current: CurrentVisit) -> KioskView:
    """Return the screen of a visit, live or ended."""
    visit, doubted = current.visit, _given_up(its, current)
    return replace(
        frame,
        screen=Screen.RELEASE if _is_release(visit) else Screen(visit.kind.value),
        step="result" if visit.ended else visit.step.value,
        visit=visit.id,
        compartment=visit.compartment,
        receipt_number=_receipt_number(current),
        case_number=visit.case_number,
        ending=_ending(current),
        at=current.at,
        slip=its.slips.status(visit.id),
        count=_pieces(its, visit),
        notice=_notice(its, current),
        actions=answers(visit.kind)
        | ({"reopen"} if visit.may_reopen else set())
        | ({"says_shut"} if visit.step is Step.OPEN else set())
        | ({"says_open"} if doubted is not None else set())
        | ({"add_more"} if _may_add(its, visit) else set()),
        doubted=doubted,
        gathering=its.submissions.current is not None,
    )


def answers(kind: Purpose) -> frozenset[str]:
    """Return what a person may answer once the door is closed again."""
    both = frozenset({Answer.CONFIRMED.value, Answer.NOTHING.value})
    more = {
        Purpose.INSPECT: frozenset({Answer.LEFT.value}),
        Purpose.SERVICE: frozenset({Answer.LEFT.value}),
        Purpose.PICKUP: frozenset({Answer.MISSING.value, Answer.WRONG.value}),
    }
    return both | more.get(kind, frozenset())


def error_message(error: NightdeskError, *, signing_in: bool) -> Message:
    """Return what a person can do about an error."""
    match error:
        case LockedOutError():
            key = "locked_out_pin" if signing_in else "locked_out"
            return Message(key, {"minutes": ceil(error.seconds_left / 60)})
        case WrongCodeError():
            return Message("wrong_pin" if signing_in else "wrong_code", {"tries": error.tries_left})
        case AskCitizenError():
            return Message(error.text)
        case _:
            return Message("try_again")


def _may_add(its: Services, visit: Visit) -> bool:
    """Whether pages or files may be added to a hand-in of paper that has just ended."""
    offered = its.camera is not None or its.drive is not None
    return offered and visit.kind is Purpose.DEPOSIT and visit.step is Step.DONE and its.submissions.current is None


def _pieces(its: Services, visit: Visit) -> int | None:
    """Return how many pieces the screen supposes: of a deposit one, of a clearing what the citizen said."""
    compartment = its.picture.get(visit.compartment)
    content = None if compartment is None else compartment.content
    if visit.kind is Purpose.DEPOSIT:
        return 1
    return content.count if isinstance(content, Deposit) and visit.kind is not Purpose.PICKUP else None


def _receipt_number(current: CurrentVisit) -> str | None:
    """A deposit's number is the citizen's from the start; a pickup's is there for what goes wrong."""
    wrong = _ending(current) in ("failed", "doubtful")
    return current.visit.receipt_number if current.visit.kind is Purpose.DEPOSIT or wrong else None


def _ending(current: CurrentVisit) -> Ending | None:
    ending = _ENDINGS.get(current.visit.step)
    return "cancelled" if ending == "failed" and current.cancelled else ending


def _notice(its: Services, current: CurrentVisit) -> Message | None:
    visit = current.visit
    if visit.ended:
        return _last_notice(its, visit.compartment)
    if its.doors.door(visit.compartment) is Door.UNKNOWN:
        return Message("door_unknown")
    if visit.step is Step.OPENING and visit.pulses > 1:
        by_key = Message("release_by_key", {"number": visit.compartment})
        return by_key if _is_release(visit) else Message("opening_second")
    if visit.step is Step.OPENING and current.moved_from is not None:
        return Message("opening_another", {"number": current.moved_from})
    return _left_open(its, visit.compartment)


def _last_notice(its: Services, number: int) -> Message | None:
    if _out_for_its_sensor(its, number):
        # Its sensor may read open for ever: nobody is sent back to a door that is shut.
        return Message("sensor_broken", {"number": number})
    return Message("close_before_leaving", {"number": number}) if its.watch.stands_open(number) else None


def _is_release(visit: Visit) -> bool:
    return visit.kind is Purpose.SERVICE and visit.witness is not None


def _given_up(its: Services, current: CurrentVisit) -> int | None:
    """Return the door that did not open as far as its sensor tells, so that the person can say otherwise."""
    visit = current.visit
    if visit.step is Step.OPENING and visit.pulses > 1:
        return visit.compartment
    tried = current.moved_from if current.moved_from is not None else visit.compartment if visit.ended else None
    found = None if tried is None else its.picture.get(tried)
    failed = found is not None and not found.in_service and found.allocation is not Allocation.DOUBTFUL
    return tried if failed and visit.step is not Step.DOUBTFUL else None


def _out_for_its_sensor(its: Services, number: int) -> bool:
    found = its.picture.get(number)
    return found is not None and found.out_reason in SENSOR_FAULTS


def _left_open(its: Services, number: int | None) -> Message | None:
    left, forced = its.watch.left_open, its.watch.forced_open
    if number is None and forced:
        return Message("forced", {"number": forced[0]})
    if number is None and left:
        number = min(left)
    stage = None if number is None else left.get(number)
    if number is None or stage is None:
        return None
    return Message("left_open" if stage == "prompt" else "left_open_alarm", {"number": number})
