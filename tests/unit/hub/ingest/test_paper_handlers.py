"""What stations tell of papers becomes jobs of orders, tasks, and a shorter list to print."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.print_tables import print_jobs
from hub.db.tables import audit, document_requests, events, tasks
from tests.unit.hub.ingest.letters import NOW
from tests.unit.hub.ingest.test_handlers import happen, one, rows

JOB, ORDER = "7a9f3f5e-1111-4222-8333-444455556666", "7a9f3f5e-1111-4222-8333-aaaabbbbcccc"
SHA = "ab" * 32
ASKED = (
    "print_requested",
    {"job": JOB, "layout": "licence_original", "blank": "A0001", "order": ORDER, "sha256": SHA},
)
OF_JOB = {"job": JOB, "layout": "licence_original"}
DOUBT, DONE = ("print_unverified", OF_JOB), ("print_done", OF_JOB)
FAILED = ("print_failed", {**OF_JOB, "reason": "spoiled"})


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        ([], "printing", None),
        ([DONE], "printed", None),
        ([FAILED], "failed", "spoiled"),
        ([DOUBT], "unverified", None),
        ([DOUBT, DONE], "printed", None),
        ([DOUBT, FAILED], "failed", "spoiled"),
        ([DONE, ("paper_taken", OF_JOB)], "taken", None),
        ([DONE, ("paper_left", OF_JOB)], "left", None),
    ],
)
async def test_a_job_is_followed(
    engine: AsyncEngine, told: list[tuple[str, dict[str, Any]]], state: str, reason: str | None
) -> None:
    await happen(engine, ASKED, *told)
    job = await one(engine, print_jobs)
    assert (job["order_id"], job["blank"], job["paper_sha256"]) == (ORDER, "A0001", SHA)
    assert (job["state"], job["reason"]) == (state, reason)
    kinds = {row["kind"] for row in await rows(engine, document_requests)}
    assert ("print" in kinds) is (DONE in told)
    # The hash of the paper stands in an event, whose digest the station's chain holds.
    (asked,) = [row for row in await rows(engine, events) if row["type"] == "print_requested"]
    assert SHA in asked["body"]
    assert any(asked["id"] in row["subject"] for row in await rows(engine, audit))


@pytest.mark.parametrize("end", [DONE, FAILED])
async def test_a_doubt_is_a_task_until_staff_said_what_they_found(
    engine: AsyncEngine, end: tuple[str, dict[str, Any]]
) -> None:
    await happen(engine, ASKED, DOUBT, end)
    task = await one(engine, tasks)
    assert (task["kind"], task["closed_at"]) == ("paper", NOW)


async def test_doubt_and_a_paper_left_behind_call_somebody(engine: AsyncEngine) -> None:
    other = {**OF_JOB, "job": ORDER}
    await happen(engine, ASKED, DOUBT, ("print_requested", {**other, "order": JOB}), ("paper_left", other))
    assert {(row["kind"], row["closed_at"]) for row in await rows(engine, tasks)} == {
        ("paper", None), ("paper_left", None),
    }  # fmt: skip


async def test_a_slip_is_no_order_and_its_doubt_no_task(engine: AsyncEngine) -> None:
    slip = {"job": JOB, "layout": "receipt"}
    await happen(engine, ("print_requested", slip), ("print_unverified", slip))
    assert await rows(engine, print_jobs) == []
    assert await rows(engine, tasks) == []
