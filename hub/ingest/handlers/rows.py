"""Words that the handlers share: changes of one compartment, one task, one case."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from hub.db.tables import cases, compartments, deposits, tasks
from hub.ingest.arrived import Arrived
from hub.ingest.changes import Change, Rule

OF_CONTENT = ("doubtful", "forced", "door")
"""Tasks that end when staff looked into the compartment and said what it holds."""


def picture(event: Arrived, number: int, **columns: object) -> Change:
    """How a compartment stands, as the live picture shows it too."""
    key = {"station": event.station, "number": number}
    return Change(compartments, Rule.PICTURE, key, {**columns, "at": event.at})


def holds(event: Arrived, number: int, *, receipt: str | None = None, case: str | None = None) -> Change:
    """Whose paper or item a compartment holds; only events tell this."""
    key = {"station": event.station, "number": number}
    return Change(compartments, Rule.PUT, key, {"receipt_number": receipt, "case_number": case})


def deposit(source: Arrived, receipt: str, number: int, **columns: object) -> Change:
    """What became of a hand-in."""
    fresh = {"has_phone": False, "made_at": source.when}
    values = {"station": source.station, "compartment": number, **columns}
    return Change(deposits, Rule.PUT, {"receipt_number": receipt}, values, fresh)


def case(case_number: str, **columns: object) -> Change:
    """What became of a case that the hub made."""
    return Change(cases, Rule.EDIT, {"case_number": case_number}, columns)


def utc(at: datetime | None) -> datetime | None:
    """Return the time in UTC; None for one at the edge of the calendar, which no database takes."""
    try:
        return at.astimezone(UTC) if at is not None else None
    except OverflowError:
        return None


def task_id(station: str, kind: str, subject: str | int) -> str:
    """Return the id by which a task is opened once and found again."""
    name = str(subject)
    short = name if len(name) <= 36 else hashlib.sha256(name.encode()).hexdigest()[:36]
    return f"{station}:{kind}:{short}"


def open_task(event: Arrived, kind: str, subject: str | int, text: str, number: int | None = None) -> Change:
    """Somebody must look. One task for each subject: told again, it stays open since the first time; closed, it opens
    again. `text` is Chinese, a line break, English.
    """
    values = {
        "station": event.station, "kind": kind, "compartment": number, "text": text,
        "opened_at": event.when or event.received_at, "closed_at": None,
    }  # fmt: skip
    return Change(tasks, Rule.OPEN, {"id": task_id(event.station, kind, subject)}, values)


def close_task(event: Arrived, kind: str, subject: str | int) -> Change:
    """It was seen to."""
    key = {"id": task_id(event.station, kind, subject)}
    return Change(tasks, Rule.EDIT, key, {"closed_at": event.received_at})


def looked_into(event: Arrived, number: int) -> Iterator[Change]:
    """Staff saw what the compartment holds."""
    for kind in OF_CONTENT:
        yield close_task(event, kind, number)
