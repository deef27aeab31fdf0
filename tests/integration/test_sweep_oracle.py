"""The judge of the sweeps is judged: one good run, and each invariant broken by hand in a copy of its evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from hall.ledger import Told
from tests.sweep.evidence import Evidence
from tests.sweep.oracle import judge
from tests.sweep.scenario import tell_story
from tests.sweep.stand import Stand
from tests.sweep.station import swept_station

Rows = list[dict[str, Any]]
Breaking = Callable[[Evidence], Evidence]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    async def story() -> Evidence:
        async with (
            Stand(tmp_path_factory.mktemp("oracle")) as stand,
            swept_station(stand, stand.station_name("oracle")) as station,
        ):
            return await tell_story(station, 1)

    return asyncio.run(story())


def at(rows: Rows, **wanted: object) -> dict[str, Any]:
    """The first row with these values."""
    return next(row for row in rows if wanted.items() <= row.items())


def tell(what: str, **facts: object) -> Breaking:
    def breaking(evidence: Evidence) -> Evidence:
        return replace(evidence, told=[*evidence.told, Told("2026-11-24T22:03:00+08:00", what, facts)])

    return breaking


def in_hub(table: str, change: Callable[[Rows], object]) -> Breaking:
    def breaking(evidence: Evidence) -> Evidence:
        change(evidence.hub[table])
        return evidence

    return breaking


def in_store(table: str, change: Callable[[Rows], object]) -> Breaking:
    def breaking(evidence: Evidence) -> Evidence:
        change(evidence.store.tables[table])
        return evidence

    return breaking


def at_doors(change: Callable[[Rows], Rows]) -> Breaking:
    def breaking(evidence: Evidence) -> Evidence:
        return replace(evidence, doors=change(list(evidence.doors)))

    return breaking


def nobody_wished(evidence: Evidence) -> Evidence:
    return replace(evidence, told=[told for told in evidence.told if told.what != "wish"])


def nobody_is_alive(evidence: Evidence) -> Evidence:
    return replace(evidence, told=[told for told in evidence.told if told.what != "alive"])


def something_lies_inside(evidence: Evidence) -> Evidence:
    free = at(evidence.store.tables["compartments"], allocation="free")
    return replace(evidence, inside=frozenset({free["number"]}))


def pulse_again(doors: Rows, *, before_open: bool) -> Rows:
    """The first pulse twice, or once more after its door was open."""
    place = next(i for i, line in enumerate(doors) if line["what"] == "pulse")
    pulse, opened = doors[place], doors[place + 1]
    later = datetime.fromisoformat(opened["at"]) + timedelta(milliseconds=1)
    more = [pulse, pulse] if before_open else [{**pulse, "at": later.isoformat()}]
    return [*doors[: place + 2], *more, *doors[place + 2 :]]


def another_door(doors: Rows) -> Rows:
    line = next(line for line in doors if line["what"] == "door" and line["door"] == "open")
    return [{**each, "compartment": 17} if each is line else each for each in doors]


def another_coil(doors: Rows) -> Rows:
    line = next(line for line in doors if line["what"] == "pulse")
    return [*doors, {**line, "compartment": 17}]


def drop(rows: Rows, **wanted: object) -> None:
    rows.remove(at(rows, **wanted))


def another_store_before(evidence: Evidence) -> Evidence:
    """A store that was in force before had something acknowledged that nobody has any more."""
    former = deepcopy(evidence.store)
    row = former.tables["outbox"][3]
    row["body"] = row["body"].replace(row["id"].encode(), b"0" * 8 + row["id"][8:].encode())
    return replace(evidence, former=[former])


BREAKINGS: dict[str, tuple[str, Breaking]] = {
    "a receipt nobody recorded": ("I1", tell("receipt", receipt_number="0000000000" + "0", compartment=1)),
    "a load nobody recorded": ("I1", tell("loaded", case_number="0" * 43, compartment=1)),
    "a doubt nobody recorded": ("I1", tell("doubt", receipt_number="00000000000", compartment=1)),
    "somebody's things": ("I1", tell("foreign", compartment=3)),
    "a thing in a free compartment": ("I1", something_lies_inside),
    "a slip nobody recorded": ("I1", lambda e: replace(e, slips=e.slips + "\n 7K3M9-Q2T8X-4 \n")),
    "a receipt that is none": (
        "I1",
        in_hub("events", lambda rows: at(rows, type="deposit_made").update(type="print_requested")),
    ),
    "a deposit that is not projected": (
        "I1",
        in_hub("events", lambda rows: at(rows, type="deposit_made").update(state="new")),
    ),
    "a deposit that is not cleared": (
        "I1",
        in_hub("deposits", lambda rows: at(rows, state="cleared").update(state="made")),
    ),
    "another picture": ("I1", in_hub("compartments", lambda rows: rows[0].update(allocation="doubtful"))),
    "a number twice": ("I2", in_hub("events", lambda rows: rows.append(dict(rows[3])))),
    "an event counted twice": (
        "I2",
        in_hub("events", lambda rows: rows.append({**rows[3], "epoch": "0" * 36, "seq": 1})),
    ),
    "a receipt number twice": ("I2", in_hub("deposits", lambda rows: rows.append(dict(rows[0])))),
    "a coil without a grant": ("I3", in_store("grants", lambda rows: rows.pop(0))),
    "a grant that was never used": ("I3", in_store("grants", lambda rows: rows[0].update(state="dead"))),
    "three pulses": ("I3", at_doors(lambda doors: pulse_again(doors, before_open=True))),
    "a second pulse for an open door": ("I3", at_doors(lambda doors: pulse_again(doors, before_open=False))),
    "another coil": ("I3", at_doors(another_coil)),
    "another door": ("I3", at_doors(another_door)),
    "a grant of an earlier start": (
        "I3",
        in_store("grants", lambda rows: rows[0].update(boot=0, changed_at="2026-01-01T00:00:00+08:00")),
    ),
    "nobody wished it": ("I3", nobody_wished),
    "a grant reported twice": (
        "I3",
        in_store("outbox", lambda rows: rows.append({**at(rows, type="door_opened"), "seq": 9999})),
    ),
    "a gap": ("I4", in_hub("events", lambda rows: drop(rows, seq=5))),
    "the last one missing": ("I4", in_hub("events", lambda rows: rows.remove(max(rows, key=lambda row: row["seq"])))),
    "another id": ("I4", in_hub("events", lambda rows: rows[4].update(id="0" * 36))),
    "another content": (
        "I4",
        in_hub("events", lambda rows: rows[4].update(body=rows[4]["body"].replace('"boot":1', '"boot":7'))),
    ),
    "an event of a former store": ("I4", another_store_before),
    "through stands still": ("I4", in_hub("epochs", lambda rows: rows[0].update(through=rows[0]["through"] - 1))),
    "through of another": ("I4", in_hub("epochs", lambda rows: rows[0].update(through_id="0" * 36))),
    "a gap at the station": ("I4", in_store("outbox", lambda rows: drop(rows, seq=5))),
    "an altered body": (
        "I5",
        in_hub("events", lambda rows: rows[4].update(body=rows[4]["body"].replace('"boot":1', '"boot":7'))),
    ),
    "an altered audit row": ("I5", in_hub("audit", lambda rows: rows[4].update(digest="0" * 64))),
    "a restamped audit row": ("I5", in_hub("audit", lambda rows: rows[4].update(at="2026-11-24 00:00:00.000000"))),
    "an audit row cut out": ("I5", in_hub("audit", lambda rows: drop(rows, n=7))),
    "the audit's end cut off": ("I5", in_hub("audit", lambda rows: drop(rows, n=len(rows)))),
    "an event without audit": ("I5", in_hub("events", lambda rows: rows.append({**rows[4], "seq": 9999}))),
    "an audit row without event": ("I5", in_hub("events", lambda rows: drop(rows, seq=5))),
    "not acknowledged": ("L", in_store("meta", lambda rows: at(rows, key="acked_through").update(value="3"))),
    "projection parked": ("L", in_hub("stations", lambda rows: rows[0].update(parked_epoch="0", parked_seq=3))),
    "no life": ("L", nobody_is_alive),
    "a person gave up": ("L", tell("gave_up", why="the screen stayed dark")),
    "a damaged store": ("L", lambda e: replace(e, store=replace(e.store, integrity="row 3 missing"))),
    "a damaged database": ("L", lambda e: replace(e, hub_integrity="row 3 missing")),
}


def test_a_run_without_faults_holds(good: Evidence) -> None:
    assert judge(good) == []
    assert {told.what for told in good.told} >= {"receipt", "cleared", "loaded", "collected", "alive"}


@pytest.mark.parametrize("name", BREAKINGS)
def test_each_breach_is_named(good: Evidence, name: str) -> None:
    invariant, breaking = BREAKINGS[name]
    problems = judge(breaking(deepcopy(good)))
    assert any(problem.startswith(f"{invariant}: ") for problem in problems), problems
