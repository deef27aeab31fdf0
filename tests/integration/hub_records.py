"""What stands in a hub's database, read past the hub, and the invariants that hold after any fault."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from hub.db.engine import make_engine, reading
from hub.services.verify_audit import verify_chains
from tests.integration.outsider import Outsider


def rows(url: str, sql: str, **values: object) -> list[dict[str, Any]]:
    async def read() -> list[dict[str, Any]]:
        engine = make_engine(url)
        try:
            async with reading(engine) as connection:
                return [dict(row._mapping) for row in await connection.execute(text(sql), values)]
        finally:
            await engine.dispose()

    return asyncio.run(read())


def problems_of_audit(url: str) -> list[str]:
    async def verify() -> list[str]:
        engine = make_engine(url)
        try:
            return [str(finding) for finding in await verify_chains(engine) if finding.problem]
        finally:
            await engine.dispose()

    return asyncio.run(verify())


def assert_all_on_record(url: str, stations: Iterable[Outsider]) -> None:
    """I1: what was acknowledged is a row; I2: once; I4: in order, projected; I5: with its audit row."""
    for station in stations:
        sql = "SELECT seq, id, state FROM events WHERE station = :station AND epoch = :epoch ORDER BY seq"
        stored = rows(url, sql, station=station.station, epoch=station.epoch)
        assert [(row["seq"], row["id"]) for row in stored] == [(event["seq"], event["id"]) for event in station.events]
        assert {row["state"] for row in stored} <= {"done", "unknown"}
        sql = "SELECT through, projected FROM epochs WHERE station = :station AND epoch = :epoch"
        (marks,) = rows(url, sql, station=station.station, epoch=station.epoch)
        assert marks == {"through": len(station.events), "projected": len(station.events)}
    assert problems_of_audit(url) == []
