"""What happens when no compartment fits a citizen's paper; part of the list in `events.py`."""

from __future__ import annotations

from typing import ClassVar, Literal

from contract.event_base import EventData, Sealed
from contract.ids import ReceiptNumber
from contract.wire import AwareDatetime


class DepositTurnedAway(EventData):
    """No compartment was free; the citizen took a slip that names the service window and the courier instead."""

    type: ClassVar[str] = "deposit_turned_away"
    receipt_number: ReceiptNumber
    size: Literal["s", "m", "l"]


class WaitingJoined(EventData):
    """No compartment was free; the citizen waits, in the order of these events, to be told when one is.

    The place ends at `expires_at`, told or not. The phone is bound to this event.
    """

    type: ClassVar[str] = "waiting_joined"
    receipt_number: ReceiptNumber
    size: Literal["s", "m", "l"]
    phone_sealed: Sealed
    expires_at: AwareDatetime
