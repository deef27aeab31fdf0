"""Issued items: loaded by staff, collected by their recipients."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from contract.events import (
    CodeReissued,
    ItemCleared,
    ItemCollected,
    ItemExpired,
    ItemExtended,
    ItemLoaded,
    ItemWithdrawn,
    OneTimeCodeIssued,
    PickupRefused,
)
from hub.db.tables import document_requests, notifications
from hub.ingest.arrived import Arrived
from hub.ingest.changes import Change, Rule
from hub.ingest.handlers.rows import case, holds, looked_into, open_task, picture, utc


def item_loaded(event: Arrived, data: ItemLoaded) -> Iterator[Change]:
    """The item waits for its recipient, who is told the code; the station's list of what to load gets shorter."""
    until = utc(data.due)
    due = {"due": until} if until is not None else {}
    yield case(
        data.case_number, state="loaded", station=event.station, compartment=data.compartment, loaded_at=event.when,
        recipient_unknown=data.recipient_unknown, **due,
    )  # fmt: skip
    yield holds(event, data.compartment, case=data.case_number)
    yield picture(event, data.compartment, allocation="occupied", door="closed")
    if data.code_sealed is not None and not data.recipient_unknown:
        yield _tell(event, "pickup_code", data.case_number, data.compartment, until)
    asked = {"station": event.station, "kind": "expected", "asked_at": event.received_at}
    yield Change(document_requests, Rule.NEW, {"station": event.station, "kind": "expected"}, asked)


def item_collected(event: Arrived, data: ItemCollected) -> Iterator[Change]:
    """The recipient has it."""
    yield case(data.case_number, state="collected", collected_at=event.when)
    yield from _emptied(event, data.compartment)


def item_expired(_event: Arrived, data: ItemExpired) -> Iterator[Change]:
    """It still lies there, but the code opens nothing any more."""
    yield case(data.case_number, state="overdue")


def item_extended(_event: Arrived, data: ItemExtended) -> Iterator[Change]:
    """It waits longer, and its code opens again if its time was over."""
    yield case(data.case_number, state="loaded", due=utc(data.due))


def item_cleared(event: Arrived, data: ItemCleared) -> Iterator[Change]:
    """Staff took it out for the window, a courier or the shelf."""
    yield case(data.case_number, state="withdrawn")
    yield from _emptied(event, data.compartment)
    yield from looked_into(event, data.compartment)


def item_withdrawn(_event: Arrived, data: ItemWithdrawn) -> Iterator[Change]:
    """Nobody can collect it any more; it lies there until staff take it out."""
    yield case(data.case_number, state="withdrawn")


def code_reissued(event: Arrived, data: CodeReissued) -> Iterator[Change]:
    """The recipient is told the new code."""
    until = utc(data.due)
    due = {"due": until} if until is not None else {}
    yield case(data.case_number, recipient_unknown=False, **due)
    yield _tell(event, "pickup_code", data.case_number, data.compartment, until)


def one_time_code_issued(event: Arrived, data: OneTimeCodeIssued) -> Iterator[Change]:
    """The recipient stands at the kiosk and is told the second factor at once, or not at all."""
    yield _tell(event, "one_time_code", data.case_number, data.compartment, utc(data.expires_at))


def pickup_refused(event: Arrived, data: PickupRefused) -> Iterator[Change]:
    """Somebody guesses codes: staff should look at the kiosk."""
    if data.reason == "guessing_alarm":
        text = "有人在自助区反复试取件码，请查看。\nSomebody keeps guessing pickup codes at this station."
        yield open_task(event, "guessing", "kiosk", text, data.compartment)


def _emptied(event: Arrived, number: int) -> Iterator[Change]:
    yield holds(event, number)
    yield picture(event, number, allocation="free")


def _tell(event: Arrived, kind: str, case_number: str, number: int, due: datetime | None) -> Change:
    row = {
        "kind": kind, "station": event.station, "case_number": case_number, "compartment": number, "due": due,
        "state": "waiting", "tries": 0, "made_at": event.received_at, "next_at": event.received_at,
    }  # fmt: skip
    return Change(notifications, Rule.NEW, {"id": event.id}, row)
