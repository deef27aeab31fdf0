"""Staff put an issued item into a compartment. Pure; the code is drawn by `codes.py` in the confirming transaction."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from contract.events import CompartmentReturned, ItemLoaded, Purpose
from edge.core.compartment import Compartment, Item
from edge.core.story import Doubt, Untouched, doubtful, end, told
from edge.core.visit import Answer, Confirmed, Decision, Step, Visit
from edge.errors import BugError
from edge.ports import Door


def begin(
    visit_id: UUID, compartment: Compartment, door: Door, grant_id: UUID, *, item: Item, staff: str, boot: int
) -> Decision:
    """Reserve a free compartment (from `choose`) for `item` and permit one opening of its door.

    Raises:
        BugError: the compartment is not free, or its door is not read CLOSED now.
    """
    visit = Visit(
        visit_id,
        Purpose.LOAD,
        Step.OPENING,
        compartment.number,
        boot,
        case_number=item.case_number,
        staff=staff,
        due=item.due,
        recipient_unknown=item.recipient_unknown,
    )
    waiting, grant = visit.unlocking(grant_id, compartment.number, boot)
    held = compartment.reserve(Purpose.LOAD, visit_id, door)
    return Decision(waiting, (held,), grant=grant, pulse=True)


class LoadStory:
    """How a load ends."""

    def confirmed(self, visit: Visit, compartment: Compartment, said: Confirmed) -> Decision:
        """Occupied; "I put nothing in" is believed, because staff says so."""
        staff = told(visit.staff, "staff")
        if said.answer is Answer.NOTHING:
            back = CompartmentReturned(compartment=compartment.number, by="staff", allocation="free", staff=staff)
            return end(visit, Step.FAILED, compartment.free_by_staff(), back)
        if said.answer is not Answer.CONFIRMED:
            raise BugError(f"a load does not offer the answer {said.answer}")
        item = Item(told(visit.case_number, "case number"), visit.due, visit.recipient_unknown)
        loaded = ItemLoaded(
            case_number=item.case_number,
            compartment=compartment.number,
            staff=staff,
            recipient_unknown=item.recipient_unknown,
            code_sealed=said.code_sealed,
            qr_sealed=said.qr_sealed,
            due=item.due,
        )
        return replace(end(visit, Step.DONE, compartment.occupy(item), loaded), event_id=said.event_id)

    def untouched(self, visit: Visit, compartment: Compartment, door: Door, why: Untouched) -> Decision:
        """Free again: nobody could reach inside."""
        return end(visit, Step.FAILED, compartment.release(door))

    def in_doubt(self, visit: Visit, compartment: Compartment, why: Doubt) -> Decision:
        """Doubtful: the item may lie inside, without a live code."""
        return doubtful(visit, compartment, why)


def give_up(visit: Visit) -> Decision:
    """End a load whose door failed and for which no other compartment is free."""
    return Decision(replace(visit, step=Step.FAILED))
