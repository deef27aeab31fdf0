"""Event types of what technicians and commands do to a compartment; part of the list in `events.py`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contract.event_base import EventData, ShortText
from contract.ids import BadgeId, CaseNumber, CompartmentNumber
from contract.wire import UUID


class EmergencyReleaseGranted(EventData):
    """Two persons in service mode got the grant to open one door outside its story; `door_opened` tells whether it did.

    `staff` are their two different badges. `command` is the command's `jti` when the hub asked for it.
    """

    type: ClassVar[str] = "emergency_release_granted"
    compartment: CompartmentNumber
    staff: Annotated[tuple[BadgeId, ...], Field(min_length=2, max_length=2)]
    reason: ShortText
    by: Literal["staff", "command"]
    grant: UUID
    command: UUID | None = None


class ItemWithdrawn(EventData):
    """Nobody can collect this item any more: its code is dead, and staff will take it out."""

    type: ClassVar[str] = "item_withdrawn"
    case_number: CaseNumber
    compartment: CompartmentNumber
