"""What happened: one class per event type, holding the shape of its `data`.

An event is in the past tense and never taken back. A type without a class, a schema and an example does not exist.
Fields ending in `_sealed` hold compact JWEs (see `sealed.py`); no other field may carry personal data.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contract.event_base import EventData, Sealed, ShortText
from contract.ids import BadgeId, CaseNumber, CompartmentNumber, ReceiptNumber, Sha256
from contract.item_events import (
    CodeReissued,
    CompartmentsReconciled,
    ItemCleared,
    ItemCollected,
    ItemExpired,
    ItemExtended,
    ItemLoaded,
    OneTimeCodeIssued,
    PickupRefused,
)
from contract.paper_events import (
    BlankVoided,
    DocumentCaptured,
    FileReference,
    IdentityRead,
    PaperLeft,
    PaperTaken,
    PrintDone,
    PrintFailed,
    PrintRequested,
    PrintUnverified,
    StockLoaded,
    UsbImported,
    UsbRefused,
)
from contract.service_events import EmergencyReleaseGranted, ItemWithdrawn
from contract.stock_events import (
    BlankInspected,
    BlanksDestroyed,
    CountedStock,
    StockCounted,
    StockReceived,
    StockUnloaded,
)
from contract.trolley_events import MovedItem, TrolleyFinished
from contract.upkeep_events import DoorServiced, MaintenanceDue
from contract.waiting_events import DepositTurnedAway, WaitingJoined
from contract.wire import UUID, Count, WireModel


class Purpose(StrEnum):
    """What a door was opened for."""

    DEPOSIT = "deposit"
    PICKUP = "pickup"
    LOAD = "load"
    CLEAR = "clear"
    INSPECT = "inspect"
    SERVICE = "service"


class StationStarted(EventData):
    """The edge agent is up; the first event of every epoch is one of these."""

    type: ClassVar[str] = "station_started"
    software: ShortText
    epoch_origin: Literal["created", "fork", "salvaged"] = "created"
    previous_epoch: UUID | None = None
    simulated: tuple[ShortText, ...] = ()


class SessionStarted(EventData):
    """A person began at the kiosk."""

    type: ClassVar[str] = "session_started"
    who: Literal["citizen", "staff"]
    staff: BadgeId | None = None


class SessionEnded(EventData):
    """That person's visit is over."""

    type: ClassVar[str] = "session_ended"
    outcome: Literal["finished", "idle", "cancelled", "restarted"]


class SubmissionPart(WireModel):
    """One kind of material within a submission."""

    kind: Literal["paper", "usb", "camera"]
    count: Count
    compartment: CompartmentNumber | None = None


class SubmissionMade(EventData):
    """The materials of one hand-in, joined by their receipt number.

    `manifest` lists them one by one; paper of the same submission has a `deposit_made` with the same receipt number.
    `ended` says whether the citizen handed it in, or left (or the station stopped) after paper was in a compartment.
    """

    type: ClassVar[str] = "submission_made"
    receipt_number: ReceiptNumber
    parts: tuple[SubmissionPart, ...]
    manifest: FileReference | None = None
    ended: Literal["handed_in", "idle", "restarted"] = "handed_in"
    phone_sealed: Sealed | None = None


class DepositMade(EventData):
    """A citizen's paper lies in a closed compartment and the citizen confirmed it.

    `count` is how many pieces (a paper, a bundle, an envelope) the citizen says are inside; `low` that the citizen
    asked for a compartment low down.
    """

    type: ClassVar[str] = "deposit_made"
    receipt_number: ReceiptNumber
    compartment: CompartmentNumber
    size: ShortText
    count: Count | None = None
    low: bool = False
    phone_sealed: Sealed | None = None


class DepositAbandoned(EventData):
    """A hand-in ended without confirmation; `door_seen_open` decides whether paper may lie inside."""

    type: ClassVar[str] = "deposit_abandoned"
    receipt_number: ReceiptNumber
    compartment: CompartmentNumber
    door_seen_open: bool
    reason: Literal["cancelled", "idle", "restarted", "nothing_inside", "door_failed"]


class DepositCleared(EventData):
    """Staff took the deposit out, or stated that the compartment was empty (`found` false).

    `count` is how many pieces staff counted, `count_said` how many the citizen said; they differ: a discrepancy.
    """

    type: ClassVar[str] = "deposit_cleared"
    receipt_number: ReceiptNumber
    compartment: CompartmentNumber
    staff: BadgeId
    found: bool = True
    count: Count | None = None
    count_said: Count | None = None


class DoorOpened(EventData):
    """The sensor said open. `grant` names the single-use permission, absent when nobody had one."""

    type: ClassVar[str] = "door_opened"
    compartment: CompartmentNumber
    purpose: Purpose | None = None
    grant: UUID | None = None


class DoorClosed(EventData):
    """The sensor said closed again."""

    type: ClassVar[str] = "door_closed"
    compartment: CompartmentNumber
    purpose: Purpose | None = None
    grant: UUID | None = None


class DoorLeftOpen(EventData):
    """A door stayed open: first a prompt, then an alarm."""

    type: ClassVar[str] = "door_left_open"
    compartment: CompartmentNumber
    stage: Literal["prompt", "alarm"]
    seconds: Count


class DoorForced(EventData):
    """A door opened for which no grant was live."""

    type: ClassVar[str] = "door_forced"
    compartment: CompartmentNumber


class DoorFailed(EventData):
    """A door did not do what was asked; `other` is the door that moved instead.

    `sensor_stuck`: a person says otherwise than its sensor. `flapping`: the sensor changes its mind too often.
    """

    type: ClassVar[str] = "door_failed"
    compartment: CompartmentNumber
    fault: Literal["not_opened", "other_door", "no_answer", "sensor_stuck", "flapping"]
    other: CompartmentNumber | None = None


class CompartmentDoubtful(EventData):
    """Nobody can say what lies inside; only staff (or a sensor that proves it empty) free it."""

    type: ClassVar[str] = "compartment_doubtful"
    compartment: CompartmentNumber
    reason: Literal[
        "unconfirmed",
        "restarted",
        "forced",
        "other_door",
        "nothing_inside",
        "sensor_unknown",
        "sensor_stuck",
        "item_missing",
        "wrong_item",
    ]
    receipt_number: ReceiptNumber | None = None
    case_number: CaseNumber | None = None


class CompartmentTakenOut(EventData):
    """A compartment is out of service."""

    type: ClassVar[str] = "compartment_taken_out"
    compartment: CompartmentNumber
    reason: ShortText
    by: Literal["station", "staff", "command"]
    staff: BadgeId | None = None


class CompartmentReturned(EventData):
    """A compartment is back in service; `allocation` is what the person found it to be."""

    type: ClassVar[str] = "compartment_returned"
    compartment: CompartmentNumber
    by: Literal["station", "staff", "command"]
    allocation: Literal["free", "occupied", "doubtful"]
    staff: BadgeId | None = None


class RatingGiven(EventData):
    """A citizen's rating of one visit."""

    type: ClassVar[str] = "rating_given"
    stars: Annotated[int, Field(ge=1, le=5)]
    case_number: CaseNumber | None = None
    reason: ShortText | None = None


class DeviceFailed(EventData):
    """A device does not answer or says that it can't work."""

    type: ClassVar[str] = "device_failed"
    device: ShortText
    fault: ShortText


class DeviceRecovered(EventData):
    """That device works again."""

    type: ClassVar[str] = "device_recovered"
    device: ShortText


class SelfTestDone(EventData):
    """A guided or commanded self-test ended."""

    type: ClassVar[str] = "self_test_done"
    device: ShortText
    passed: bool
    detail: ShortText = ""


class CommandDone(EventData):
    """A command was carried out."""

    type: ClassVar[str] = "command_done"
    jti: UUID
    command: ShortText
    result: ShortText = "done"


class CommandRefused(EventData):
    """A command was refused, and why."""

    type: ClassVar[str] = "command_refused"
    jti: UUID | None = None
    command: ShortText | None = None
    reason: Literal[
        "bad_signature",
        "unknown_key",
        "wrong_station",
        "expired",
        "not_yet_valid",
        "wrong_epoch",
        "too_long_lived",
        "rate_limited",
        "clock_unsynced",
        "service_mode_off",
        "unsupported",
        "malformed",
        "not_possible",
        "second_person_missing",
        "interrupted",
    ]


class ConfigApplied(EventData):
    """A signed document is in force."""

    type: ClassVar[str] = "config_applied"
    kind: ShortText
    version: Count
    sha256: Sha256


class ConfigRefused(EventData):
    """A document was refused; the last good one stays in force."""

    type: ClassVar[str] = "config_refused"
    kind: ShortText
    version: Count
    sha256: Sha256
    reason: ShortText


__all__ = [
    "EVENT_TYPES",
    "BlankInspected",
    "BlankVoided",
    "BlanksDestroyed",
    "CodeReissued",
    "CommandDone",
    "CommandRefused",
    "CompartmentDoubtful",
    "CompartmentReturned",
    "CompartmentTakenOut",
    "CompartmentsReconciled",
    "ConfigApplied",
    "ConfigRefused",
    "CountedStock",
    "DepositAbandoned",
    "DepositCleared",
    "DepositMade",
    "DepositTurnedAway",
    "DeviceFailed",
    "DeviceRecovered",
    "DocumentCaptured",
    "DoorClosed",
    "DoorFailed",
    "DoorForced",
    "DoorLeftOpen",
    "DoorOpened",
    "DoorServiced",
    "EmergencyReleaseGranted",
    "EventData",
    "FileReference",
    "IdentityRead",
    "ItemCleared",
    "ItemCollected",
    "ItemExpired",
    "ItemExtended",
    "ItemLoaded",
    "ItemWithdrawn",
    "MaintenanceDue",
    "MovedItem",
    "OneTimeCodeIssued",
    "PaperLeft",
    "PaperTaken",
    "PickupRefused",
    "PrintDone",
    "PrintFailed",
    "PrintRequested",
    "PrintUnverified",
    "Purpose",
    "RatingGiven",
    "SelfTestDone",
    "SessionEnded",
    "SessionStarted",
    "StationStarted",
    "StockCounted",
    "StockLoaded",
    "StockReceived",
    "StockUnloaded",
    "SubmissionMade",
    "SubmissionPart",
    "TrolleyFinished",
    "UsbImported",
    "UsbRefused",
    "WaitingJoined",
]

EVENT_TYPES: dict[str, type[EventData]] = {cls.type: cls for cls in EventData.__subclasses__()}
"""Every event type by its name on the wire."""
