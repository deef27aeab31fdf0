"""Staff empty compartments: a clearing takes out what lies inside, an inspection settles a doubt or a fault. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal
from uuid import UUID

from contract.events import DepositCleared, EventData, ItemCleared, Purpose
from edge.core.compartment import Compartment, Deposit, Item
from edge.core.story import Doubt, Untouched, doubtful, end, found_by_staff, return_to_service, told
from edge.core.visit import Answer, Confirmed, Decision, Destination, Step, Visit
from edge.errors import BugError
from edge.ports import Door

Kind = Literal[Purpose.CLEAR, Purpose.INSPECT]


def begin(
    visit_id: UUID,
    compartment: Compartment,
    grant_id: UUID,
    *,
    kind: Kind,
    staff: str,
    boot: int,
    witness: str | None = None,
    destination: Destination = "window",
) -> Decision:
    """Permit one opening for staff.

    Raises:
        BugError: another visit holds it, or there is nothing to clear or inspect.
    """
    held = compartment.engage(kind, visit_id)
    content = held.content
    visit = Visit(
        visit_id,
        kind,
        Step.OPENING,
        held.number,
        boot,
        receipt_number=content.receipt_number if isinstance(content, Deposit) else None,
        case_number=content.case_number if isinstance(content, Item) else None,
        staff=staff,
        due=content.due if isinstance(content, Item) else None,
        witness=witness,
        destination=destination,
    )
    waiting, grant = visit.unlocking(grant_id, held.number, boot)
    return Decision(waiting, (held,), grant=grant, pulse=True)


class ClearStory:
    """How a clearing or an inspection ends."""

    def confirmed(self, visit: Visit, compartment: Compartment, said: Confirmed) -> Decision:
        """Free and back in service, with a record of what was found; LEFT (inspection only) changes nothing inside."""
        staff = told(visit.staff, "staff")
        if said.answer is Answer.LEFT:
            return _left(visit, compartment, staff)
        found = said.answer is Answer.CONFIRMED
        decision = _back_in_service(visit, compartment.free_by_staff(), staff)
        events = (
            *cleared(visit, found=found, count=said.count if found else None, count_said=_said(compartment)),
            *decision.events,
        )
        return replace(decision, events=events, code_used=visit.case_number is not None)

    def untouched(self, visit: Visit, compartment: Compartment, door: Door, why: Untouched) -> Decision:
        """As before: nobody could reach inside."""
        return end(visit, Step.FAILED, compartment.release(door))

    def in_doubt(self, visit: Visit, compartment: Compartment, why: Doubt) -> Decision:
        """Doubtful: it may have been emptied."""
        return doubtful(visit, compartment, why)


def _left(visit: Visit, compartment: Compartment, staff: str) -> Decision:
    if visit.kind is not Purpose.INSPECT:
        raise BugError("a clearing does not offer to leave things inside")
    return _back_in_service(visit, compartment.left_by_staff(), staff)


def _back_in_service(visit: Visit, compartment: Compartment, staff: str) -> Decision:
    returned, events = return_to_service(compartment, "staff", staff)
    if visit.kind is Purpose.INSPECT and not events:
        # It was in service all the time: that somebody looked, and what was found, must still be told.
        events = (found_by_staff(returned, staff),)
    return end(visit, Step.DONE, returned, *events)


def cleared(
    visit: Visit, *, found: bool, count: int | None = None, count_said: int | None = None
) -> tuple[EventData, ...]:
    """Return what tells that staff took the visit's deposit or item out, or (`found` false) that it was not there.

    `count` pieces of a deposit were found, `count_said` is what the citizen had said.
    """
    number, staff = visit.compartment, told(visit.staff, "staff")
    if visit.receipt_number is not None:
        out = DepositCleared(
            receipt_number=visit.receipt_number,
            compartment=number,
            staff=staff,
            found=found,
            count=count,
            count_said=count_said,
        )
        return (out,)
    if visit.case_number is not None:
        by = (staff,) if visit.witness is None else (staff, visit.witness)
        told_so = ItemCleared(
            case_number=visit.case_number,
            compartment=number,
            staff=by,
            found=found,
            destination=visit.destination,
        )
        return (told_so,)
    return ()


def _said(compartment: Compartment) -> int | None:
    content = compartment.content
    return content.count if isinstance(content, Deposit) else None
