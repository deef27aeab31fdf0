"""One event as it arrived: typed as far as this hub knows it, and the text that will be stored."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from contract.events import EventData


class State(StrEnum):
    """What became of a stored event."""

    NEW = "new"
    """Waits: for an earlier number, or for its station's parked projection."""
    DONE = "done"
    UNKNOWN = "unknown"
    """Of a type or shape that this hub does not know yet; counts in `through`, is shown, projected when learned."""
    KNOWN_ID = "known_id"
    """Came before under another number; counts in `through`, projected once."""


@dataclass(frozen=True, slots=True)
class SealedValue:
    """A sealed field taken out of an event's body."""

    field: str
    jwe: str
    sha256: str


@dataclass(slots=True)
class Arrived:
    """An event with its key. `data` is None when this hub cannot understand it; `body` is what is stored."""

    station: str
    epoch: str
    seq: int
    id: str
    type: str
    at: datetime | None
    clock: str | None
    boot: int | None
    correlation: str | None
    subject: str | None
    compartment: int | None
    body: str
    digest: str
    data: EventData | None
    sealed: tuple[SealedValue, ...] = ()
    state: State = State.NEW
    received_at: datetime | None = None
    stored: bool = field(default=False)  # it is a row already, appended by an earlier transaction

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes it unique."""
        return (self.station, self.epoch, self.seq)

    @property
    def when(self) -> datetime | None:
        """The best known time of what happened: the station's while its clock was set, else the hub's."""
        return self.at if self.clock == "synced" else self.received_at

    def as_first(self, epoch: str, seq: int, state: State) -> Arrived:
        """Return the stored row under which this id came for the first time."""
        return replace(self, epoch=epoch, seq=seq, state=state, stored=True)

    @property
    def audit_subject(self) -> str:
        """How the audit chain names it."""
        return f"{self.epoch}/{self.seq}/{self.id}"


@dataclass(frozen=True, slots=True)
class Batch:
    """What one readable message held."""

    station: str
    epoch: str
    events: list[Arrived]
