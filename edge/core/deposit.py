"""Handing in paper: reserve, open, close, confirm, receipt. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal
from uuid import UUID

from contract.events import DepositAbandoned, DepositMade, Purpose
from edge.core.compartment import SIZES, Compartment, Deposit, usable
from edge.core.story import Doubt, Untouched, doubtful, end, told
from edge.core.visit import Answer, Confirmed, Decision, Slip, Step, Visit
from edge.errors import BugError
from edge.ports import Door

_Reason = Literal["cancelled", "idle", "restarted", "nothing_inside", "door_failed"]
_REASONS: dict[Doubt, _Reason] = {
    "unconfirmed": "idle",
    "restarted": "restarted",
    "nothing_inside": "nothing_inside",
    "other_door": "door_failed",
    "sensor_unknown": "door_failed",
    "sensor_stuck": "door_failed",
    "item_missing": "idle",
    "wrong_item": "idle",
}


def begin(
    visit_id: UUID,
    compartment: Compartment,
    door: Door,
    grant_id: UUID,
    *,
    receipt_number: str,
    boot: int,
    low: bool = False,
) -> Decision:
    """Reserve a free compartment (from `choose`) and permit one opening of its door; `low` is the citizen's wish.

    Raises:
        BugError: the compartment is not free, or its door is not read CLOSED now.
    """
    visit = Visit(
        visit_id, Purpose.DEPOSIT, Step.OPENING, compartment.number, boot, receipt_number=receipt_number, low=low
    )
    waiting, grant = visit.unlocking(grant_id, compartment.number, boot)
    held = compartment.reserve(Purpose.DEPOSIT, visit_id, door)
    return Decision(waiting, (held,), grant=grant, pulse=True)


def low_size(compartments: Iterable[Compartment], doors: Mapping[int, Door], size: str) -> str | None:
    """Return the smallest size, from `size` on, of which a compartment low down is free; None if there is none."""
    sizes = {SIZES.index(each.size) for each in compartments if each.reach == "low" and usable(each, doors)}
    return next((SIZES[index] for index in sorted(sizes) if index >= SIZES.index(size)), None)


class DepositStory:
    """How a deposit ends."""

    def confirmed(self, visit: Visit, compartment: Compartment, said: Confirmed) -> Decision:
        """Occupied, with a slip; "I put nothing in" is not proof enough, so that becomes doubtful."""
        if said.answer is Answer.NOTHING:
            return self.in_doubt(visit, compartment, "nothing_inside")
        if said.answer is not Answer.CONFIRMED:
            raise BugError(f"a deposit does not offer the answer {said.answer}")
        number = told(visit.receipt_number, "receipt number")
        made = DepositMade(
            receipt_number=number,
            compartment=compartment.number,
            size=compartment.size,
            count=said.count,
            low=visit.low,
            phone_sealed=said.phone_sealed,
        )
        done = end(visit, Step.DONE, compartment.occupy(Deposit(number, said.count)), made)
        return replace(done, slip=Slip(number, compartment.number, count=said.count), event_id=said.event_id)

    def untouched(self, visit: Visit, compartment: Compartment, door: Door, why: Untouched) -> Decision:
        """Free again: nobody could reach inside. A door that failed is no wish of the citizen's: that gives a slip."""
        ended = end(visit, Step.FAILED, compartment.release(door), _abandoned(visit, why, door_seen_open=False))
        return replace(ended, slip=_failed(visit)) if why == "door_failed" else ended

    def in_doubt(self, visit: Visit, compartment: Compartment, why: Doubt) -> Decision:
        """Doubtful, with a receipt number and a slip: paper may lie inside."""
        decision = doubtful(visit, compartment, why, _abandoned(visit, _REASONS[why], door_seen_open=True))
        slip = Slip(told(visit.receipt_number, "receipt number"), compartment.number, "deposit_doubtful")
        return replace(decision, slip=slip)


def give_up(visit: Visit) -> Decision:
    """End a deposit whose door failed and for which no other compartment is free."""
    abandoned = _abandoned(visit, "door_failed", door_seen_open=False)
    return Decision(replace(visit, step=Step.FAILED), (), (abandoned,), slip=_failed(visit))


def _failed(visit: Visit) -> Slip:
    return Slip(told(visit.receipt_number, "receipt number"), visit.compartment, "deposit_failed")


def _abandoned(visit: Visit, why: _Reason, *, door_seen_open: bool) -> DepositAbandoned:
    return DepositAbandoned(
        receipt_number=told(visit.receipt_number, "receipt number"),
        compartment=visit.compartment,
        door_seen_open=door_seen_open,
        reason=why,
    )
