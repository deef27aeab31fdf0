"""The desk's pages of papers: groups, one order with its jobs, taking back, and nothing of what is printed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.print_tables import print_jobs
from hub.db.tables import station_tokens
from hub.services.file_format import FileKeys
from hub.services.print_orders import NewOrder, PaperSeal, make_order, withdraw_order
from tests.unit.hub.services.samples import NOW, STATION, a_station, deeds, put
from tests.unit.hub.web.conftest import Browser, HandClock

SECRET = "北京标记商贸有限公司"


async def an_order(engine: AsyncEngine, number: str, state: str | None = None, **other: object) -> NewOrder:
    plain = {"layout": "licence_copy", "stock": "licence_copy", "card_hash": "c" * 64, "mask": "李*敏"} | other
    content = f'{{"name": "{SECRET}"}}'.encode()
    new = NewOrder(uuid4(), STATION, certificate=number, content=content, expires_at=NOW + timedelta(days=1), **plain)  # type: ignore[arg-type]  # whatever a case needs
    await make_order(engine, PaperSeal(FileKeys(b"k" * 32)), NOW, "client:licensing", new)
    if state is not None:
        row = {"job": str(uuid4()), "order_id": str(new.order), "station": STATION, "state": state, "at": NOW}
        await put(engine, print_jobs, {**row, "blank": "A000123", "paper_sha256": "ab" * 32, "reason": "jam"})
    return new


@pytest.fixture
async def desk(browser: Browser, engine: AsyncEngine) -> Browser:
    await a_station(engine)
    await put(engine, station_tokens, {"station": STATION, "token_sha256": "t" * 64, "made_at": NOW})
    return await browser.become("zhangli")


async def test_each_order_stands_in_one_group(desk: Browser, engine: AsyncEngine, clock: HandClock) -> None:
    wanted = {
        "open": ["N-ordered", "N-failed"], "doubt": ["N-printing", "N-unverified", "N-left"],
        "out": ["N-printed", "N-taken"], "over": ["N-withdrawn"],
    }  # fmt: skip
    every = [number for numbers in wanted.values() for number in numbers]
    for number in every:
        state = number.removeprefix("N-")
        new = await an_order(engine, number, None if state in {"ordered", "withdrawn"} else state)
        if state == "withdrawn":
            await withdraw_order(engine, NOW, "client:licensing", new.order)
    for group, numbers in wanted.items():
        page = (await desk.get(f"/papers?group={group}")).text
        assert {number for number in every if f">{number}<" in page} == set(numbers), group
        assert SECRET not in page
    clock.move(60 * 24)
    await desk.become("zhangli")
    page = (await desk.get("/papers?group=over")).text
    assert all(f">{number}<" in page for number in ("N-ordered", "N-failed", "N-withdrawn"))


@pytest.mark.parametrize(("language", "word"), [("zh", "打印结果不明"), ("en", "in doubt")])
async def test_an_order_is_shown_with_its_jobs(desk: Browser, engine: AsyncEngine, language: str, word: str) -> None:
    new = await an_order(engine, "N-1", "unverified", returns=("N-0",))
    desk.http.cookies.set("nd_language", language)
    page = (await desk.get(f"/papers/{new.order}")).text
    assert all(text in page for text in (word, "A000123", "N-0", "李*敏", "ab" * 6, "client:licensing"))
    assert SECRET not in page
    assert "take-back" not in page, "what may be out is not taken back"


async def test_a_clerk_takes_an_order_back_and_nobody_else(desk: Browser, engine: AsyncEngine) -> None:
    new = await an_order(engine, "N-1")
    await desk.become("wangqiang")
    assert "take-back" not in (await desk.get(f"/papers/{new.order}")).text
    assert (await desk.post(f"/papers/{new.order}/take-back")).status_code == 403
    await desk.become("zhangli")
    answer = await desk.post(f"/papers/{new.order}/take-back")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/papers/{new.order}")
    assert "已撤回" in (await desk.get(f"/papers/{new.order}")).text
    assert ("zhangli", "print_withdrawn") in await deeds(engine)


async def test_a_clerk_takes_in_the_old_paper(desk: Browser, engine: AsyncEngine) -> None:
    new = await an_order(engine, "N-2", returns=("N-1",))
    assert "登记已收回" in (await desk.get(f"/papers/{new.order}")).text
    assert (await desk.post(f"/papers/{new.order}/take-in", number="N-9")).status_code != 303
    await desk.become("wangqiang")
    assert (await desk.post(f"/papers/{new.order}/take-in", number="N-1")).status_code == 403
    await desk.become("zhangli")
    assert (await desk.post(f"/papers/{new.order}/take-in", number="N-1")).status_code == 303
    page = (await desk.get(f"/papers/{new.order}")).text
    assert "已收回" in page
    assert "登记已收回" not in page
    assert ("zhangli", "paper_taken_in") in await deeds(engine)


async def test_what_is_no_order_is_not_found(desk: Browser) -> None:
    assert [(await desk.get(f"/papers/{name}")).status_code for name in ("x", uuid4())] == [404, 404]
