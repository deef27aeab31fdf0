"""I1: what people were told, and where their things lie, against the hub's records and the station's."""

from __future__ import annotations

import json
from collections import Counter

from hall.ledger import Told
from tests.sweep.errands import SHOWN_NUMBER
from tests.sweep.evidence import Evidence
from tests.sweep.hub_books import Row

CUT = "✂"
_PAPERS = {"收件凭条": {"deposit_made"}, "收件情况待核实": {"deposit_abandoned"}}
# What a person was told, the event that must be on record for it, and the key by which it is found.
_RECORDS = {
    "receipt": ("deposit_made", "receipt_number"),
    "cleared": ("deposit_cleared", "receipt_number"),
    "loaded": ("item_loaded", "case_number"),
    "collected": ("item_collected", "case_number"),
}


def everything_told_is_on_record(evidence: Evidence) -> list[str]:
    """Every number, ending and doubt that somebody saw is a projected row; nothing lies in what is called free."""
    done = [row for row in evidence.hub["events"] if row["state"] == "done"]
    return [
        *_endings(evidence, done),
        *_doubts(evidence, done),
        *_slips(evidence, done),
        *_picture(evidence),
        *_inside(evidence),
    ]


def _endings(evidence: Evidence, done: list[Row]) -> list[str]:
    have = Counter((row["type"], row["subject"], row["compartment"]) for row in done)
    wanted: Counter[tuple[str, str, int]] = Counter()
    for told in evidence.told:
        if told.what in _RECORDS:
            kind, key = _RECORDS[told.what]
            wanted[kind, told.facts[key], told.facts["compartment"]] += 1
    return [
        f"told {count} times of {kind} {subject} in {number}, {have[kind, subject, number]} rows at the hub"
        for (kind, subject, number), count in wanted.items()
        if have[kind, subject, number] < count
    ]


def _doubts(evidence: Evidence, done: list[Row]) -> list[str]:
    have = Counter(row["compartment"] for row in done if row["type"] == "compartment_doubtful")
    told = Counter(each.facts["compartment"] for each in evidence.told if each.what == "doubt")
    problems = [
        f"told {count} times that {number} is in doubt, {have[number]} rows at the hub"
        for number, count in told.items()
        if have[number] < count
    ]
    written = [(row["type"], row["compartment"], json.loads(row["body"])["data"]) for row in done]
    named = {(number, data.get("receipt_number")) for kind, number, data in written if kind == "compartment_doubtful"}
    for each in evidence.told:
        number = each.facts.get("receipt_number") if each.what == "doubt" else None
        if number is not None and (each.facts["compartment"], number) not in named:
            problems.append(f"told that {number} is in doubt; no such row at the hub")
    for kind, _, data in written:
        doubted = any(number == data.get("receipt_number") for _, number in named)
        if kind == "deposit_abandoned" and data["door_seen_open"] != doubted:
            problems.append(f"{data['receipt_number']}: abandoned and doubtful do not agree")
    return problems


def _slips(evidence: Evidence, done: list[Row]) -> list[str]:
    """What a slip says of its number is on record: a deposit, a doubt, or at least the slip itself."""
    problems = []
    for paper in evidence.slips.split(CUT):
        title = next((title for title in _PAPERS if title in paper), "")
        kinds = _PAPERS.get(title, {"compartment_doubtful", "print_requested"})
        known = {row["subject"] for row in done if row["type"] in kinds}
        for number in ("".join(found) for found in SHOWN_NUMBER.findall(paper)):
            if number not in known:
                problems.append(f"a slip {title} says {number}, the hub has no {' or '.join(sorted(kinds))} of it")
    return problems


def _picture(evidence: Evidence) -> list[str]:
    """The hub's picture of deposits and compartments is the station's."""
    problems = []
    shown = {row["number"]: row for row in evidence.hub["compartments"]}
    for row in evidence.store.tables["compartments"]:
        there = shown.get(row["number"])
        if there is None or there["allocation"] != row["allocation"]:
            said = there and there["allocation"]
            problems.append(f"compartment {row['number']} is {row['allocation']} at the station, {said} at the hub")
    cleared = {each.facts["receipt_number"] for each in evidence.told if each.what == "cleared"}
    for row in evidence.hub["deposits"]:
        if row["receipt_number"] in cleared and row["state"] not in {"cleared", "not_found"}:
            problems.append(f"told that {row['receipt_number']} is cleared; the hub says {row['state']}")
    return problems


def _inside(evidence: Evidence) -> list[str]:
    free = {row["number"] for row in evidence.store.tables["compartments"] if row["allocation"] == "free"}
    problems = [f"something lies in {number}, and the station calls it free" for number in evidence.inside & free]
    return problems + [_foreign(told) for told in evidence.told if told.what == "foreign"]


def _foreign(told: Told) -> str:
    return f"a person was given compartment {told.facts['compartment']} with somebody's things inside"
