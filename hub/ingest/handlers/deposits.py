"""Paper that citizens hand in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from contract.events import DepositAbandoned, DepositCleared, DepositMade, WaitingJoined
from contract.ids import show_receipt_number
from hub.db.tables import waiting
from hub.ingest.arrived import Arrived
from hub.ingest.changes import Change, Rule
from hub.ingest.handlers.rows import deposit, holds, looked_into, open_task, picture, utc


def deposit_made(event: Arrived, data: DepositMade) -> Iterator[Change]:
    """The paper lies in the compartment; a sealed phone is bound to this event's id."""
    yield deposit(
        event, data.receipt_number, data.compartment, state="made", event=event.id,
        has_phone=data.phone_sealed is not None, made_at=event.when, count_said=data.count, low=data.low,
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
        event, data.receipt_number, data.compartment, state=state, cleared_at=event.when, cleared_by=data.staff,
        count_found=data.count,
    )  # fmt: skip
    if data.count_said is not None and data.count is not None and data.count != data.count_said:
        yield _discrepancy(event, data, said=data.count_said, found=data.count)
    yield holds(event, data.compartment)
    yield picture(event, data.compartment, allocation="free")
    yield from looked_into(event, data.compartment)


def _discrepancy(event: Arrived, data: DepositCleared, *, said: int, found: int) -> Change:
    number = show_receipt_number(data.receipt_number)
    text = (
        f"{data.compartment}号柜收件 {number}：市民称 {said} 件，工作人员点到 {found} 件，请核对。\n"
        f"Deposit {number} in compartment {data.compartment}: the citizen said {said} pieces, staff counted {found}."
    )
    return open_task(event, "count", data.receipt_number, text, data.compartment)


def waiting_joined(event: Arrived, data: WaitingJoined) -> Iterator[Change]:
    """A citizen waits for a free compartment until the night is over; an end that no database takes has passed."""
    ends = utc(data.expires_at) or event.received_at
    if event.clock != "synced" and event.at is not None and event.received_at is not None:
        # A station whose clock was not set still knows how long its night is.
        ends = event.received_at + min(data.expires_at - event.at, timedelta(days=1))
    row = {
        "station": event.station, "size": data.size, "event": event.id, "state": "waiting", "joined_at": event.when,
        "expires_at": ends,
    }  # fmt: skip
    yield Change(waiting, Rule.NEW, {"receipt_number": data.receipt_number}, row)
