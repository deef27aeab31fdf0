from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.times import pickup_due
from hub.db.engine import writing
from hub.db.tables import cases, document_requests
from hub.services.make_case import make_case
from hub.services.mark_ready import mark_ready
from hub.services.refusals import RefusedError, UnknownSubjectError
from tests.unit.hub.services.samples import DRAFT, NOW, STATION, a_deposit, a_station, deeds, rows_of


async def a_case(engine: AsyncEngine) -> str:
    await a_station(engine)
    return await make_case(engine, NOW, "zhangli", await a_deposit(engine), DRAFT)


async def test_a_ready_certificate_asks_for_the_stations_list(engine: AsyncEngine) -> None:
    number = await a_case(engine)
    later = NOW + timedelta(hours=1)
    assert await mark_ready(engine, later, "zhangli", number, STATION, 3)
    (case,) = await rows_of(engine, cases)
    (wish,) = await rows_of(engine, document_requests)
    assert (case.state, case.station, case.ready_at, case.due) == ("ready", STATION, later, pickup_due(later, 3))
    assert (wish.station, wish.kind) == (STATION, "expected")
    assert await deeds(engine) == [("zhangli", "case_made"), ("zhangli", "case_ready")]


async def test_the_same_wish_many_times_is_one(engine: AsyncEngine) -> None:
    number = await a_case(engine)
    done = await asyncio.gather(*(mark_ready(engine, NOW, "zhangli", number, STATION, 3) for _ in range(8)))
    assert sum(done) == 1
    assert len(await rows_of(engine, document_requests)) == 1
    assert len(await deeds(engine)) == 2


async def test_another_station_takes_it_off_the_first_ones_list(engine: AsyncEngine) -> None:
    number = await a_case(engine)
    await a_station(engine, "dc-24h-02")
    await mark_ready(engine, NOW, "zhangli", number, STATION, 3)
    await mark_ready(engine, NOW, "zhangli", number, "dc-24h-02", 7)
    asked = [row.station for row in await rows_of(engine, document_requests)]
    assert sorted(asked) == [STATION, STATION, "dc-24h-02"]
    (case,) = await rows_of(engine, cases)
    assert (case.station, case.due) == ("dc-24h-02", pickup_due(NOW, 7))


@pytest.mark.parametrize("state", ["loaded", "collected", "overdue", "withdrawn"])
async def test_what_was_loaded_stays(engine: AsyncEngine, state: str) -> None:
    number = await a_case(engine)
    async with writing(engine) as connection:
        await connection.execute(cases.update().values(state=state))
    with pytest.raises(RefusedError, match="case_past_ready"):
        await mark_ready(engine, NOW, "zhangli", number, STATION, 3)
    assert await rows_of(engine, document_requests) == []


async def test_unknown_station_period_and_case_are_refused(engine: AsyncEngine) -> None:
    number = await a_case(engine)
    with pytest.raises(RefusedError, match="station_unknown"):
        await mark_ready(engine, NOW, "zhangli", number, "dc-24h-99", 3)
    with pytest.raises(RefusedError, match="period_unknown"):
        await mark_ready(engine, NOW, "zhangli", number, STATION, 4)
    with pytest.raises(UnknownSubjectError, match="case_unknown"):
        await mark_ready(engine, NOW, "zhangli", "0" * 43, STATION, 3)
    (case,) = await rows_of(engine, cases)
    assert (case.state, case.station) == ("made", None)
