"""What is kept or answered: presence, acknowledgement, wanted documents, the last known picture."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from contract.ids import CompartmentNumber, Sha256, StationId
from contract.wire import UUID, AwareDatetime, Count, Seq, WireModel

Millimetres = Annotated[int, Field(ge=0, le=20000)]


class Presence(WireModel):
    """A station's birth, retained; its will is the same with `online` false. Newest `(epoch, boot, conn)` wins."""

    v: Literal[1] = 1
    online: bool
    epoch: UUID
    boot: Count
    conn: Count
    last_seq: Count
    acked_through: Count
    at: AwareDatetime
    software: str
    config: str = ""
    ledger: UUID | None = None
    simulated: tuple[str, ...] = ()


class Ack(WireModel):
    """What the hub has committed of one epoch: 1..`through` without a gap, up to `seen` with the gaps `missing`.

    `through_id` is the id of event `through` (absent when `through` is 0). `fork` says that a known number came with
    another id.
    """

    v: Literal[1] = 1
    ledger: UUID
    epoch: UUID
    through: Count
    through_id: UUID | None = None
    seen: Count
    missing: Annotated[tuple[tuple[Seq, Seq], ...], Field(max_length=100)] = ()
    fork: bool = False


class HubPresence(WireModel):
    """A hub process is ready to commit; `counter` rises each time the database came back."""

    v: Literal[1] = 1
    ready: bool
    counter: Count
    ledger: UUID | None = None


class WantedDocument(WireModel):
    """Version and hash of one signed document that a station should hold."""

    version: Count
    sha256: Sha256


class Desired(WireModel):
    """The signed documents a station should hold, by kind (`config`, `expected`, `staff`, ...)."""

    v: Literal[1] = 1
    station: StationId
    documents: dict[str, WantedDocument]


class Place(WireModel):
    """Where a door sits in its cabinet, seen from the front: millimetres from the upper left corner."""

    cabinet: Annotated[str, Field(max_length=32)]
    cabinet_width_mm: Millimetres
    cabinet_height_mm: Millimetres
    x_mm: Millimetres
    y_mm: Millimetres
    width_mm: Millimetres
    height_mm: Millimetres


class CompartmentState(WireModel):
    """One compartment in the live picture; `openings` counts how often its door was seen open."""

    number: CompartmentNumber
    size: str
    allocation: Literal["free", "reserved", "occupied", "doubtful"]
    door: Literal["open", "closed", "unknown"]
    in_service: bool
    reason: str | None = None
    since: AwareDatetime | None = None
    openings: Count | None = None
    maintenance_due: bool = False
    place: Place | None = None


class CompartmentsState(WireModel):
    """Retained under `state/compartments`: last known picture, with the time it was true."""

    v: Literal[1] = 1
    at: AwareDatetime
    compartments: tuple[CompartmentState, ...]


class DeviceState(WireModel):
    """Retained under `state/{component}`: whether a device works."""

    v: Literal[1] = 1
    at: AwareDatetime
    ok: bool
    detail: str = ""


class Telemetry(WireModel):
    """Measurements by name; may be lost."""

    v: Literal[1] = 1
    at: AwareDatetime
    values: dict[str, Any]
