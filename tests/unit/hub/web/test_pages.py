from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.ids import show_receipt_number
from hub.core.catalogue import CATALOGUE
from hub.db.engine import reading, writing
from hub.db.tables import case_counters, cases, commands, deposits, document_requests, metadata, tasks
from tests.unit.hub.services.samples import (
    NOW,
    STATION,
    a_compartment,
    a_deposit,
    a_station,
    an_event,
    deeds,
    put,
    rows_of,
)
from tests.unit.hub.web.conftest import Browser, HandClock

ITEM = CATALOGUE[0]
TASK = f"{STATION}:door:3"


async def everything(engine: AsyncEngine) -> str:
    """A digest of every table but the login's last moment, which pages may note."""
    digest = hashlib.sha256()
    async with reading(engine) as connection:
        for table in metadata.sorted_tables:
            columns = [column for column in table.c if column.name != "seen_at"]
            rows = await connection.execute(table.select().with_only_columns(*columns).order_by(*table.primary_key))
            digest.update(repr([table.name, *rows]).encode())
    return digest.hexdigest()


@pytest_asyncio.fixture
async def receipt(engine: AsyncEngine) -> AsyncIterator[str]:
    """A station with doors, a task, an unknown event, and a cleared deposit."""
    await a_station(engine)
    for n in range(1, 5):
        await a_compartment(engine, n)
    task = {"id": TASK, "station": STATION, "kind": "door", "compartment": 3, "text": "打不开\nstuck"}
    await put(engine, tasks, {**task, "opened_at": NOW})
    number = await a_deposit(engine)
    await an_event(engine, 1, "deposit_made", subject=number, compartment=12)
    await an_event(engine, 2, "robot_greeted", {"mood": "<b>good</b>"}, state="unknown")
    yield number


async def make(browser: Browser, receipt: str, **fields: str) -> str:
    sent = {"item": ITEM.code, "size": "s", "recipient": "李小敏", **fields}
    answer = await browser.post(f"/deposits/{quote(receipt, '')}/case", **sent)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_a_clerk_takes_a_deposit_to_its_ready_certificate(
    browser: Browser, engine: AsyncEngine, receipt: str
) -> None:
    await browser.become("zhangli")
    assert show_receipt_number(receipt) in (await browser.get("/deposits?group=cleared")).text
    page = await browser.get(f"/deposits/{quote(receipt, '')}")
    assert "市民把材料放入柜中" in page.text
    where = await make(browser, receipt)
    case = await browser.get(where)
    assert ITEM.title_zh in case.text
    assert "李*敏" in case.text
    assert "李小敏" not in case.text
    answer = await browser.post(f"{where}/ready", station=STATION, days="3")
    assert answer.headers["location"] == where
    ready = await browser.get(where)
    assert "等待放入该站点" in ready.text
    assert "11-27 18:00" in ready.text
    (wish,) = await rows_of(engine, document_requests)
    assert (wish.kind, wish.station) == ("expected", STATION)
    assert await deeds(engine) == [
        *[("console", "user_added")] * 3,
        ("zhangli", "case_made"),
        ("zhangli", "case_ready"),
    ]


async def test_a_double_click_makes_one_case(browser: Browser, engine: AsyncEngine, receipt: str) -> None:
    await browser.become("zhangli")
    assert await make(browser, receipt) == await make(browser, receipt, size="l")
    assert len(await rows_of(engine, cases)) == 1


async def test_the_whole_name_is_stored_nowhere(browser: Browser, engine: AsyncEngine, receipt: str) -> None:
    await browser.become("zhangli")
    await make(browser, receipt)
    async with reading(engine) as connection:
        for table in metadata.sorted_tables:
            assert "李小敏" not in repr(list(await connection.execute(table.select()))), table.name


async def test_a_deposit_is_found_as_people_type_it(browser: Browser, receipt: str) -> None:
    await browser.become("zhangli")
    typed = show_receipt_number(receipt).lower()
    answer = await browser.http.get("/deposits", params={"find": f" {typed} "})
    assert answer.headers["location"] == f"/deposits/{quote(receipt, '')}"
    assert "没有找到这个编号" in (await browser.get("/deposits?find=ABCDE-FGHJK-M")).text


async def test_a_case_is_found_by_its_number(browser: Browser, receipt: str) -> None:
    await browser.become("zhangli")
    where = await make(browser, receipt)
    number = where.rpartition("/")[2]
    answer = await browser.http.get("/cases", params={"find": f"{number[:31]} {number[31:].lower()}"})
    assert answer.headers["location"] == where


async def test_a_technician_asks_for_a_compartment(browser: Browser, engine: AsyncEngine, receipt: str) -> None:
    await browser.become("wangqiang")
    page = await browser.get(f"/stations/{STATION}?compartment=3")
    assert "停用这个柜格" in page.text
    assert "robot_greeted" in page.text
    assert "mood&#34;: &#34;&lt;b&gt;good" in page.text
    answer = await browser.post(f"/stations/{STATION}/compartments/3/take-out", reason="锁舌卡住")
    assert answer.headers["location"] == f"/stations/{STATION}?compartment=3"
    (wish,) = await rows_of(engine, commands)
    assert json.loads(wish.params) == {"compartment": 3, "reason": "锁舌卡住"}
    assert "等待签发" in (await browser.get(f"/stations/{STATION}")).text


async def test_a_cabinet_is_drawn_in_its_proportions_with_the_history_of_a_door(
    browser: Browser, engine: AsyncEngine, receipt: str
) -> None:
    place = {"cabinet": "annex", "cabinet_width_mm": 450, "cabinet_height_mm": 1800, "x_mm": 0, "y_mm": 150}
    size = {"width_mm": 450, "height_mm": 250}
    await a_compartment(engine, 5, **place, **size, openings=1204, maintenance_due=True)
    await an_event(engine, 3, "door_forced", compartment=5)
    await browser.become("wangqiang")
    page = (await browser.get(f"/stations/{STATION}?compartment=5")).text
    assert 'viewBox="0 0 450 1800"' in page
    assert re.search(r'class="leaf a-free" x="6" y="156" width="438" height="238"', page)
    assert "1204" in page
    assert "应保养" in page
    assert "柜门被强行打开" in page
    assert 'href="?compartment=1"' in page  # doors without a described cabinet are still there


async def test_a_technician_asks_for_tests_and_for_a_release(
    browser: Browser, engine: AsyncEngine, receipt: str
) -> None:
    await browser.become("wangqiang")
    page = await browser.get(f"/stations/{STATION}?compartment=3")
    assert "检修模式" in page.text
    for path in ("devices/self-test", "devices/test-print", "compartments/3/test-unlock"):
        assert (await browser.post(f"/stations/{STATION}/{path}")).status_code == 303
    refused = await browser.post(f"/stations/{STATION}/compartments/3/emergency-release", reason=" ")
    assert (refused.status_code, "必须写明原因" in refused.text) == (422, True)
    await browser.post(f"/stations/{STATION}/compartments/3/emergency-release", reason="冒烟")
    asked = {row.type: json.loads(row.params) for row in await rows_of(engine, commands)}
    assert asked == {
        "self_test": {},
        "test_print": {},
        "test_unlock": {"compartment": 3},
        "emergency_release": {"compartment": 3, "reason": "冒烟"},
    }
    async with writing(engine) as connection:
        await connection.execute(commands.update().values(state="refused", answer="service_mode_off"))
    assert "站点没有开启检修模式" in (await browser.get(f"/stations/{STATION}")).text


async def test_a_clerk_asks_for_a_new_code(browser: Browser, engine: AsyncEngine, receipt: str) -> None:
    await browser.become("zhangli")
    where = await make(browser, receipt)
    assert "item/new-code" not in (await browser.get(where)).text
    async with writing(engine) as connection:
        await connection.execute(cases.update().values(state="loaded", station=STATION, compartment=3, due=NOW))
    assert "item/new-code" in (await browser.get(where)).text
    for wish, fields in {"new-code": {}, "extend": {"days": "3"}, "withdraw": {}}.items():
        assert (await browser.post(f"{where}/item/{wish}", **fields)).status_code == 303
    assert {row.type for row in await rows_of(engine, commands)} == {"reissue_code", "extend_item", "withdraw_item"}
    assert "等待签发" in (await browser.get(where)).text
    assert (await browser.post(f"{where}/item/eat")).status_code == 422


async def test_a_task_is_closed(browser: Browser, engine: AsyncEngine, receipt: str) -> None:
    await browser.become("wangqiang")
    page = await browser.get("/tasks")
    assert "打不开" in page.text
    assert "stuck" not in page.text
    await browser.post("/tasks/close", task=TASK)
    assert "没有待办事项" in (await browser.get("/tasks")).text


FORBIDDEN = {
    "zhangli": ["/audit"],
    "wangqiang": ["/audit", "/deposits", "/cases", "/deposits/{receipt}", "/cases/{case}"],
    "chief": [],
}
FORBIDDEN_FORMS = {
    "zhangli": [
        "/stations/{station}/compartments/3/take-out", "/stations/{station}/compartments/3/return",
        "/stations/{station}/compartments/3/emergency-release", "/stations/{station}/devices/self-test",
    ],
    "wangqiang": ["/deposits/{receipt}/case", "/cases/{case}/ready", "/cases/{case}/item/new-code"],
    "chief": [
        "/deposits/{receipt}/case", "/cases/{case}/ready", "/stations/{station}/compartments/3/return", "/tasks/close",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", ["zhangli", "wangqiang", "chief"])
async def test_each_role_sees_and_does_its_own(browser: Browser, engine: AsyncEngine, receipt: str, name: str) -> None:
    await browser.become("zhangli")
    case = (await make(browser, receipt)).rpartition("/")[2]
    places = {"receipt": quote(receipt, ""), "case": case, "station": STATION}
    await browser.become(name)
    before = await everything(engine)
    for path in FORBIDDEN[name]:
        answer = await browser.get(path.format(**places))
        assert (answer.status_code, "没有这项权限" in answer.text) == (403, True), path
    for path in FORBIDDEN_FORMS[name]:
        answer = await browser.post(path.format(**places), item=ITEM.code, size="s", station=STATION, days="3")
        assert answer.status_code == 403, path
    assert await everything(engine) == before


async def test_get_changes_nothing_and_no_page_fails(browser: Browser, engine: AsyncEngine, receipt: str) -> None:
    """Follows every link of every page in both languages, as clerk, technician and admin."""
    await browser.become("zhangli")
    await make(browser, receipt)
    for name in ("zhangli", "wangqiang", "chief"):
        await browser.become(name)
        before = await everything(engine)
        for language in ("zh", "en"):
            browser.http.cookies.set("nd_language", language)
            seen = await crawl(browser)
            assert f"/stations/{STATION}?compartment=4" in seen
            assert name == "wangqiang" or f"/deposits/{quote(receipt, '')}" in seen
        assert await everything(engine) == before


async def crawl(browser: Browser) -> set[str]:
    waiting, seen = ["/"], set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for live in ({}, {"hx_request": "true"}):
            answer = await browser.get(path, **live)
            assert answer.status_code == 200, path
        base = path.partition("?")[0]
        links = re.findall(r'<a [^>]*href="([^"#]+)"', (await browser.get(path)).text)
        waiting += [base + link if link.startswith("?") else link for link in links]
    return seen


async def test_without_a_login_nothing_is_shown_or_done(browser: Browser, engine: AsyncEngine, receipt: str) -> None:
    before = await everything(engine)
    places = ["/", "/deposits", "/cases", "/tasks", "/audit", f"/stations/{STATION}"]
    for path in [*places, f"/deposits/{quote(receipt, '')}"]:
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")
    for path in ("/tasks/close", f"/deposits/{quote(receipt, '')}/case"):
        assert (await browser.post(path, item=ITEM.code, size="s")).headers["location"] == "/sign-in"
    assert await everything(engine) == before


async def test_unknown_things_are_not_found(browser: Browser, engine: AsyncEngine, receipt: str) -> None:
    await browser.become("zhangli")
    for path in ("/deposits/00000000000", "/cases/" + "0" * 43, "/stations/dc-24h-99", "/nowhere"):
        answer = await browser.get(path)
        assert answer.status_code == 404, path
        assert "未能完成" in answer.text
    answer = await browser.post("/deposits/00000000000/case", item=ITEM.code, size="s")
    assert (answer.status_code, "没有这个收件编号" in answer.text) == (404, True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"item": "x", "size": "s"}, "请选择一个政务服务事项"),
        ({"item": ITEM.code, "size": "xxl"}, "请选择柜格尺寸"),
        ({}, "请选择一个政务服务事项"),
    ],
)
async def test_what_can_not_be_done_is_said_in_words(
    browser: Browser, receipt: str, fields: dict[str, str], words: str
) -> None:
    await browser.become("zhangli")
    answer = await browser.post(f"/deposits/{quote(receipt, '')}/case", **fields)
    assert (answer.status_code, words in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("station", "days"), [(STATION, "4"), (STATION, "x"), (STATION, "９"), ("dc-24h-99", "3"), ("", "3")]
)
async def test_an_odd_choice_makes_nothing_ready(
    browser: Browser, engine: AsyncEngine, receipt: str, station: str, days: str
) -> None:
    await browser.become("zhangli")
    where = await make(browser, receipt)
    assert (await browser.post(f"{where}/ready", station=station, days=days)).status_code == 422
    assert await rows_of(engine, document_requests) == []


async def test_a_doubtful_deposit_offers_no_case(browser: Browser, engine: AsyncEngine) -> None:
    number = quote(await a_deposit(engine, "doubtful"), "")
    await browser.become("zhangli")
    page = await browser.get(f"/deposits/{number}")
    assert 'id="make-case"' not in page.text
    assert "尚不知柜中是否有材料" in page.text
    assert (await browser.post(f"/deposits/{number}/case", item=ITEM.code, size="s")).status_code == 422


async def test_the_last_number_of_a_day_fails_loudly(browser: Browser, engine: AsyncEngine, receipt: str) -> None:
    await put(engine, case_counters, {"service_item": ITEM.code, "day": "20261124", "last": 9999})
    await browser.become("zhangli")
    answer = await browser.post(f"/deposits/{quote(receipt, '')}/case", item=ITEM.code, size="s")
    assert (answer.status_code, "已用完" in answer.text) == (503, True)
    assert await rows_of(engine, cases) == []


async def test_ages_are_told_in_words(browser: Browser, clock: HandClock, receipt: str) -> None:
    await browser.become("zhangli")
    assert "3 分钟前" in (await browser.get("/")).text
    clock.move(29)
    assert "32 分钟前" in (await browser.get("/")).text


async def test_times_are_those_of_the_service_centre(browser: Browser, engine: AsyncEngine, receipt: str) -> None:
    await browser.become("zhangli")
    async with writing(engine) as connection:
        await connection.execute(deposits.update().values(made_at=NOW + timedelta(hours=3)))
    assert "11-25 01:03" in (await browser.get("/deposits?group=cleared")).text


async def test_markup_in_data_stays_text(browser: Browser, engine: AsyncEngine, receipt: str) -> None:
    await browser.become("zhangli")
    await an_event(engine, 3, "deposit_abandoned", {"reason": "<script>alert(1)</script>"}, subject=receipt)
    await make(browser, receipt, recipient="<b>*</b>")
    for path in (f"/deposits/{quote(receipt, '')}", "/cases"):
        page = (await browser.get(path)).text
        assert "<script>alert" not in page
        assert "<b>*</b>" not in page


async def test_the_live_part_comes_alone(browser: Browser, receipt: str) -> None:
    await browser.become("zhangli")
    part = (await browser.get("/deposits", hx_request="true")).text
    assert "<html" not in part
    assert part.strip() in (await browser.get("/deposits")).text


async def test_a_missing_database_is_said_in_words(browser: Browser, engine: AsyncEngine, tmp_path: Path) -> None:
    await browser.become("zhangli")
    await engine.dispose()
    (tmp_path / "hub.db").unlink()
    (tmp_path / "hub.db").mkdir()
    answer = await browser.get("/")
    assert (answer.status_code, "数据库暂时无法使用" in answer.text) == (503, True)
    assert "sqlite" not in answer.text
