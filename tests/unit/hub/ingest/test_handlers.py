from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.events import EVENT_TYPES
from contract.ids import show_receipt_number
from contract.publish import EXAMPLES
from hub.db.engine import reading, writing
from hub.db.submission_tables import submission_files
from hub.db.tables import (
    cases,
    commands,
    compartments,
    deposits,
    document_requests,
    documents,
    events,
    notifications,
    stations,
    tasks,
)
from hub.ingest.append import append
from hub.ingest.handlers.registry import HANDLERS
from tests.unit.hub.ingest.letters import CASE, NOW, STATION, batch, event, started

RECEIPT = "00000000000"


async def happen(engine: AsyncEngine, *told: tuple[str, dict[str, Any]]) -> list[str]:
    """Commit these events after a start; returns their ids."""
    plain = [started(), *(event(n, kind, data) for n, (kind, data) in enumerate(told, 2))]
    async with writing(engine) as connection:
        await append(connection, [batch(*plain)], NOW)
    return [str(each["id"]) for each in plain[1:]]


async def rows(engine: AsyncEngine, table: Table) -> list[dict[str, Any]]:
    async with reading(engine) as connection:
        return [dict(row._mapping) for row in await connection.execute(select(table))]


async def one(engine: AsyncEngine, table: Table) -> dict[str, Any]:
    (row,) = await rows(engine, table)
    return row


def case_row(**columns: object) -> dict[str, object]:
    plain = {
        "case_number": CASE, "service_item": CASE[:31], "title": "边境管理区通行证", "state": "ready",
        "station": STATION, "made_at": NOW, "size": "s", "recipient_mask": "张*",
    }  # fmt: skip
    return plain | columns


async def make_case(engine: AsyncEngine, **columns: object) -> None:
    async with writing(engine) as connection:
        await connection.execute(cases.insert().values(case_row(**columns)))


def test_every_type_of_the_contract_has_a_handler() -> None:
    assert set(HANDLERS) == set(EVENT_TYPES)


async def test_every_published_example_is_projected(engine: AsyncEngine) -> None:
    told = [(name, json.loads((EXAMPLES / f"event.{name}.json").read_text())) for name in sorted(EVENT_TYPES)]
    async with writing(engine) as connection:
        plain = [event(n, kind, data) for n, (kind, data) in enumerate(told, 1)]
        await append(connection, [batch(*plain[:30]), batch(*plain[30:])], NOW)
    assert {row["state"] for row in await rows(engine, events)} == {"done"}
    assert (await one(engine, stations))["parked_reason"] is None


async def test_a_deposit_fills_its_compartment(engine: AsyncEngine) -> None:
    (name,) = await happen(engine, ("deposit_made", {"receipt_number": RECEIPT, "compartment": 3, "size": "m"}))
    deposit, compartment = await one(engine, deposits), await one(engine, compartments)
    assert (deposit["state"], deposit["event"], deposit["has_phone"]) == ("made", name, False)
    assert (compartment["allocation"], compartment["receipt_number"], compartment["size"]) == ("occupied", RECEIPT, "m")


@pytest.mark.parametrize(("found", "state"), [(True, "cleared"), (False, "not_found")])
async def test_a_clearing_empties_it(engine: AsyncEngine, found: bool, state: str) -> None:
    where = {"receipt_number": RECEIPT, "compartment": 3}
    cleared = {**where, "staff": "S-1", "found": found}
    await happen(engine, ("deposit_made", {**where, "size": "s"}), ("deposit_cleared", cleared))
    deposit, compartment = await one(engine, deposits), await one(engine, compartments)
    assert (deposit["state"], deposit["cleared_by"]) == (state, "S-1")
    assert (compartment["allocation"], compartment["receipt_number"]) == ("free", None)


async def test_an_unset_clock_is_replaced_by_the_time_of_receipt(engine: AsyncEngine) -> None:
    data = {"receipt_number": RECEIPT, "compartment": 3, "size": "s"}
    made = event(2, "deposit_made", data, at="1970-01-01T08:00:00+08:00", clock="unsynced")
    async with writing(engine) as connection:
        await append(connection, [batch(started(), made)], NOW)
    assert (await one(engine, deposits))["made_at"] == NOW


async def test_doubt_opens_a_task_that_a_look_inside_closes(engine: AsyncEngine) -> None:
    doubt = {"compartment": 3, "reason": "restarted", "receipt_number": RECEIPT}
    abandoned = {"receipt_number": RECEIPT, "compartment": 3, "door_seen_open": True, "reason": "restarted"}
    await happen(engine, ("deposit_abandoned", abandoned), ("compartment_doubtful", doubt))
    task = await one(engine, tasks)
    assert (task["id"], task["closed_at"]) == (f"{STATION}:doubtful:3", None)
    assert (await one(engine, deposits))["state"] == "doubtful"
    back = event(4, "compartment_returned", {"compartment": 3, "by": "staff", "allocation": "free", "staff": "S-1"})
    async with writing(engine) as connection:
        await append(connection, [batch(back)], NOW)
    assert (await one(engine, tasks))["closed_at"] == NOW
    assert (await one(engine, compartments))["allocation"] == "free"


async def test_a_doubtful_pickup_names_its_slip_in_the_task(
    engine: AsyncEngine,
) -> None:
    doubt = {"compartment": 3, "reason": "unconfirmed", "receipt_number": RECEIPT, "case_number": CASE}
    await happen(engine, ("compartment_doubtful", doubt))
    assert show_receipt_number(RECEIPT) in (await one(engine, tasks))["text"]
    compartment = await one(engine, compartments)
    assert (compartment["case_number"], compartment["receipt_number"]) == (CASE, None)


async def test_a_second_doubt_opens_the_same_task_again(engine: AsyncEngine) -> None:
    doubt = ("compartment_doubtful", {"compartment": 3, "reason": "forced"})
    free = ("compartment_returned", {"compartment": 3, "by": "staff", "allocation": "free"})
    await happen(engine, doubt, free, doubt)
    assert (await one(engine, tasks))["closed_at"] is None


@pytest.mark.parametrize(
    ("kind", "data", "task"),
    [
        ("door_forced", {"compartment": 3}, "forced:3"),
        ("door_failed", {"compartment": 3, "fault": "sensor_stuck"}, "door:3"),
        ("compartment_taken_out", {"compartment": 3, "by": "command", "reason": "hinge"}, "door:3"),
        ("door_left_open", {"compartment": 3, "stage": "alarm", "seconds": 180}, "left_open:3"),
        ("maintenance_due", {"compartment": 3, "openings": 100_000}, "maintenance:3"),
        ("pickup_refused", {"reason": "guessing_alarm"}, "guessing:kiosk"),
        ("device_failed", {"device": "receipt", "fault": "paper out"}, "device:receipt"),
        ("self_test_done", {"device": "main", "passed": False}, "device:main"),
    ],
)
async def test_what_needs_a_person_is_a_task(engine: AsyncEngine, kind: str, data: dict[str, Any], task: str) -> None:
    await happen(engine, (kind, data))
    row = await one(engine, tasks)
    assert row["id"] == f"{STATION}:{task}"
    assert all(row["text"].split("\n"))


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (
            ("door_left_open", {"compartment": 3, "stage": "alarm", "seconds": 180}),
            ("door_closed", {"compartment": 3}),
        ),
        (
            ("maintenance_due", {"compartment": 3, "openings": 100_000}),
            ("door_serviced", {"compartment": 3, "openings": 100_002, "staff": "S-1"}),
        ),
        (("device_failed", {"device": "d" * 200, "fault": "x"}), ("device_recovered", {"device": "d" * 200})),
    ],
)
async def test_what_mends_itself_closes_its_task(
    engine: AsyncEngine, first: tuple[str, dict[str, Any]], then: tuple[str, dict[str, Any]]
) -> None:
    await happen(engine, first, then)
    assert (await one(engine, tasks))["closed_at"] == NOW


async def test_a_prompt_is_no_task(engine: AsyncEngine) -> None:
    await happen(engine, ("door_left_open", {"compartment": 3, "stage": "prompt", "seconds": 60}))
    assert await rows(engine, tasks) == []


LOADED = {
    "case_number": CASE, "compartment": 5, "staff": "S-1", "code_sealed": "a.b.c", "due": "2026-12-16T18:00:00+08:00",
}  # fmt: skip


async def test_a_load_moves_the_case_and_asks_for_an_sms_and_a_shorter_list(engine: AsyncEngine) -> None:
    await make_case(engine)
    (name,) = await happen(engine, ("item_loaded", LOADED))
    case, sms = await one(engine, cases), await one(engine, notifications)
    assert (case["state"], case["compartment"], case["due"].isoformat()) == ("loaded", 5, "2026-12-16T10:00:00+00:00")
    assert (sms["id"], sms["case_number"], sms["compartment"], sms["state"]) == (name, CASE, 5, "waiting")
    asked = await one(engine, document_requests)
    assert (asked["station"], asked["kind"]) == (STATION, "expected")


async def test_an_item_of_nobody_known_asks_for_no_sms(engine: AsyncEngine) -> None:
    await happen(engine, ("item_loaded", {**LOADED, "recipient_unknown": True}))
    assert await rows(engine, notifications) == []
    assert await rows(engine, cases) == [], "cases are made by the hub alone"


async def test_a_pickup_ends_the_case(engine: AsyncEngine) -> None:
    await make_case(engine)
    collected = {"case_number": CASE, "compartment": 5, "means": "code"}
    await happen(engine, ("item_loaded", LOADED), ("item_collected", collected))
    assert (await one(engine, cases))["state"] == "collected"
    compartment = await one(engine, compartments)
    assert (compartment["allocation"], compartment["case_number"]) == ("free", None)


async def test_answers_of_the_station_close_rows_of_work(engine: AsyncEngine) -> None:
    jti, other = "0197c2a6-5b1e-7c44-9d3a-6f0e8a1b2c3d", "0297c2a6-5b1e-7c44-9d3a-6f0e8a1b2c3d"
    async with writing(engine) as connection:
        for name in (jti, other):
            row = {"jti": name, "station": STATION, "type": "take_out", "params": "{}", "asked_by": "wang"}
            await connection.execute(commands.insert().values(**row, asked_at=NOW, state="sent"))
        for n, kind in enumerate(("staff", "config")):
            document = {"station": STATION, "kind": kind, "version": 4, "sha256": f"{n}" * 64, "token": "t"}
            await connection.execute(documents.insert().values(**document, signed_at=NOW))
    await happen(
        engine,
        ("command_done", {"jti": jti, "command": "take_out"}),
        ("command_refused", {"jti": other, "reason": "expired"}),
        ("config_applied", {"kind": "staff", "version": 4, "sha256": "0" * 64}),
        ("config_refused", {"kind": "config", "version": 4, "sha256": "1" * 64, "reason": "bad_signature"}),
        ("config_applied", {"kind": "config", "version": 2**62, "sha256": "2" * 64}),
    )
    answers = {row["jti"]: (row["state"], row["answer"]) for row in await rows(engine, commands)}
    assert answers == {jti: ("done", "done"), other: ("refused", "expired")}
    assert {row["kind"]: row["applied"] for row in await rows(engine, documents)} == {
        "staff": "applied",
        "config": "refused",
    }


async def test_counts_that_differ_are_a_task(engine: AsyncEngine) -> None:
    made = {"receipt_number": RECEIPT, "compartment": 3, "size": "s", "count": 3, "low": True}
    cleared = {"receipt_number": RECEIPT, "compartment": 3, "staff": "S-1", "count": 2, "count_said": 3}
    await happen(engine, ("deposit_made", made), ("deposit_cleared", cleared))
    deposit = await one(engine, deposits)
    assert (deposit["count_said"], deposit["count_found"], deposit["low"]) == (3, 2, True)
    task = await one(engine, tasks)
    assert task["kind"] == "count"
    assert "市民称 3 件，工作人员点到 2 件" in task["text"]


async def test_equal_counts_need_nobody(engine: AsyncEngine) -> None:
    cleared = {"receipt_number": RECEIPT, "compartment": 3, "staff": "S-1", "count": 2, "count_said": 2}
    await happen(engine, ("deposit_cleared", cleared))
    assert await rows(engine, tasks) == []


async def test_a_trolley_that_went_as_planned_needs_nobody(engine: AsyncEngine) -> None:
    smooth = {"trolley": "0197c2a5-2b1c-7d10-8f3e-0a1b2c3d4e5f", "receipt_number": RECEIPT, "staff": "S-1"}
    await happen(engine, ("trolley_finished", smooth | {"loaded": [CASE]}))
    assert await rows(engine, tasks) == []


async def test_a_trolley_with_discrepancies_is_a_task(engine: AsyncEngine) -> None:
    rough = {
        "trolley": "0197c2a5-2b1c-7d10-8f3e-0a1b2c3d4e5f", "receipt_number": RECEIPT, "staff": "S-1",
        "not_put_in": [CASE],
    }  # fmt: skip
    await happen(engine, ("trolley_finished", rough))
    task = await one(engine, tasks)
    assert task["kind"] == "trolley"
    assert f"not put in: {CASE}" in task["text"]


FILE = {"sha256": "a" * 64, "size": 7, "media_type": "application/pdf"}
LIST = {"sha256": "b" * 64, "size": 9, "media_type": "application/vnd.nightdesk.manifest+json"}


async def test_a_submission_without_paper_stands_among_the_deposits(engine: AsyncEngine) -> None:
    made = {"receipt_number": RECEIPT, "parts": [{"kind": "camera", "count": 1}], "manifest": LIST}
    captured = {"receipt_number": RECEIPT, "pages": 2, "file": FILE}
    _, name = await happen(engine, ("document_captured", captured), ("submission_made", made))
    deposit = await one(engine, deposits)
    assert (deposit["state"], deposit["compartment"], deposit["event"]) == ("made", None, name)
    assert deposit["manifest"] == LIST["sha256"]
    files = {(row["kind"], row["sha256"], row["pages"]) for row in await rows(engine, submission_files)}
    assert files == {("camera", "a" * 64, 2), ("manifest", "b" * 64, None)}


async def test_a_submission_with_paper_leaves_its_deposit_as_it_is(engine: AsyncEngine) -> None:
    paper = {"receipt_number": RECEIPT, "compartment": 3, "size": "s"}
    parts = [{"kind": "usb", "count": 1}, {"kind": "paper", "count": 1, "compartment": 3}]
    made = {"receipt_number": RECEIPT, "parts": parts, "manifest": LIST, "phone_sealed": "sealed"}
    *_, name = await happen(
        engine,
        ("deposit_made", paper),
        ("usb_imported", {"receipt_number": RECEIPT, "files": [FILE]}),
        ("submission_made", made),
    )
    deposit = await one(engine, deposits)
    assert (deposit["compartment"], deposit["state"]) == (3, "made")
    assert (deposit["event"], deposit["has_phone"], deposit["manifest"]) == (name, True, LIST["sha256"])


async def test_a_card_says_whose_submission_it_is(engine: AsyncEngine) -> None:
    made = {"receipt_number": RECEIPT, "parts": [{"kind": "camera", "count": 1}], "manifest": LIST}
    card = {"card_hash": "c" * 64, "mask": "110105********002X", "kind": "hmt_resident", "receipt_number": RECEIPT}
    await happen(engine, ("submission_made", made), ("identity_read", card))
    deposit = await one(engine, deposits)
    found = (deposit["card_hash"], deposit["card_mask"], deposit["card_kind"])
    assert found == ("c" * 64, "110105********002X", "hmt_resident")


async def test_a_card_of_no_submission_makes_no_row(engine: AsyncEngine) -> None:
    card = {"card_hash": "c" * 64, "mask": "110105********002X", "kind": "citizen"}
    await happen(engine, ("identity_read", card), ("identity_read", card | {"receipt_number": RECEIPT}))
    assert await rows(engine, deposits) == []


async def test_a_submission_does_not_talk_a_doubt_about_its_paper_away(engine: AsyncEngine) -> None:
    abandoned = {"receipt_number": RECEIPT, "compartment": 3, "door_seen_open": True, "reason": "idle"}
    parts = [{"kind": "camera", "count": 1}, {"kind": "paper", "count": 1, "compartment": 3}]
    made = {"receipt_number": RECEIPT, "parts": parts, "manifest": LIST, "ended": "idle"}
    await happen(engine, ("deposit_abandoned", abandoned), ("submission_made", made))
    deposit = await one(engine, deposits)
    assert (deposit["state"], deposit["manifest"]) == ("doubtful", LIST["sha256"])
