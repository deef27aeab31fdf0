from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import writing
from hub.ingest.append import append
from hub.services.audit import record_user_action
from hub.services.verify_audit import verify_chains
from tests.unit.hub.ingest.letters import NOW, STATION, batch, door, started


async def fill(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        await append(connection, [batch(started(), door(2, 3), door(3, 4)), batch(door(3, 9))], NOW)
        for n in range(3):
            await record_user_action(connection, user="wang", action="case_made", subject=f"{n}", body={}, at=NOW)


async def problems(engine: AsyncEngine) -> dict[str, str | None]:
    return {finding.chain: finding.problem for finding in await verify_chains(engine) if finding.problem}


async def test_untouched_chains_are_whole(engine: AsyncEngine) -> None:
    await fill(engine)
    assert {finding.chain: finding.rows for finding in await verify_chains(engine)} == {STATION: 4, "hub:users": 3}
    assert await problems(engine) == {}


@pytest.mark.parametrize(
    ("sql", "chain", "said"),
    [
        ("UPDATE events SET body = '{}' WHERE seq = 2", STATION, "row 2: event .* was altered"),
        ("DELETE FROM events WHERE seq = 2", STATION, "row 2: event .* is gone"),
        ("UPDATE forks SET body = '{}'", STATION, "row 4: event .* was altered"),
        ("UPDATE audit SET subject = 'x' WHERE n = 2 AND chain = 'dc-24h-01'", STATION, "row 2 was altered"),
        ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE n = 2", STATION, "row 2 was altered"),
        ("DELETE FROM audit WHERE n = 1 AND chain = 'dc-24h-01'", STATION, "row 1 is missing"),
        ("DELETE FROM audit WHERE n = 4", STATION, "ends at row 3, its head says 4"),
        ("UPDATE audit SET body = '{}' WHERE n = 2 AND chain = 'hub:users'", "hub:users", "body of row 2 was altered"),
        ("DELETE FROM audit WHERE n = 3 AND chain = 'hub:users'", "hub:users", "ends at row 2, its head says 3"),
        (
            "INSERT INTO events (station, epoch, seq, id, type, state, body, received_at) "
            "VALUES ('dc-24h-01', 'e', 9, 'i', 't', 'done', '{}', '2026-01-01 00:00:00.000000')",
            STATION,
            "4 events are stored, 3 are in the chain",
        ),
    ],
)
async def test_whatever_is_changed_is_found(engine: AsyncEngine, sql: str, chain: str, said: str) -> None:
    await fill(engine)
    async with writing(engine) as connection:
        await connection.execute(text(sql))
    found = (await problems(engine)).get(chain) or ""
    assert re.search(said, found), found


async def test_what_is_appended_meanwhile_is_no_finding(engine: AsyncEngine) -> None:
    await fill(engine)
    async with writing(engine) as connection:  # a row beyond the head that was read
        await connection.execute(
            text(
                "INSERT INTO audit (chain, n, kind, subject, digest, at, hash) "
                "VALUES ('dc-24h-01', 5, 'event', 's', 'd', '2026-01-01 00:00:00.000000', 'h')"
            )
        )
    assert "4 rows" in str(next(finding for finding in await verify_chains(engine) if finding.chain == STATION))
