"""One open task for each thing that is wrong, since it went wrong, and none when it is mended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import reading, writing
from hub.db.tables import tasks
from hub.ingest.append import append
from tests.unit.hub.ingest.letters import NOW, STATION, batch, event, started

Told = tuple[str, dict[str, Any]]
FORCED: Told = ("door_forced", {"compartment": 3})
DOUBT: Told = ("compartment_doubtful", {"compartment": 3, "reason": "forced"})
OTHER: Told = ("door_failed", {"compartment": 3, "fault": "other_door", "other": 4})


async def tell(engine: AsyncEngine, *told: Told, first: int = 2, hours: int = 0) -> None:
    at = NOW + timedelta(hours=hours)
    plain = [event(n, kind, data, at=at.isoformat()) for n, (kind, data) in enumerate(told, first)]
    async with writing(engine) as connection:
        await append(connection, [batch(*([started()] if first == 2 else []), *plain)], at)


async def open_tasks(engine: AsyncEngine) -> dict[str, Any]:
    async with reading(engine) as connection:
        rows = await connection.execute(select(tasks).where(tasks.c.closed_at.is_(None)))
        return {row.id.removeprefix(f"{STATION}:"): row for row in rows}


async def test_told_again_it_is_one_task_since_the_first_time(engine: AsyncEngine) -> None:
    await tell(engine, FORCED)
    await tell(engine, FORCED, FORCED, first=3, hours=5)
    (task,) = (await open_tasks(engine)).values()
    assert (task.station, task.kind, task.compartment, task.opened_at) == (STATION, "forced", 3, NOW)


async def test_closed_and_told_again_it_is_open_since_then(engine: AsyncEngine) -> None:
    await tell(engine, FORCED, DOUBT)
    found = ("compartment_returned", {"compartment": 3, "by": "staff", "allocation": "free", "staff": "B-7"})
    await tell(engine, found, first=4, hours=1)
    assert await open_tasks(engine) == {}
    await tell(engine, FORCED, first=5, hours=7)
    (task,) = (await open_tasks(engine)).values()
    assert task.opened_at == NOW + timedelta(hours=7)


async def test_two_doors_that_were_mixed_up_are_two_tasks(engine: AsyncEngine) -> None:
    out = [("compartment_taken_out", {"compartment": n, "by": "station", "reason": "other_door"}) for n in (3, 4)]
    doubt = ("compartment_doubtful", {"compartment": 4, "reason": "other_door"})
    await tell(engine, OTHER, doubt, *out)
    found = await open_tasks(engine)
    assert set(found) == {"door:3", "door:4", "doubtful:4"}
    assert "（4号柜）" in found["door:3"].text
    assert "3号柜" in found["door:4"].text


@pytest.mark.parametrize("fault", ["not_opened", "no_answer", "sensor_stuck", "flapping"])
async def test_what_the_station_took_out_is_one_door_task_until_it_is_back(engine: AsyncEngine, fault: str) -> None:
    failed = ("door_failed", {"compartment": 3, "fault": fault})
    out = ("compartment_taken_out", {"compartment": 3, "by": "station", "reason": fault})
    await tell(engine, failed, out)
    assert set(await open_tasks(engine)) == {"door:3"}
    back = ("compartment_returned", {"compartment": 3, "by": "staff", "allocation": "occupied", "staff": "B-7"})
    await tell(engine, back, first=4)
    assert await open_tasks(engine) == {}


@pytest.mark.parametrize("by", ["command", "staff"])
async def test_taken_out_by_a_person_is_a_task_with_the_reason(engine: AsyncEngine, by: str) -> None:
    await tell(engine, ("compartment_taken_out", {"compartment": 3, "by": by, "reason": "hinge"}))
    (task,) = (await open_tasks(engine)).values()
    assert task.id.endswith("door:3")
    assert "hinge" in task.text


async def test_back_in_service_and_still_doubtful_leaves_the_doubt_alone(engine: AsyncEngine) -> None:
    out = ("compartment_taken_out", {"compartment": 3, "by": "command", "reason": "hinge"})
    back = ("compartment_returned", {"compartment": 3, "by": "staff", "allocation": "doubtful", "staff": "B-7"})
    await tell(engine, DOUBT, out, back)
    assert set(await open_tasks(engine)) == {"doubtful:3"}


async def test_a_silent_board_and_a_failed_self_test_are_one_task_that_a_passed_one_ends(engine: AsyncEngine) -> None:
    silent = ("device_failed", {"device": "board-main", "fault": "silent"})
    await tell(engine, silent, ("self_test_done", {"device": "board-main", "passed": False, "detail": "silent"}))
    assert set(await open_tasks(engine)) == {"device:board-main"}
    await tell(engine, ("self_test_done", {"device": "board-main", "passed": True}), first=4)
    assert await open_tasks(engine) == {}
