"""One person's operation at the kiosk, as a persisted state: data, inputs and decisions.

The rules stand beside: `advance.py` for what all doors have in common, `deposit.py`, `pickup.py`, `load.py`, `clear.py`
for how each story begins and ends. A rule takes the visit, its compartment and one input, and answers with a
`Decision`: a value that a service commits in one transaction and only then carries out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from contract.events import EventData, Purpose
from edge.core.compartment import Compartment
from edge.core.grants import GRANTS_PER_VISIT, Grant
from edge.errors import BugError
from edge.ports import Door

PULSES_PER_GRANT = 2
SensorFault = Literal["sensor_stuck", "flapping"]
Occasion = Literal[
    "deposit_done",
    "deposit_failed",
    "deposit_doubtful",
    "pickup_failed",
    "pickup_doubtful",
    "pickup_missing",
    "pickup_wrong",
    "turned_away",
    "waiting",
    "trolley",
    "submission_done",
    "print_failed",
    "print_doubtful",
]
Means = Literal["code", "qr", "card", "relative"]
Destination = Literal["window", "courier", "shelf"]


class Step(StrEnum):
    """How far a visit is. `done`, `failed` and `doubtful` are ends."""

    OPENING = "opening"
    OPEN = "open"
    CLOSED = "closed"
    DONE = "done"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


ENDS = frozenset({Step.DONE, Step.FAILED, Step.DOUBTFUL})


class Answer(StrEnum):
    """What the person says once the door is closed again."""

    CONFIRMED = "confirmed"  # "my papers are inside" / "I have it" / "it is loaded" / "I took them out"
    NOTHING = "nothing"  # "I put nothing in" / "I took nothing" / "it was empty"
    LEFT = "left"  # inspection and service: "everything stays as it is"
    MISSING = "missing"  # pickup only: "my document is not in the compartment"
    WRONG = "wrong"  # pickup only: "this is not mine, I put it back"


@dataclass(frozen=True, slots=True)
class DoorSeen:
    """The sensor of the visit's door was read."""

    door: Door


@dataclass(frozen=True, slots=True)
class UnlockFailed:
    """The door was not seen open in time, or the frame could not be written; `door` is what it reads now."""

    door: Door


@dataclass(frozen=True, slots=True)
class UnlockRefused:
    """No unlock frame was sent: the lock was unlocked too often, or its bus is in quarantine; `door` is as read now."""

    door: Door


@dataclass(frozen=True, slots=True)
class OtherDoorOpened:
    """Another door than the one asked for opened; `door` is what the visit's own door reads now."""

    other: Compartment
    door: Door


@dataclass(frozen=True, slots=True)
class SensorContradicted:
    """A person says otherwise than the door's sensor, or the sensor flickers: what it says is not believed any more."""

    fault: SensorFault = "sensor_stuck"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The person answered. Sealed fields and the id they are sealed for come from the service.

    `count` is how many pieces lie inside (a deposit) or were found there (its clearing), None if nobody was asked.
    """

    answer: Answer
    event_id: UUID | None = None
    phone_sealed: str | None = None
    code_sealed: str | None = None
    qr_sealed: str | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The person gave up; `door` is what the visit's door reads now."""

    door: Door


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody touched the screen for the idle time; `door` is what the visit's door reads now."""

    door: Door


@dataclass(frozen=True, slots=True)
class Restarted:
    """The edge has started again and read the visit's door: nothing was observed in between."""

    door: Door


Input = (
    DoorSeen
    | UnlockFailed
    | UnlockRefused
    | OtherDoorOpened
    | SensorContradicted
    | Confirmed
    | Cancelled
    | Idle
    | Restarted
)


@dataclass(frozen=True, slots=True)
class Visit:
    """The persisted visit.

    `id` is also the correlation of its events. `grants_used` counts permissions (at most three), `pulses` the unlock
    frames sent under the newest of them.
    `low`: the citizen asked for a compartment low down.
    `due` and `recipient_unknown` belong to the item that staff is putting in, `means` to a pickup. `witness` is the
    second person's badge; `destination` is where two persons take an overdue item.
    """

    id: UUID
    kind: Purpose
    step: Step
    compartment: int
    boot: int
    receipt_number: str | None = None
    case_number: str | None = None
    staff: str | None = None
    witness: str | None = None
    due: datetime | None = None
    recipient_unknown: bool = False
    low: bool = False
    grant: UUID | None = None
    grants_used: int = 0
    pulses: int = 0
    means: Means = "code"
    destination: Destination = "window"

    @property
    def ended(self) -> bool:
        """Whether nothing more can happen in it."""
        return self.step in ENDS

    def unlocking(self, grant_id: UUID, compartment: int, boot: int) -> tuple[Visit, Grant]:
        """Return the visit as it waits for `compartment` to open, and the used grant that permits it.

        Raises:
            BugError: three grants were used already; ask `may_reopen` first.
        """
        if self.grants_used >= GRANTS_PER_VISIT:
            raise BugError(f"visit {self.id} has used its {GRANTS_PER_VISIT} grants")
        grant = Grant(grant_id, compartment, self.kind, self.id, boot).use(compartment, boot)
        waiting = replace(
            self,
            step=Step.OPENING,
            compartment=compartment,
            grant=grant_id,
            grants_used=self.grants_used + 1,
            pulses=1,
        )
        return waiting, grant

    @property
    def may_reopen(self) -> bool:
        """Whether the person may have the same door opened once more."""
        return self.step is Step.CLOSED and self.grants_used < GRANTS_PER_VISIT


@dataclass(frozen=True, slots=True)
class Slip:
    """What a slip has to say; wording and paper are the services' and printers'.

    `compartment` is 0 where there is none, `count` the pieces of a deposit, `detail` lines of its own.
    """

    receipt_number: str
    compartment: int
    occasion: Occasion = "deposit_done"
    count: int | None = None
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from one input; commit all of it in one transaction, then act.

    `pulse`: send one unlock frame after the commit (the grant is used already). `code_used`: the compartment's pickup
    code is spent. `another`: a deposit or load whose door failed untouched may `move_to` another compartment, in the
    same transaction, else `give_up`. `event_id`, when set, is the id of the first event: its fields are sealed for it.
    """

    visit: Visit
    compartments: tuple[Compartment, ...] = ()
    events: tuple[EventData, ...] = ()
    grant: Grant | None = None
    slip: Slip | None = None
    pulse: bool = False
    code_used: bool = False
    another: bool = False
    event_id: UUID | None = None

    def events_with_ids(self) -> list[tuple[EventData, UUID | None]]:
        """Return the events in order, each with the id it must have, or None for a fresh one."""
        return [(event, self.event_id if index == 0 else None) for index, event in enumerate(self.events)]
