"""Contents are emptied when nobody may print them any more, and never while a paper may still have to come."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import reading, writing
from hub.db.print_tables import print_jobs, print_orders
from hub.db.tables import document_requests
from hub.services.paper_sweep import PaperSweep
from hub.services.print_orders import content_for, make_order, withdraw_order
from tests.unit.hub.services.samples import NOW, STATION
from tests.unit.hub.services.test_print_orders import SEAL, an_order, here

__all__ = ["here"]


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


async def sizes(engine: AsyncEngine) -> list[int]:
    async with reading(engine) as connection:
        return list(await connection.scalars(select(func.length(print_orders.c.sealed))))


@pytest.mark.parametrize("end", ["nothing", "withdrawn", "expired"])
@pytest.mark.parametrize("state", [None, "failed", "printing", "unverified", "printed", "taken", "left"])
async def test_a_content_stays_as_long_as_its_paper_may_come(here: AsyncEngine, state: str | None, end: str) -> None:
    new = an_order()
    await make_order(here, SEAL, NOW, "office", new)
    if state is not None:
        row = {"job": str(uuid4()), "order_id": str(new.order), "station": STATION, "state": state, "at": NOW}
        async with writing(here) as connection:
            await connection.execute(insert(print_jobs).values(row))
    if end == "withdrawn":
        await withdraw_order(here, NOW, "office", new.order)
    clock = Clock(new.expires_at if end == "expired" else NOW)
    is_over = state in {"printed", "taken", "left"} or (end != "nothing" and state not in {"printing", "unverified"})
    sweep = PaperSweep(here, clock)
    assert [await sweep.once(), await sweep.once()] == [int(is_over), 0]
    assert [size == 0 for size in await sizes(here)] == [is_over]


async def test_a_station_is_told_of_what_expired_once(here: AsyncEngine) -> None:
    new = an_order()
    await make_order(here, SEAL, NOW, "office", new)
    sweep = PaperSweep(here, Clock(new.expires_at))
    await sweep.once()
    await sweep.once()
    async with reading(here) as connection:
        asked = list(await connection.scalars(select(document_requests.c.kind)))
        (sha256,) = await connection.scalars(select(print_orders.c.sha256))
    assert asked == ["print", "print"], "one of the order, one of its end"
    assert await content_for(here, SEAL, STATION, sha256) is None
