"""A technician opens one door in service mode: a test of a free compartment, or an emergency release by two. Pure.

An emergency release is a visit with a witness. What lies inside afterwards is what the persons state; if they state
nothing, it is in doubt. Neither kind ever opens more than the one door that it names.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal
from uuid import UUID

from contract.events import EmergencyReleaseGranted, EventData, Purpose
from edge.core.clear import cleared
from edge.core.compartment import Allocation, Compartment, Deposit, Item
from edge.core.story import (
    Doubt,
    Untouched,
    doubtful,
    end,
    found_by_staff,
    return_to_service,
    take_out,
    told,
)
from edge.core.visit import Answer, Confirmed, Decision, Step, Visit
from edge.errors import BugError
from edge.ports import Door

FAILED_TEST = "failed_test"


def begin_test(visit_id: UUID, compartment: Compartment, grant_id: UUID, *, staff: str, boot: int) -> Decision:
    """Permit one opening of a free compartment, in or out of service.

    Raises:
        BugError: it is not free, not fitted, or another visit holds it.
    """
    if compartment.allocation is not Allocation.FREE:
        raise BugError(f"compartment {compartment.number} ({compartment.allocation}) is not free to be tested")
    return _begin(_visit(visit_id, compartment, boot, staff), compartment, grant_id)


def begin_release(
    visit_id: UUID,
    compartment: Compartment,
    grant_id: UUID,
    *,
    staff: str,
    witness: str,
    reason: str,
    boot: int,
    command: UUID | None = None,
) -> Decision:
    """Permit two persons one opening, whatever lies inside; the record of it is committed with the grant.

    Raises:
        BugError: it is one person, there is no reason, or the compartment is not fitted or held by another visit.
    """
    if staff == witness or not reason.strip():
        raise BugError("an emergency release needs two persons and a reason")
    begun = _begin(replace(_visit(visit_id, compartment, boot, staff), witness=witness), compartment, grant_id)
    by: Literal["staff", "command"] = "staff" if command is None else "command"
    granted = EmergencyReleaseGranted(
        compartment=compartment.number, staff=(staff, witness), reason=reason, by=by, grant=grant_id, command=command
    )
    return replace(begun, events=(granted,))


class ServiceStory:
    """How a test or an emergency release ends."""

    def confirmed(self, visit: Visit, compartment: Compartment, said: Confirmed) -> Decision:
        """Decide on the answer.

        Of a test: CONFIRMED, the door is in order and nothing inside: back in service; NOTHING, not in order and
        nothing inside: out; LEFT, something lies inside that nobody expected: a doubt.
        Of a release: CONFIRMED, what was inside is taken out; NOTHING, it was empty; LEFT, everything is as it was.
        Whether a released compartment is in service does not change: somebody says so when the fault is mended.
        """
        staff = told(visit.staff, "staff")
        if visit.witness is not None:
            return _released(visit, compartment, staff, said.answer)
        if said.answer is Answer.LEFT:
            return self.in_doubt(visit, compartment, "unconfirmed")
        freed = compartment.free_by_staff()
        if said.answer is Answer.NOTHING:
            taken, events = take_out(freed, FAILED_TEST, "staff", staff)
            return end(visit, Step.DONE, taken, *events)
        returned, events = return_to_service(freed, "staff", staff)
        return end(visit, Step.DONE, returned, *events)

    def untouched(self, visit: Visit, compartment: Compartment, door: Door, why: Untouched) -> Decision:
        """As before: nobody could reach inside."""
        return end(visit, Step.FAILED, compartment.release(door))

    def in_doubt(self, visit: Visit, compartment: Compartment, why: Doubt) -> Decision:
        """Doubtful: nobody stated what lies inside."""
        return doubtful(visit, compartment, why)


def _visit(visit_id: UUID, compartment: Compartment, boot: int, staff: str) -> Visit:
    content = compartment.content
    return Visit(
        visit_id,
        Purpose.SERVICE,
        Step.OPENING,
        compartment.number,
        boot,
        receipt_number=content.receipt_number if isinstance(content, Deposit) else None,
        case_number=content.case_number if isinstance(content, Item) else None,
        staff=staff,
        due=content.due if isinstance(content, Item) else None,
    )


def _begin(visit: Visit, compartment: Compartment, grant_id: UUID) -> Decision:
    held = compartment.engage(Purpose.SERVICE, visit.id)
    waiting, grant = visit.unlocking(grant_id, held.number, visit.boot)
    return Decision(waiting, (held,), grant=grant, pulse=True)


def _released(visit: Visit, compartment: Compartment, staff: str, answer: Answer) -> Decision:
    if answer is Answer.LEFT:
        stated = compartment.left_by_staff()
        return end(visit, Step.DONE, stated, *_stated(stated, staff))
    freed = compartment.free_by_staff()
    events = (*cleared(visit, found=answer is Answer.CONFIRMED), *_stated(freed, staff))
    return replace(end(visit, Step.DONE, freed, *events), code_used=visit.case_number is not None)


def _stated(compartment: Compartment, staff: str) -> tuple[EventData, ...]:
    # Of one that is out of service the event would say that it is back.
    return (found_by_staff(compartment, staff),) if compartment.in_service else ()
