"""I3: what coils and doors did, against the grants of the store and the wishes of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.sweep.evidence import Evidence
from tests.sweep.hub_books import of_type

PULSES_A_GRANT = 2


@dataclass
class _Grant:
    id: str
    compartment: int
    state: str
    boot: int
    at: datetime
    pulses: list[datetime] = field(default_factory=list)


def doors_opened_by_grants(evidence: Evidence) -> list[str]:
    """Each pulse has its used grant of that start for that very door; each open door had its pulse and its wish."""
    grants = _grants(evidence)
    problems = _pulses(evidence, grants)
    opened = [line for line in evidence.doors if line["what"] == "door" and line["door"] == "open"]
    for grant in grants:
        problems += _pulses_of(grant, opened)
    return problems + _openings(opened, grants) + _wishes(evidence, grants) + _reported(evidence, grants)


def _grants(evidence: Evidence) -> list[_Grant]:
    found = {
        row["id"]: _Grant(row["id"], row["compartment"], row["state"], row["boot"], _moment(row["changed_at"]))
        for store in evidence.stores
        for row in store.tables["grants"]
    }
    return sorted(found.values(), key=lambda grant: grant.at)


def _pulses(evidence: Evidence, grants: list[_Grant]) -> list[str]:
    """Give each pulse to the newest grant for its door that was committed before it."""
    starts = _starts(evidence)
    problems = []
    for line in evidence.doors:
        if line["what"] != "pulse":
            continue
        at, number = _moment(line["at"]), line["compartment"]
        fitting = [grant for grant in grants if grant.compartment == number and grant.at <= at]
        if not fitting:
            problems.append(f"coil {number} moved at {at:%H:%M:%S.%f} without any grant")
            continue
        grant = fitting[-1]
        grant.pulses.append(at)
        if grant.state != "used":
            problems.append(f"coil {number} moved for grant {grant.id[:8]}, which is {grant.state}")
        later = [boot for boot, started in starts if grant.at < started <= at]
        if later:
            problems.append(f"coil {number} moved in boot {later[-1]} for a grant of boot {grant.boot}")
    return problems


def _pulses_of(grant: _Grant, opened: Sequence[dict[str, Any]]) -> list[str]:
    if len(grant.pulses) > PULSES_A_GRANT:
        return [f"coil {grant.compartment} moved {len(grant.pulses)} times for one grant"]
    if len(grant.pulses) == PULSES_A_GRANT:
        first, second = grant.pulses
        between = [
            line
            for line in opened
            if line["compartment"] == grant.compartment and first <= _moment(line["at"]) < second
        ]
        if between:
            return [f"coil {grant.compartment} moved again for one grant, although its door had opened"]
    return []


def _openings(opened: Sequence[dict[str, Any]], grants: list[_Grant]) -> list[str]:
    """A door springs open only behind its own coil's pulse."""
    problems = []
    for line in opened:
        at, number = _moment(line["at"]), line["compartment"]
        behind = [pulse for grant in grants if grant.compartment == number for pulse in grant.pulses if pulse <= at]
        if not behind:
            problems.append(f"door {number} opened at {at:%H:%M:%S.%f} without its coil having moved for a grant")
    return problems


def _wishes(evidence: Evidence, grants: list[_Grant]) -> list[str]:
    """No more doors were opened for a purpose than people asked for; where they named a door, it was that one."""
    named = Counter(
        (told.facts["purpose"], told.facts["compartment"])
        for told in evidence.told
        if told.what == "wish" and told.facts.get("compartment")
    )
    asked = Counter(told.facts["purpose"] for told in evidence.told if told.what == "wish")
    purposes = {row["id"]: row["purpose"] for store in evidence.stores for row in store.tables["grants"]}
    moved = [grant for grant in grants if grant.pulses]
    given = Counter(purposes[grant.id] for grant in moved)
    # A door that failed is followed by another one under the same wish.
    spare = len(of_type(evidence.hub["events"], "door_failed"))
    problems = [
        f"{count} doors were opened for {purpose}, {asked[purpose]} were asked for"
        for purpose, count in given.items()
        if count > asked[purpose] + spare
    ]
    for grant in moved:
        purpose = purposes[grant.id]
        if purpose in {"pickup", "clear", "inspect"} and not named[purpose, grant.compartment]:
            problems.append(f"door {grant.compartment} was opened for {purpose}, which nobody asked for there")
    return problems


def _reported(evidence: Evidence, grants: list[_Grant]) -> list[str]:
    """`door_opened` names a grant once, and for the door that it was given for."""
    by_id = {grant.id: grant for grant in grants}
    problems = []
    seen: Counter[str] = Counter()
    for store in evidence.stores[-1:]:
        for event in store.written:
            grant = event["data"].get("grant") if event["type"] == "door_opened" else None
            if grant is None:
                continue
            seen[grant] += 1
            if grant not in by_id or by_id[grant].compartment != event["data"]["compartment"]:
                problems.append(f"door {event['data']['compartment']} was reported open for another door's grant")
    return problems + [f"grant {grant[:8]} opened {count} times" for grant, count in seen.items() if count > 1]


def _starts(evidence: Evidence) -> list[tuple[int, datetime]]:
    written = [event for store in evidence.stores for event in store.written]
    return sorted({(event["boot"], _moment(event["at"])) for event in written if event["type"] == "station_started"})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
