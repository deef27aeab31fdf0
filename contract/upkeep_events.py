"""Events of upkeep: doors that have opened so often that a technician should look after them."""

from __future__ import annotations

from typing import ClassVar

from contract.event_base import EventData
from contract.ids import BadgeId, CompartmentNumber
from contract.wire import Count


class MaintenanceDue(EventData):
    """A door has opened as often since its last upkeep as its cabinet's profile allows."""

    type: ClassVar[str] = "maintenance_due"

    compartment: CompartmentNumber
    openings: Count


class DoorServiced(EventData):
    """A technician has looked after lock, hinge and sensor of a door; `openings` is its count at that time."""

    type: ClassVar[str] = "door_serviced"

    compartment: CompartmentNumber
    openings: Count
    staff: BadgeId
