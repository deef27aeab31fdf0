"""The desk's pages about items that wait: who may collect, and what is to be cleared."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncEngine

from contract.ids import card_hash
from hub.db.engine import reading
from hub.db.tables import cases, document_requests, metadata
from tests.unit.hub.ingest.letters import CASE
from tests.unit.hub.services.samples import NOW, STATION, a_compartment, a_deposit, a_station, deeds, put, rows_of
from tests.unit.hub.web.conftest import CARD_KEY, Browser

OWN, OTHER = "11010519491231002X", "440524188001010014"
WHERE = f"/cases/{quote(CASE, '')}"


async def a_case(engine: AsyncEngine, number: str = CASE, **columns: object) -> None:
    row = {"case_number": number, "service_item": CASE[:31], "title": "通行证", "state": "ready", "station": STATION}
    await put(engine, cases, {**row, "made_at": NOW, **columns})


async def test_only_hashes_of_citizen_numbers_are_kept(browser: Browser, engine: AsyncEngine) -> None:
    await a_station(engine)
    await a_case(engine)
    await browser.become("zhangli")
    answer = await browser.post(f"{WHERE}/claim", own=OWN.lower(), others=f"{OTHER}， ", second_factor="yes")
    assert answer.status_code == 303, answer.text
    (case,) = await rows_of(engine, cases)
    assert (case.card_hash, case.second_factor) == (card_hash(CARD_KEY, OWN), True)
    assert json.loads(case.collectors) == [card_hash(CARD_KEY, OTHER)]
    assert [wish.kind for wish in await rows_of(engine, document_requests)] == ["expected"]
    assert (await deeds(engine))[-1] == ("zhangli", "claim_set")
    async with reading(engine) as connection:
        for table in metadata.sorted_tables:
            kept = repr(list(await connection.execute(table.select())))
            assert OWN not in kept, table.name
            assert OTHER not in kept, table.name
    assert "已登记领取人证件" in (await browser.get(WHERE)).text


async def test_a_wrong_number_and_a_loaded_item_are_refused(browser: Browser, engine: AsyncEngine) -> None:
    await a_station(engine)
    await a_case(engine)
    await a_case(engine, CASE[:-1] + "2", state="loaded")
    await browser.become("zhangli")
    wrong = await browser.post(f"{WHERE}/claim", own="110105194912310021")
    assert "身份证号不对" in wrong.text
    late = await browser.post(f"/cases/{CASE[:-1]}2/claim", own=OWN)
    assert late.status_code >= 400
    assert {case.card_hash for case in await rows_of(engine, cases)} == {None}


async def test_the_morning_list_names_what_waits_and_nothing_else(browser: Browser, engine: AsyncEngine) -> None:
    await a_station(engine)
    receipt = await a_deposit(engine, "made")
    later, before = NOW + timedelta(days=1), NOW - timedelta(minutes=1)
    await a_compartment(engine, 1, allocation="occupied", receipt_number=receipt)
    for number, columns in (
        (2, {"state": "loaded", "due": later}),
        (3, {"state": "loaded", "due": before}),
        (4, {"state": "withdrawn"}),
        (5, {"state": "loaded", "due": later}),
    ):
        await a_case(engine, f"{CASE[:-1]}{number}", **columns)
        allocation = "doubtful" if number == 5 else "occupied"
        await a_compartment(engine, number, allocation=allocation, case_number=f"{CASE[:-1]}{number}")
    await a_compartment(engine, 6)
    await browser.become("zhangli")
    page = (await browser.get("/clearing")).text
    rows = [part.split("</td>")[0] for part in page.split('<td class="num">')[1:]]
    assert rows == ["1", "3", "4", "5"]
    for word in ("收件", "逾期（两人取出）", "已撤回", "需要查看"):
        assert word in page
