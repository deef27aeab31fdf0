"""I5: the audit chain computed anew from the rows, and every event and fork covered by exactly one row of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC

from tests.sweep.evidence import Evidence
from tests.sweep.hub_books import Row, moment

START = "0" * 64


def chain_covers_every_event(evidence: Evidence) -> list[str]:
    """Rows 1..n, each hash over the one before, the head in the station's row; one row `event` for each event."""
    rows = sorted(evidence.hub["audit"], key=lambda row: row["n"])
    problems, head = _walk(rows)
    station = next(iter(evidence.hub["stations"]), None)
    if station is None or (station["audit_n"], station["audit_head"]) != (len(rows), head):
        problems.append("the head in the station's row is not the end of the chain")
    for table, kind in (("events", "event"), ("forks", "fork")):
        problems += _covered(evidence.hub[table], [row for row in rows if row["kind"] == kind], table)
    return problems


def _walk(rows: list[Row]) -> tuple[list[str], str]:
    head, problems = START, []
    for place, row in enumerate(rows, 1):
        stamped = moment(row["at"]).astimezone(UTC).isoformat(timespec="microseconds")
        text = f"{head}\n{row['n']}\n{row['kind']}\n{stamped}\n{row['digest']}\n{row['subject']}"
        head = hashlib.sha256(text.encode()).hexdigest()
        if (row["n"], row["hash"]) != (place, head):
            problems.append(f"audit row {place} does not follow the one before")
            break
    return problems, head


def _covered(stored: list[Row], audited: list[Row], table: str) -> list[str]:
    subjects = Counter(row["subject"] for row in audited)
    digests = {row["subject"]: row["digest"] for row in audited}
    problems = []
    for row in stored:
        subject = f"{row['epoch']}/{row['seq']}/{row['id']}"
        if subjects.pop(subject, 0) != 1:
            problems.append(f"{table}: number {row['seq']} has no audit row, or several")
        elif digests[subject] != hashlib.sha256(row["body"].encode()).hexdigest():
            problems.append(f"{table}: number {row['seq']} is not what its audit row says")
    return problems + [f"audit row of {subject} without its row in {table}" for subject in subjects]
