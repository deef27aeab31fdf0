"""What each story decides for itself, and the small steps that all of them share. See `advance.py` for the doors."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Protocol

from contract.events import CompartmentDoubtful, CompartmentReturned, CompartmentTakenOut, EventData
from edge.core.compartment import Allocation, Compartment, Content, Deposit, Item
from edge.core.visit import Confirmed, Decision, Step, Visit
from edge.errors import BugError
from edge.ports import Door

Untouched = Literal["cancelled", "idle", "restarted", "door_failed"]
Doubt = Literal[
    "unconfirmed",
    "restarted",
    "other_door",
    "nothing_inside",
    "sensor_unknown",
    "sensor_stuck",
    "item_missing",
    "wrong_item",
]
By = Literal["station", "staff", "command"]
SENSOR_FAULTS = frozenset({"sensor_stuck", "flapping"})
"""Out of service for these, a compartment comes back by an inspection alone: its sensor must be seen to move."""
# A hold does not outlive the reason for which a compartment went out: what was reserved then, nobody can vouch for.
_FOUND: dict[Allocation, Literal["free", "occupied", "doubtful"]] = {
    Allocation.FREE: "free",
    Allocation.RESERVED: "doubtful",
    Allocation.OCCUPIED: "occupied",
    Allocation.DOUBTFUL: "doubtful",
}


class Story(Protocol):
    """The ends of one kind of visit."""

    def confirmed(self, visit: Visit, compartment: Compartment, said: Confirmed) -> Decision:
        """Decide on the person's answer; the door was seen open and is closed again.

        Raises:
            BugError: an answer that this story does not offer.
        """

    def untouched(self, visit: Visit, compartment: Compartment, door: Door, why: Untouched) -> Decision:
        """End a visit whose door never opened and is read CLOSED now."""

    def in_doubt(self, visit: Visit, compartment: Compartment, why: Doubt) -> Decision:
        """End a visit of which nobody can say what lies inside."""


def end(visit: Visit, step: Step, compartment: Compartment, *events: EventData) -> Decision:
    """Return the plain end of a visit."""
    return Decision(replace(visit, step=step), (compartment,), events)


def doubtful(visit: Visit, compartment: Compartment, why: Doubt, *before: EventData) -> Decision:
    """Return the end in doubt, with the record of what may lie inside; events in `before` come first."""
    # What lay there before is told with all that is known of it; the visit knows only what it is about to bring.
    doubted = compartment.mark_doubtful(compartment.content or content_of(visit))
    record = doubt_event(doubted, why)
    return Decision(replace(visit, step=Step.DOUBTFUL), (doubted,), (*before, record))


def doubt_event(compartment: Compartment, why: Doubt | Literal["forced"]) -> CompartmentDoubtful:
    """Name the compartment, the reason, and whose content it may be."""
    content = compartment.content
    return CompartmentDoubtful(
        compartment=compartment.number,
        reason=why,
        receipt_number=content.receipt_number if isinstance(content, Deposit) else None,
        case_number=content.case_number if isinstance(content, Item) else None,
    )


def take_out(
    compartment: Compartment, reason: str, by: By = "station", staff: str | None = None
) -> tuple[Compartment, tuple[EventData, ...]]:
    """Put out of service, with its event unless it was out already."""
    if not compartment.in_service:
        return compartment, ()
    event = CompartmentTakenOut(compartment=compartment.number, reason=reason, by=by, staff=staff)
    return compartment.take_out(reason), (event,)


def return_to_service(
    compartment: Compartment, by: By, staff: str | None = None
) -> tuple[Compartment, tuple[EventData, ...]]:
    """Put back in service, with its event unless it was in service."""
    if compartment.in_service:
        return compartment, ()
    found = _FOUND[compartment.allocation]
    event = CompartmentReturned(compartment=compartment.number, by=by, allocation=found, staff=staff)
    return compartment.return_to_service(), (event,)


def found_by_staff(compartment: Compartment, staff: str) -> CompartmentReturned:
    """Return what tells of a compartment in service what staff found it to be."""
    found = _FOUND[compartment.allocation]
    return CompartmentReturned(compartment=compartment.number, by="staff", allocation=found, staff=staff)


def content_of(visit: Visit) -> Content | None:
    """Return what the visit is about, as it would lie in a compartment."""
    if visit.case_number is not None:
        return Item(visit.case_number, visit.due, visit.recipient_unknown)
    return None if visit.receipt_number is None else Deposit(visit.receipt_number)


def told(value: str | None, what: str) -> str:
    """Return a value that this kind of visit always has.

    Raises:
        BugError: it has not.
    """
    if value is None:
        raise BugError(f"a visit without its {what}")
    return value
