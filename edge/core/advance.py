"""What a visit makes of its inputs: the rules that all doors have in common. Pure.

Believe sensors, not commands: a step forward is taken only on what the door reads. Seen open, the compartment is never
let go by time; read CLOSED and never seen open, it is; everything else is a doubt. Sensors tell nothing of the time in
which nobody read them: after a restart a door that was permitted to open may have been open.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from contract.events import (
    DoorClosed,
    DoorFailed,
    DoorForced,
    DoorOpened,
    EventData,
    Purpose,
)
from edge.core import deposit, load
from edge.core.clear import ClearStory
from edge.core.compartment import NOT_FITTED, Allocation, Compartment
from edge.core.deposit import DepositStory
from edge.core.grants import GRANTS_PER_VISIT
from edge.core.load import LoadStory
from edge.core.pickup import PickupStory
from edge.core.service import ServiceStory
from edge.core.story import Story, Untouched, doubt_event, take_out
from edge.core.visit import (
    PULSES_PER_GRANT,
    Cancelled,
    Confirmed,
    Decision,
    DoorSeen,
    Idle,
    Input,
    OtherDoorOpened,
    Restarted,
    SensorContradicted,
    SensorFault,
    Step,
    UnlockFailed,
    UnlockRefused,
    Visit,
)
from edge.errors import BugError
from edge.ports import Door

_STORIES: dict[Purpose, Story] = {
    Purpose.DEPOSIT: DepositStory(),
    Purpose.PICKUP: PickupStory(),
    Purpose.LOAD: LoadStory(),
    Purpose.CLEAR: ClearStory(),
    Purpose.INSPECT: ClearStory(),
    Purpose.SERVICE: ServiceStory(),
}
_RESERVING = frozenset({Purpose.DEPOSIT, Purpose.LOAD})


def advance(visit: Visit, compartment: Compartment, given: Input) -> Decision:
    """Answer one input.

    Raises:
        BugError: the visit has ended, does not hold `compartment`, or the input cannot happen in its step.
    """
    if visit.ended or compartment.visit != visit.id or compartment.number != visit.compartment:
        raise BugError(f"visit {visit.id} ({visit.step}) does not hold compartment {compartment.number}")
    story = _STORIES[visit.kind]
    decision: Decision
    match given:
        case DoorSeen(door):
            decision = _door_seen(visit, compartment, door)
        case UnlockFailed(door):
            decision = _unlock_failed(story, visit, compartment, door)
        case UnlockRefused(door):
            decision = _unlock_refused(story, visit, compartment, door)
        case OtherDoorOpened(other, door):
            decision = _other_door(story, visit, compartment, other, door)
        case SensorContradicted(fault):
            decision = _contradicted(story, visit, compartment, fault)
        case Confirmed():
            decision = _confirmed(story, visit, compartment, given)
        case Cancelled(door):
            decision = _left_alone(story, visit, compartment, door, "cancelled")
        case Idle(door):
            decision = _left_alone(story, visit, compartment, door, "idle")
        case Restarted(door):
            decision = _restarted(story, visit, compartment, door)
    return decision


def reopen(visit: Visit, compartment: Compartment, grant_id: UUID) -> Decision:
    """Permit the same door once more within the visit.

    Raises:
        BugError: ask `Visit.may_reopen` first.
    """
    if not visit.may_reopen or compartment.visit != visit.id:
        raise BugError(f"visit {visit.id} ({visit.step}) may not reopen compartment {compartment.number}")
    waiting, grant = visit.unlocking(grant_id, compartment.number, visit.boot)
    return Decision(waiting, (compartment,), grant=grant, pulse=True)


def move_to(visit: Visit, compartment: Compartment, door: Door, grant_id: UUID) -> Decision:
    """Go on in another free compartment after a `Decision` that said `another`, in the same transaction.

    Raises:
        BugError: the visit did not fail untouched, or the compartment is not free and closed.
    """
    if visit.step is not Step.FAILED or visit.kind not in _RESERVING:
        raise BugError(f"visit {visit.id} ({visit.kind}, {visit.step}) cannot move")
    waiting, grant = visit.unlocking(grant_id, compartment.number, visit.boot)
    return Decision(waiting, (compartment.reserve(visit.kind, visit.id, door),), grant=grant, pulse=True)


def give_up(visit: Visit) -> Decision:
    """End a visit after `another` when no other compartment is free.

    Raises:
        BugError: the visit did not fail untouched.
    """
    if visit.step is not Step.FAILED or visit.kind not in _RESERVING:
        raise BugError(f"visit {visit.id} ({visit.kind}, {visit.step}) has nothing to give up")
    return deposit.give_up(visit) if visit.kind is Purpose.DEPOSIT else load.give_up(visit)


def forced(compartment: Compartment) -> tuple[Compartment, tuple[EventData, ...]]:
    """Judge a door that opened while no visit held it: anything may have been put in or taken out."""
    number = compartment.number
    if compartment.allocation is Allocation.DOUBTFUL:
        return compartment, (DoorForced(compartment=number),)
    doubted = compartment.mark_doubtful()
    return doubted, (DoorForced(compartment=number), doubt_event(doubted, "forced"))


def contradicted(compartment: Compartment, fault: SensorFault) -> tuple[Compartment, tuple[EventData, ...]]:
    """Judge a door that no visit holds and whose sensor cannot be believed: what lies inside is in doubt, it goes out.

    Told once: nothing follows from the same fault of the same compartment.

    Raises:
        BugError: a visit holds it; give that visit a `SensorContradicted`.
    """
    if compartment.visit is not None:
        raise BugError(f"compartment {compartment.number} is held by a visit")
    if compartment.allocation is Allocation.DOUBTFUL and compartment.out_reason == fault:
        return compartment, ()
    failed = DoorFailed(compartment=compartment.number, fault=fault)
    doubted, doubt = compartment, tuple[EventData, ...]()
    if compartment.allocation is not Allocation.DOUBTFUL:
        doubted = compartment.mark_doubtful()
        doubt = (doubt_event(doubted, "sensor_stuck"),)
    if not doubted.in_service and doubted.out_reason != NOT_FITTED:
        # Out as "not opened", say: the sensor is the better reason, and keeps it out until somebody has seen it move.
        doubted = doubted.return_to_service()
    taken, events = take_out(doubted, fault)
    return taken, (failed, *doubt, *events)


def _door_seen(visit: Visit, compartment: Compartment, door: Door) -> Decision:
    if door is Door.OPEN and visit.step is Step.OPENING:
        return _opened(
            visit, compartment, DoorOpened(compartment=visit.compartment, purpose=visit.kind, grant=visit.grant)
        )
    if door is Door.OPEN and visit.step is Step.CLOSED:
        # Nobody was given a second grant: the leaf was pulled open again.
        return _opened(visit, compartment, DoorForced(compartment=visit.compartment))
    if door is Door.UNKNOWN and visit.step is Step.OPENING and not compartment.door_seen_open:
        # While nothing reads the door it may open, be used and be shut again: it counts as seen open from here on.
        return Decision(visit, (compartment.see_open(),))
    if door is Door.CLOSED and visit.step is Step.OPEN:
        closed = DoorClosed(compartment=visit.compartment, purpose=visit.kind, grant=visit.grant)
        return Decision(replace(visit, step=Step.CLOSED), (compartment,), (closed,))
    return Decision(visit)


def _opened(visit: Visit, compartment: Compartment, event: EventData) -> Decision:
    return Decision(
        replace(visit, step=Step.OPEN),
        (compartment.see_open(),),
        (event,),
        code_used=visit.kind is Purpose.PICKUP,
    )


def _unlock_failed(story: Story, visit: Visit, compartment: Compartment, door: Door) -> Decision:
    if visit.step is not Step.OPENING:
        raise BugError(f"visit {visit.id} ({visit.step}) is not waiting for its door")
    if door is Door.OPEN:
        return _door_seen(visit, compartment, door)
    if door is Door.CLOSED and visit.pulses < PULSES_PER_GRANT:
        return Decision(replace(visit, pulses=visit.pulses + 1), (compartment,), pulse=True)
    fault = DoorFailed(compartment=visit.compartment, fault="not_opened" if door is Door.CLOSED else "no_answer")
    if visit.witness is not None and visit.kind is Purpose.SERVICE and door is Door.CLOSED:
        # Two persons were permitted this door: what the coil did not do, the emergency key may still do.
        return _out_of_service(Decision(visit, (compartment,)), fault, fault.fault)
    if _clean(compartment, door):
        decision = _failed_clean(story, visit, compartment, door)
    else:
        decision = story.in_doubt(visit, compartment, "sensor_unknown" if door is Door.UNKNOWN else "unconfirmed")
    return _out_of_service(decision, fault, fault.fault)


def _unlock_refused(story: Story, visit: Visit, compartment: Compartment, door: Door) -> Decision:
    """The lock is not at fault and stays in service; the person goes on elsewhere, or is told."""
    if visit.step is not Step.OPENING:
        raise BugError(f"visit {visit.id} ({visit.step}) is not waiting for its door")
    if door is Door.OPEN:
        return _door_seen(visit, compartment, door)
    if _clean(compartment, door):
        return _failed_clean(story, visit, compartment, door)
    return story.in_doubt(visit, compartment, "sensor_unknown" if door is Door.UNKNOWN else "unconfirmed")


def _failed_clean(story: Story, visit: Visit, compartment: Compartment, door: Door) -> Decision:
    if visit.kind in _RESERVING and visit.grants_used < GRANTS_PER_VISIT:
        # Not abandoned yet: the person goes on at another door under the same number (`move_to`), or gives up.
        return Decision(replace(visit, step=Step.FAILED), (compartment.release(door),), another=True)
    return story.untouched(visit, compartment, door, "door_failed")


def _other_door(story: Story, visit: Visit, compartment: Compartment, other: Compartment, door: Door) -> Decision:
    if _clean(compartment, door) and visit.step is Step.OPENING:
        decision = story.untouched(visit, compartment, door, "door_failed")
    else:
        decision = story.in_doubt(visit, compartment, "other_door")
    fault = DoorFailed(compartment=visit.compartment, fault="other_door", other=other.number)
    decision = _out_of_service(decision, fault, "other_door")
    doubted = other.mark_doubtful()
    taken, events = take_out(doubted, "other_door")
    return replace(
        decision,
        compartments=(*decision.compartments, taken),
        events=(*decision.events, doubt_event(doubted, "other_door"), *events),
    )


def _contradicted(story: Story, visit: Visit, compartment: Compartment, fault: SensorFault) -> Decision:
    """What the sensor said of this visit so far is worth nothing either: the door may have been open all the time."""
    failed = DoorFailed(compartment=visit.compartment, fault=fault)
    return _out_of_service(story.in_doubt(visit, compartment, "sensor_stuck"), failed, fault)


def _confirmed(story: Story, visit: Visit, compartment: Compartment, said: Confirmed) -> Decision:
    if visit.step is not Step.CLOSED:
        raise BugError(f"visit {visit.id} ({visit.step}) was confirmed before its door was closed")
    return story.confirmed(visit, compartment, said)


def _left_alone(story: Story, visit: Visit, compartment: Compartment, door: Door, why: Untouched) -> Decision:
    if visit.step is Step.OPENING and door is Door.OPEN:
        # It opened just now: the person's leaving is judged when it is closed, or by the idle time.
        return _door_seen(visit, compartment, door)
    if visit.step is Step.OPENING and _clean(compartment, door):
        return story.untouched(visit, compartment, door, why)
    return story.in_doubt(visit, compartment, "sensor_unknown" if door is Door.UNKNOWN else "unconfirmed")


def _restarted(story: Story, visit: Visit, compartment: Compartment, door: Door) -> Decision:
    # The grant was used, and nobody watched meanwhile: the door may have opened, taken paper and been shut.
    # What lies in an occupied compartment is still looked for there; into a reserved one nobody else may be sent.
    if visit.kind not in _RESERVING and visit.step is Step.OPENING and _clean(compartment, door):
        return story.untouched(visit, compartment, door, "restarted")
    return story.in_doubt(visit, compartment, "restarted")


def _clean(compartment: Compartment, door: Door) -> bool:
    """As far as the sensor tells, nobody reached inside since this visit began."""
    return door is Door.CLOSED and not compartment.door_seen_open


def _out_of_service(decision: Decision, fault: EventData, reason: str) -> Decision:
    first, *rest = decision.compartments
    taken, events = take_out(first, reason)
    return replace(decision, compartments=(taken, *rest), events=(fault, *decision.events, *events), event_id=None)
