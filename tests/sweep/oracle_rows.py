"""I2 and I4: the hub's rows against the station's own, number by number; L: nothing waits any more."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

from tests.sweep.evidence import Evidence
from tests.sweep.hub_books import Row


def one_row_for_each(evidence: Evidence) -> list[str]:
    """One row per (station, epoch, seq), one counted row per event id, one deposit per receipt number."""
    events = evidence.hub["events"]
    problems = [
        f"{count} rows for number {seq} of epoch {epoch[:8]}"
        for (epoch, seq), count in Counter((row["epoch"], row["seq"]) for row in events).items()
        if count > 1
    ]
    firsts = Counter(row["id"] for row in events if row["state"] != "known_id")
    problems += [f"event {event[:8]} was counted {count} times" for event, count in firsts.items() if count > 1]
    again = {row["id"] for row in events if row["state"] == "known_id"} - set(firsts)
    problems += [f"event {event[:8]} is called known, but was never counted" for event in sorted(again)]
    numbers = Counter(row["receipt_number"] for row in evidence.hub["deposits"])
    problems += [f"{count} deposits {number}" for number, count in numbers.items() if count > 1]
    for store in evidence.stores:
        ids = Counter(event["id"] for event in store.written)
        problems += [f"the station wrote event {event[:8]} {count} times" for event, count in ids.items() if count > 1]
    return problems


def in_order_without_silent_gaps(evidence: Evidence) -> list[str]:
    """Epoch by epoch the numbers run from 1 without a gap that nobody sees; the current one is complete and equal."""
    problems: list[str] = []
    by_epoch: dict[str, dict[int, Row]] = {}
    for row in evidence.hub["events"]:
        by_epoch.setdefault(row["epoch"], {})[row["seq"]] = row
    known = {row["epoch"]: row for row in evidence.hub["epochs"]}
    for epoch, rows in by_epoch.items():
        problems += _epoch(epoch, rows, known.get(epoch))
    return problems + _current(evidence, by_epoch) + _contents(evidence)


def everything_is_delivered(evidence: Evidence) -> list[str]:
    """The station waits for no acknowledgement, and the hub projects to the last number."""
    store, problems = evidence.store, []
    last = max((row["seq"] for row in store.tables["outbox"]), default=0)
    if int(store.meta("acked_through") or 0) != last:
        problems.append(f"acknowledged through {store.meta('acked_through')}, last event {last}")
    problems += _station(evidence, next(iter(evidence.hub["stations"]), None))
    if not any(told.what == "alive" for told in evidence.told):
        problems.append("no fresh deposit was completed after healing")
    problems += [f"a person gave up: {told.facts['why']}" for told in evidence.told if told.what == "gave_up"]
    for where, said in (("the store", store.integrity), ("the hub's database", evidence.hub_integrity)):
        if said != "ok":
            problems.append(f"{where} is damaged: {said}")
    return problems


def _station(evidence: Evidence, station: Row | None) -> list[str]:
    if station is None:
        return ["the hub does not know the station"]
    if station["parked_epoch"] is not None:
        return [f"projection stands still before {station['parked_seq']}: {station['parked_reason']}"]
    newest = station["epoch"] == evidence.store.meta("epoch")
    # Of two stores with one name the hub cannot know the true one: it says so, and takes events from both.
    if not newest and not (evidence.cloned and station["cloned_at"] is not None):
        return ["the hub does not take the station's epoch for its newest, and raises no alarm"]
    return []


def _epoch(epoch: str, rows: dict[int, Row], known: Row | None) -> list[str]:
    if known is None:
        return [f"epoch {epoch[:8]} has events and no row of its own"]
    through, seen, problems = known["through"], known["seen"], []
    whole = [number for number in range(1, through + 1) if number not in rows]
    if whole:
        problems.append(f"epoch {epoch[:8]}: number {whole[0]} is missing below through {through}")
    if max(rows) != seen:
        problems.append(f"epoch {epoch[:8]}: the highest number is {max(rows)}, seen says {seen}")
    if through in rows and rows[through]["id"] != known["through_id"]:
        problems.append(f"epoch {epoch[:8]}: through_id is not the id of number {through}")
    if through + 1 in rows:
        problems.append(f"epoch {epoch[:8]}: through {through} stands still before a number that is there")
    if known["projected"] > through:
        problems.append(f"epoch {epoch[:8]}: projected {known['projected']} beyond through {through}")
    return problems


def _current(evidence: Evidence, by_epoch: dict[str, dict[int, Row]]) -> list[str]:
    store = evidence.store
    epoch = store.meta("epoch")
    known = next((row for row in evidence.hub["epochs"] if row["epoch"] == epoch), None)
    if known is None:
        return ["the station's epoch is unknown at the hub"]
    rows, problems = by_epoch.get(epoch, {}), []
    outbox = store.tables["outbox"]
    last = max((row["seq"] for row in outbox), default=0)
    if not known["through"] == known["seen"] == known["projected"] == last:
        problems.append(
            f"last number {last}, through {known['through']}, seen {known['seen']}, projected {known['projected']}"
        )
    for row in outbox:
        there = rows.get(row["seq"])
        if there is None:
            problems.append(f"number {row['seq']} ({row['type']}) is not at the hub")
        elif (there["id"], there["type"]) != (row["id"], row["type"]):
            problems.append(f"number {row['seq']} is {row['type']} at the station and {there['type']} at the hub")
    kept = [row["seq"] for row in outbox]
    if kept != list(range(min(kept, default=1), last + 1)):
        problems.append("the station's own numbers have a gap")
    return problems


def _contents(evidence: Evidence) -> list[str]:
    """Every event of the store, and what was acknowledged to a former one, says at the hub what it says there.

    What a disk that was taken away had not delivered yet is gone with it.
    """
    rows = {row["id"]: row for row in evidence.hub["events"] if row["state"] != "known_id"}
    forks = {row["id"]: row for row in evidence.hub["forks"]}
    problems: list[str] = []
    for written in (*(store.acknowledged for store in evidence.former), evidence.store.written):
        for event in written:
            there = rows.get(event["id"]) or forks.get(event["id"])
            if there is None:
                problems.append(f"event {event['id'][:8]} ({event['type']}) is nowhere at the hub")
            elif _words(json.loads(there["body"])) != _words(_sealed(event)):
                problems.append(f"event {event['id'][:8]} ({event['type']}) says something else at the hub")
    return problems


def _words(event: dict[str, Any]) -> str:
    # A number changes with the epoch; everything else never does.
    return json.dumps({key: value for key, value in event.items() if key != "seq"}, sort_keys=True)


def _sealed(event: dict[str, Any]) -> dict[str, Any]:
    data = {
        key: {"sha256": hashlib.sha256(value.encode()).hexdigest()} if key.endswith("_sealed") else value
        for key, value in event["data"].items()
    }
    return {**event, "data": data}
