"""I1: what people were told, and where their things lie, against the hub's records and the station's."""

from __future__ import annotations

import json
import re
from collections import Counter

from hall.ledger import Told
from tests.sweep.evidence import Evidence
from tests.sweep.hub_books import Row

# As it is printed: five, five, one; the check symbol may be one of Crockford's extra five.
_ON_PAPER = re.compile(r"([0-9A-HJKMNP-TV-Z]{5})-([0-9A-HJKMNP-TV-Z]{5})-([0-9A-Z*~$=])")
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
    left = {row["subject"]: json.loads(row["body"])["data"] for row in done if row["type"] == "deposit_abandoned"}
    for each in evidence.told:
        if each.what == "doubt" and each.facts.get("receipt_number"):
            data = left.get(each.facts["receipt_number"])
            if data is None or not data["door_seen_open"]:
                problems.append(f"told that {each.facts['receipt_number']} is in doubt; no such row at the hub")
    return problems


def _slips(evidence: Evidence, done: list[Row]) -> list[str]:
    known = {row["subject"] for row in done if row["type"] in {"deposit_made", "deposit_abandoned"}}
    on_paper = {"".join(found) for found in _ON_PAPER.findall(evidence.slips)}
    return [f"a slip says {number}, no deposit at the hub does" for number in sorted(on_paper - known)]


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
