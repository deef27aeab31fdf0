"""The desk in a real browser, served by a real server, over a real database that somebody else changes meanwhile."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.clock import SystemClock
from hub.config import WebConfig
from hub.core.catalogue import CATALOGUE
from hub.db.changes import ChangeFeed
from hub.db.engine import make_engine, writing
from hub.db.migrate import migrate
from hub.db.tables import compartments, deposits, document_requests, logins
from hub.services.file_disk import FileDisk
from hub.services.file_format import FileKeys
from hub.services.people import People, Person, Role
from hub.services.submission_files import SubmissionFiles
from hub.web.app import create_web
from tests.unit.hub.services.samples import (
    STATION,
    a_compartment,
    a_deposit,
    a_station,
    an_event,
    cheap_passwords,
    rows_of,
)

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "correct horse battery"
SIZES = {"desk": (1280, 800), "tall": (1080, 1920), "phone": (390, 844)}


class Desk:
    """A served desk; `do` runs work in the server's loop, as another part of the hub would."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._url = folder, f"sqlite:///{folder}/hub.db"
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.engine: AsyncEngine = make_engine(self._url)
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()))

    def paths(self) -> list[str]:
        return ["/", "/deposits", f"/deposits/{quote(self.receipt, '')}", "/cases", "/tasks", f"/stations/{STATION}"]

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(20)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        assert not self._thread.is_alive()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - whatever the work returns
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _serve(self) -> None:
        await migrate(self.engine)
        people = People(self.engine, cheap_passwords())
        for name, role in (("zhangli", Role.CLERK), ("wangqiang", Role.TECHNICIAN), ("chief", Role.ADMIN)):
            await people.add("console", datetime.now(UTC), Person(name, name, frozenset({role})), PASSWORD)
        await self._prepare()
        async with ChangeFeed(self.engine) as feed:
            files = SubmissionFiles(self.engine, FileDisk(self._folder / "hub-files", FileKeys(b"k" * 32)))
            app = create_web(self.engine, WebConfig(), SystemClock(), feed, files)
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
            serving = asyncio.create_task(server.serve([self._socket]))
            self._ready.set()
            await self._stop.wait()
            server.should_exit = True
            await serving
        await self.engine.dispose()

    async def _prepare(self) -> None:
        await a_station(self.engine, heard_at=datetime.now(UTC) - timedelta(minutes=3))
        for number in range(1, 25):
            await a_compartment(self.engine, number, allocation="occupied" if number == 12 else "free")
        self.receipt = await a_deposit(self.engine, "made", made_at=datetime.now(UTC) - timedelta(hours=9))
        await an_event(self.engine, 1, "deposit_made", subject=self.receipt, compartment=12)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.start()
    yield desk
    desk.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def person(
    chromium: Browser, desk: Desk, name: str, size: tuple[int, int] = (1280, 800), *, refused: int = 0
) -> Iterator[Page]:
    """Somebody signed in; a script error fails the test, and so does an answer that is not the one `refused`."""
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, base_url=desk.url)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto("/")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="总览")).to_be_visible()
    yield page
    # The browser notes each refused answer, and htmx each stream that ended.
    meant = (f"status of {refused}", f"Error Code {refused}", "[object Event]") if refused else ("nothing is meant",)
    assert [said for said in wrong if not any(part in said for part in meant)] == []
    context.close()


def test_a_clerk_takes_a_deposit_to_its_ready_certificate(chromium: Browser, desk: Desk) -> None:
    with person(chromium, desk, "zhangli") as page:
        page.get_by_role("link", name=re.compile("待取出的收件")).click()
        page.get_by_role("link", name=f"{desk.receipt[:5]}-{desk.receipt[5:10]}-{desk.receipt[10:]}").click()
        expect(page.get_by_text("市民把材料放入柜中")).to_be_visible()
        page.get_by_label("政务服务事项").select_option(CATALOGUE[0].code)
        page.get_by_label("中").check()
        page.get_by_label(re.compile("领取人姓名")).fill("李小敏")
        page.get_by_role("button", name="生成办件").click()
        expect(page.get_by_role("heading", name=CATALOGUE[0].title_zh)).to_be_visible()
        expect(page.get_by_text("李*敏")).to_be_visible()
        page.get_by_label("领取期限").select_option("7")
        page.get_by_role("button", name="证件已制好").click()
        expect(page.get_by_text("证件已制好，等待放入该站点")).to_be_visible()
        (wish,) = desk.do(rows_of(desk.engine, document_requests))
        assert (wish.station, wish.kind) == (STATION, "expected")


def test_a_page_updates_itself_and_keeps_what_is_being_typed(chromium: Browser, desk: Desk) -> None:
    async def clear() -> None:
        async with writing(desk.engine) as connection:
            await connection.execute(deposits.update().values(state="cleared", cleared_at=datetime.now(UTC)))

    with person(chromium, desk, "zhangli") as page:
        page.goto(f"/deposits/{quote(desk.receipt, '')}")
        name = page.get_by_label(re.compile("领取人姓名"))
        name.fill("李小")
        expect(page.get_by_text("待取出", exact=True)).to_be_visible()
        desk.do(clear())
        expect(page.get_by_text("已取出", exact=True)).to_be_visible()
        expect(name).to_have_value("李小")
        name.press_sequentially("敏")
        page.get_by_role("button", name="生成办件").click()
        expect(page.get_by_text("李*敏")).to_be_visible()


def test_many_changes_reach_two_viewers(chromium: Browser, desk: Desk) -> None:
    async def fill(number: int) -> None:
        async with writing(desk.engine) as connection:
            rows = compartments.update().where(compartments.c.number == number)
            await connection.execute(rows.values(allocation="doubtful"))

    with person(chromium, desk, "wangqiang") as one, person(chromium, desk, "wangqiang") as two:
        for page in (one, two):
            page.goto(f"/stations/{STATION}")
        for number in range(1, 12):
            desk.do(fill(number))
        for page in (one, two):
            expect(page.locator(".door.a-doubtful")).to_have_count(11)


def test_a_technician_takes_a_compartment_out(chromium: Browser, desk: Desk) -> None:
    with person(chromium, desk, "wangqiang") as page:
        page.get_by_role("link", name=re.compile(STATION)).click()
        page.locator(".door", has_text=re.compile(r"^\s*7\b")).click()
        page.get_by_placeholder("例如：锁舌卡住，等待维修").fill("锁舌卡住")
        page.get_by_role("button", name="停用这个柜格").click()
        expect(page.get_by_text("等待签发")).to_be_visible()
        expect(page.get_by_role("navigation").get_by_role("link", name="收件")).to_have_count(0)


def test_a_login_that_ended_leaves_the_screen_by_itself(chromium: Browser, desk: Desk) -> None:
    async def end() -> None:
        async with writing(desk.engine) as connection:
            await connection.execute(logins.update().values(seen_at=datetime.now(UTC) - timedelta(minutes=31)))

    with person(chromium, desk, "zhangli", refused=401) as page:
        page.goto("/deposits")
        desk.do(end())
        page.wait_for_url(re.compile("/sign-in"))


def test_english_is_complete_on_the_way(chromium: Browser, desk: Desk) -> None:
    with person(chromium, desk, "zhangli") as page:
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        for path in (
            "/",
            "/deposits",
            f"/deposits/{quote(desk.receipt, '')}",
            "/cases",
            "/tasks",
            f"/stations/{STATION}",
        ):
            page.goto(path)
            chinese = re.findall(r"[一-鿿]+", page.locator("main").inner_text())
            assert [word for word in chinese if word not in "李敏"] == [], path


@pytest.mark.parametrize("size", SIZES)
def test_no_page_is_wider_than_its_screen(chromium: Browser, desk: Desk, size: str) -> None:
    with person(chromium, desk, "zhangli", SIZES[size]) as page:
        for path in (
            "/",
            "/deposits",
            f"/deposits/{quote(desk.receipt, '')}",
            "/cases",
            "/tasks",
            f"/stations/{STATION}",
        ):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


def test_another_site_reaches_nothing(chromium: Browser, desk: Desk) -> None:
    """A page in the clerk's browser, under another name, sends a form."""
    script = """target => { const form = document.createElement("form"); form.method = "post";
        form.action = target + "/tasks/close"; document.body.append(form); form.submit(); }"""
    with person(chromium, desk, "zhangli", refused=403) as page:
        page.context.route(
            "http://evil.example/", lambda route: route.fulfill(body="<p>evil", content_type="text/html")
        )
        for target in (desk.url, desk.url.replace("127.0.0.1", "localhost")):
            page.goto("http://evil.example/")
            with page.expect_navigation() as waited:
                page.evaluate(script, target)
            answer = waited.value
            assert answer is not None
            assert answer.status == 403


GARBAGE = [
    b"\x00\xff\xfe",
    b"GET",
    b"GET / HTTP/9.9",
    b"GET / HTTP/1.1\r\nHost 1",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b",
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: x",
    b"\x16\x03\x01\x02\x00",
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_on_the_wire_is_answered_and_the_desk_goes_on(desk: Desk, garbage: bytes) -> None:
    address = ("127.0.0.1", int(desk.url.rpartition(":")[2]))
    with socket.create_connection(address, timeout=5) as wire:
        wire.sendall(garbage + b"\r\n\r\n")
        wire.shutdown(socket.SHUT_WR)
        answer = wire.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 4") or answer == b""
    with socket.create_connection(address, timeout=5) as wire:
        wire.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert wire.makefile("rb").read().startswith(b"HTTP/1.1 200")
