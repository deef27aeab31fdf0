"""How a trolley of issued items was loaded; part of the list in `events.py`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contract.event_base import EventData
from contract.ids import BadgeId, CaseNumber, CompartmentNumber, ReceiptNumber
from contract.wire import UUID, WireModel

CaseNumbers = Annotated[tuple[CaseNumber, ...], Field(max_length=200)]


class MovedItem(WireModel):
    """An item that lies in another compartment than planned, because the planned door failed."""

    case_number: CaseNumber
    planned: CompartmentNumber
    compartment: CompartmentNumber


class TrolleyFinished(EventData):
    """Staff ended the loading of a trolley; each `item_loaded` was told when it happened.

    `not_put_in`: staff said so, or stopped before; `door_failed`: no door opened for it; `left_over`: no compartment
    was free that fits; `not_scanned`: expected at this station, but not on the trolley.
    """

    type: ClassVar[str] = "trolley_finished"
    trolley: UUID
    receipt_number: ReceiptNumber
    staff: BadgeId
    loaded: CaseNumbers = ()
    moved: Annotated[tuple[MovedItem, ...], Field(max_length=200)] = ()
    doubtful: CaseNumbers = ()
    not_put_in: CaseNumbers = ()
    door_failed: CaseNumbers = ()
    left_over: CaseNumbers = ()
    not_scanned: CaseNumbers = ()
