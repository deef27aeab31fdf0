"""What happened to issued items while they wait, as part of `events.py`; the classes are published from there."""

from __future__ import annotations

from typing import ClassVar, Literal

from contract.event_base import EventData, Sealed
from contract.ids import BadgeId, CaseNumber, CompartmentNumber
from contract.wire import AwareDatetime


class ItemLoaded(EventData):
    """Staff put an issued item into a compartment; the pickup code travels sealed to the notify process alone."""

    type: ClassVar[str] = "item_loaded"
    case_number: CaseNumber
    compartment: CompartmentNumber
    staff: BadgeId
    recipient_unknown: bool = False
    code_sealed: Sealed | None = None
    qr_sealed: Sealed | None = None
    due: AwareDatetime | None = None


class ItemCollected(EventData):
    """The door was open and closed again, and the recipient said the item is taken."""

    type: ClassVar[str] = "item_collected"
    case_number: CaseNumber
    compartment: CompartmentNumber
    means: Literal["code", "qr", "card", "relative"]


class ItemExpired(EventData):
    """The pickup period of an item ended."""

    type: ClassVar[str] = "item_expired"
    case_number: CaseNumber
    compartment: CompartmentNumber


class ItemExtended(EventData):
    """The pickup period of an item is longer now; it ends at `due`."""

    type: ClassVar[str] = "item_extended"
    case_number: CaseNumber
    compartment: CompartmentNumber
    due: AwareDatetime
    by: Literal["citizen", "command"] = "citizen"


class ItemCleared(EventData):
    """Staff took an uncollected item out; an overdue one is taken out by two persons."""

    type: ClassVar[str] = "item_cleared"
    case_number: CaseNumber
    compartment: CompartmentNumber
    staff: tuple[BadgeId, ...]
    found: bool = True
    destination: Literal["window", "courier", "shelf"] = "window"


class CodeReissued(EventData):
    """A new pickup code replaced the old one, or is the first one of an item whose recipient was unknown."""

    type: ClassVar[str] = "code_reissued"
    case_number: CaseNumber
    compartment: CompartmentNumber
    code_sealed: Sealed
    qr_sealed: Sealed | None = None
    due: AwareDatetime | None = None


class OneTimeCodeIssued(EventData):
    """A recipient at the kiosk needs a second factor: the sealed code is worth sending until `expires_at` only."""

    type: ClassVar[str] = "one_time_code_issued"
    case_number: CaseNumber
    compartment: CompartmentNumber
    code_sealed: Sealed
    expires_at: AwareDatetime


class CompartmentsReconciled(EventData):
    """Every night: the compartments of which nobody can say what they hold, and those to clear in the morning."""

    type: ClassVar[str] = "compartments_reconciled"
    doubtful: tuple[CompartmentNumber, ...] = ()
    to_clear: tuple[CompartmentNumber, ...] = ()


class PickupRefused(EventData):
    """A try to collect was refused; never says which code was typed."""

    type: ClassVar[str] = "pickup_refused"
    compartment: CompartmentNumber | None = None
    reason: Literal[
        "wrong_code",
        "locked_out",
        "guessing_alarm",
        "out_of_service",
        "too_many_grants",
        "wrong_token",
        "unknown_card",
        "wrong_one_time_code",
        "second_factor",
        "expired",
    ]
