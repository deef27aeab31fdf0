"""Paper that citizens hand in."""

from __future__ import annotations

from collections.abc import Iterator

from contract.events import DepositAbandoned, DepositCleared, DepositMade
from hub.ingest.arrived import Arrived
from hub.ingest.changes import Change
from hub.ingest.handlers.rows import deposit, holds, looked_into, picture


def deposit_made(event: Arrived, data: DepositMade) -> Iterator[Change]:
    """The paper lies in the compartment; a sealed phone is bound to this event's id."""
    yield deposit(
        event, data.receipt_number, data.compartment, state="made", event=event.id,
        has_phone=data.phone_sealed is not None, made_at=event.when,
    )  # fmt: skip
    yield holds(event, data.compartment, receipt=data.receipt_number)
    yield picture(event, data.compartment, allocation="occupied", door="closed", size=data.size[:8])


def deposit_abandoned(event: Arrived, data: DepositAbandoned) -> Iterator[Change]:
    """Once the door was open nobody knows whether paper lies inside."""
    state = "doubtful" if data.door_seen_open else "abandoned"
    yield deposit(event, data.receipt_number, data.compartment, state=state)
    if data.door_seen_open:
        yield holds(event, data.compartment, receipt=data.receipt_number)


def deposit_cleared(event: Arrived, data: DepositCleared) -> Iterator[Change]:
    """Staff took the paper out, or found none."""
    state = "cleared" if data.found else "not_found"
    yield deposit(
        event, data.receipt_number, data.compartment, state=state, cleared_at=event.when, cleared_by=data.staff
    )
    yield holds(event, data.compartment)
    yield picture(event, data.compartment, allocation="free")
    yield from looked_into(event, data.compartment)
