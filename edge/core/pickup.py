"""Collecting an item. Pure; `codes.py`, `pickup_token.py` and `claim.py` judge what permits it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from contract.events import CompartmentDoubtful, ItemCollected, Purpose
from edge.core.compartment import Allocation, Compartment, Item
from edge.core.story import Doubt, Untouched, doubt_event, doubtful, end, told
from edge.core.visit import Answer, Confirmed, Decision, Means, Occasion, Slip, Step, Visit
from edge.errors import BugError
from edge.ports import Door

_SAID: dict[Answer, Doubt] = {
    Answer.NOTHING: "unconfirmed",
    Answer.MISSING: "item_missing",
    Answer.WRONG: "wrong_item",
}
_SLIPS: dict[Doubt, Occasion] = {"item_missing": "pickup_missing", "wrong_item": "pickup_wrong"}


def begin(
    visit_id: UUID, compartment: Compartment, grant_id: UUID, *, receipt_number: str, boot: int, means: Means = "code"
) -> Decision:
    """Permit one opening for the recipient; the code stays live until the door is seen open.

    The receipt number is for the slip that the recipient gets if this goes wrong.

    Raises:
        BugError: no item waits there, it is held by another visit, or out of service.
    """
    held = compartment.engage(Purpose.PICKUP, visit_id)
    case_number = held.content.case_number if isinstance(held.content, Item) else None
    visit = Visit(visit_id, Purpose.PICKUP, Step.OPENING, held.number, boot, receipt_number, case_number, means=means)
    waiting, grant = visit.unlocking(grant_id, held.number, boot)
    return Decision(waiting, (held,), grant=grant, pulse=True)


def meet_doubt(visit_id: UUID, compartment: Compartment, *, receipt_number: str, boot: int) -> Decision:
    """End at once, without any grant: staff must look into the compartment before anybody may open it.

    The recipient has proved a right to the item, so the record names the case and the number on the slip; the code
    stays live, because staff may find all in order.

    Raises:
        BugError: the compartment is not doubtful, or no item is known to lie there.
    """
    item = compartment.content
    if compartment.allocation is not Allocation.DOUBTFUL or not isinstance(item, Item):
        raise BugError(f"compartment {compartment.number} is {compartment.allocation}, not an item in doubt")
    visit = Visit(visit_id, Purpose.PICKUP, Step.DOUBTFUL, compartment.number, boot, receipt_number, item.case_number)
    record = doubt_event(compartment, "unconfirmed").model_copy(update={"receipt_number": receipt_number})
    return Decision(visit, (), (record,), slip=_slip(visit, "pickup_doubtful"))


class PickupStory:
    """How a pickup ends."""

    def confirmed(self, visit: Visit, compartment: Compartment, said: Confirmed) -> Decision:
        """Collected and free; nothing taken, nothing found, or another's item put back leaves a doubt."""
        if said.answer in _SAID:
            return self.in_doubt(visit, compartment, _SAID[said.answer])
        if said.answer is not Answer.CONFIRMED:
            raise BugError(f"a pickup does not offer the answer {said.answer}")
        case_number = told(visit.case_number, "case number")
        collected = ItemCollected(case_number=case_number, compartment=compartment.number, means=visit.means)
        return end(visit, Step.DONE, compartment.collected(), collected)

    def untouched(self, visit: Visit, compartment: Compartment, door: Door, why: Untouched) -> Decision:
        """Still occupied, the code still live: the recipient tries again with a new grant."""
        ended = end(visit, Step.FAILED, compartment.release(door))
        return replace(ended, slip=_slip(visit, "pickup_failed")) if why in ("door_failed", "restarted") else ended

    def in_doubt(self, visit: Visit, compartment: Compartment, why: Doubt) -> Decision:
        """Doubtful: the item may be gone, and its code is spent."""
        decision = doubtful(visit, compartment, why)
        events = tuple(
            event.model_copy(update={"receipt_number": visit.receipt_number})
            if isinstance(event, CompartmentDoubtful)
            else event
            for event in decision.events
        )
        return replace(decision, events=events, code_used=True, slip=_slip(visit, _SLIPS.get(why, "pickup_doubtful")))


def _slip(visit: Visit, occasion: Occasion) -> Slip:
    return Slip(told(visit.receipt_number, "receipt number"), visit.compartment, occasion)
