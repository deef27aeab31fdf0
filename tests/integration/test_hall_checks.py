"""The story's judges: they find nothing wrong after a real deposit, and find what is made wrong afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from hall import checks
from hall.acts import citizen
from hall.acts.stage import Secrets, Stage
from hall.house import House
from hall.ledger import Ledger
from hall.timeline import Timeline

PHONE = "13800005678"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    path = tmp_path_factory.mktemp("run")
    async with House(path, parts=("broker", "simulate", "hub", "edge")) as house:
        await house.start()
        now = house.directory.now
        timeline = Timeline(house.directory.bytes_log, now, lambda _: None)
        stage = Stage(house, Ledger(path / "told.jsonl", now), timeline, Secrets("王晓明", PHONE))
        await citizen.hand_in(stage)
        await citizen.network_comes_back(stage)
        await stage.until(lambda: _quiet(house), "everything acknowledged")
        yield stage


async def _quiet(house: House) -> bool:
    return not checks.all_at_hub(house)


def change(database: Path, sql: str) -> None:
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        assert connection.execute(sql).rowcount == 1


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_deposit_holds_and_a_lie_is_found(stage: Stage) -> None:
    assert checks.told_is_on_record(stage.house, stage.ledger) == []
    liar = Ledger(stage.house.directory.path / "lies.jsonl", stage.house.directory.now)
    liar.tell("receipt", receipt_number="0000000000")
    liar.tell("collected", case_number="1")
    assert len(checks.told_is_on_record(stage.house, liar)) == 3


async def test_an_opening_that_nobody_asked_for_is_found(stage: Stage) -> None:
    assert checks.doors_were_asked_for(stage.house, stage.ledger) == []
    await stage.house.world.do("force", compartment=9)
    await stage.house.world.push(9)
    assert "door 9 opened 1 times, asked for 0 times" in checks.doors_were_asked_for(stage.house, stage.ledger)


async def test_what_is_left_behind_is_found(stage: Stage) -> None:
    assert any("compartments not free" in problem for problem in checks.nothing_is_left(stage.house))


async def test_personal_data_is_found_wherever_it_stands(stage: Stage) -> None:
    secrets = ("王晓明", PHONE, "12345678")
    assert checks.no_personal_data(stage.house, secrets) == []
    log = stage.house.directory.log("edge")
    with log.open("ab") as stream:
        stream.write(f"to {PHONE}; 123456789; {'王晓明'.encode('gb18030').hex(' ')}\n".encode())
    assert checks.no_personal_data(stage.house, secrets) == [f"the name stands in {log}", f"the phone stands in {log}"]


async def test_a_changed_audit_row_is_found(stage: Stage) -> None:
    assert await checks.audit_verifies(stage.house) == []
    change(
        stage.house.directory.hub_db,
        "update events set body = replace(body, '\"compartment\":', '\"compartment\": ') where seq = 3",
    )
    assert "BROKEN" in (await checks.audit_verifies(stage.house))[0]


async def test_a_missing_row_is_found(stage: Stage) -> None:
    await stage.until(lambda: _quiet(stage.house), "everything acknowledged")
    change(stage.house.directory.hub_db, "delete from events where seq = 2")
    problems = checks.all_at_hub(stage.house)
    assert "event 2 of the station is not at the hub" in problems
    assert "the hub's numbers have gaps or repeats" in problems
