"""What never reaches a page: foreign names, foreign origins, too much, nonsense."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.config import WebConfig
from hub.db.tables import cases, logins
from hub.web.guard import HEADERS, LARGEST_BODY, Names
from tests.unit.hub.services.samples import a_deposit, rows_of
from tests.unit.hub.web.conftest import OWN, Browser

LOOPBACK = Names.of(WebConfig())


@pytest.mark.parametrize("host", ["127.0.0.1:8201", "localhost", "LOCALHOST:9", "[::1]:8201", "[::1]"])
def test_our_names_are_known(host: str) -> None:
    assert LOOPBACK.knows(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "127.0.0.1.evil.example", "evil.example:8201", "localhost:8201:1", "[::1", "localhost:x"],
)
def test_other_names_are_not(host: str) -> None:
    assert not LOOPBACK.knows(host)


def test_under_tls_only_the_configured_names_and_scheme_count() -> None:
    names = Names.of(WebConfig("10.0.0.5", 443, Path("c"), Path("k"), ("desk.dongcheng.example",)))
    assert names.knows("10.0.0.5:443")
    assert names.knows("Desk.Dongcheng.example")
    assert not names.knows("localhost")
    assert names.origin("10.0.0.5") == "https://10.0.0.5"


async def test_a_foreign_host_is_refused(browser: Browser) -> None:
    answer = await browser.get("/sign-in", host="rebound.example")
    assert answer.status_code == 421
    assert "nd_door" not in answer.cookies


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8201"},
        {"origin": OWN, "sec-fetch-site": "cross-site"},
    ],
)
async def test_a_form_from_elsewhere_changes_nothing(
    browser: Browser, engine: AsyncEngine, headers: dict[str, str]
) -> None:
    number = await a_deposit(engine)
    await browser.become("zhangli")
    fields = {"form_token": browser.form_token, "item": "x", "size": "s"}
    answer = await browser.http.post(f"/deposits/{number}/case", data=fields, headers=headers)
    assert answer.status_code == 403
    assert await rows_of(engine, cases) == []


@pytest.mark.parametrize("token", ["", "wrong", "\u00e4"])
async def test_a_form_without_this_logins_token_changes_nothing(
    browser: Browser, engine: AsyncEngine, token: str
) -> None:
    await browser.become("zhangli")
    answer = await browser.post("/sign-out", form_token=token)
    assert answer.status_code == 403
    assert len(await rows_of(engine, logins)) == 1


async def test_anothers_form_token_is_refused(browser: Browser, engine: AsyncEngine) -> None:
    await browser.become("wangqiang")
    stolen = browser.form_token
    await browser.become("zhangli")
    assert (await browser.post("/sign-out", form_token=stolen)).status_code == 403


async def test_every_answer_says_what_the_browser_may_do(browser: Browser) -> None:
    await browser.become("zhangli")
    for path in ("/", "/sign-in", "/nowhere", "/static/desk.css"):
        answer = await browser.get(path)
        for name, value in HEADERS.items():
            expected = "no-cache" if path.startswith("/static/") and name == "cache-control" else value
            assert answer.headers[name] == expected, (path, name)


async def test_too_much_is_refused(browser: Browser) -> None:
    await browser.become("zhangli")
    answer = await browser.post("/sign-out", more="x" * LARGEST_BODY)
    assert answer.status_code == 413


async def test_too_much_without_a_length_is_refused(browser: Browser) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b"a" * 1024

    kind = {"origin": OWN, "content-type": "application/x-www-form-urlencoded"}
    answer = await browser.http.post("/sign-in", content=endless(), headers=kind)
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "９"])
async def test_an_odd_length_is_refused(browser: Browser, length: str) -> None:
    headers = [(b"host", b"127.0.0.1:8201"), (b"origin", OWN.encode()), (b"content-length", length.encode())]
    answer = await browser.http.send(httpx.Request("POST", f"{OWN}/sign-in", headers=headers, content=b"a=1"))
    assert answer.status_code in {400, 413}


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("", b"a=1", 415),
        ("application/x-www-form-urlencoded", b"name=%ff%fe", 400),
        ("application/x-www-form-urlencoded", b"name=\xff", 400),
        ("application/x-www-form-urlencoded", b"name=%00", 400),
        ("application/x-www-form-urlencoded", b"name=a&name=b", 400),
        ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(99)), 400),
        ("application/x-www-form-urlencoded", b"name=" + b"a" * 3000, 400),
    ],
)
async def test_garbage_in_a_form_is_answered_in_words(browser: Browser, kind: str, body: bytes, status: int) -> None:
    answer = await browser.http.post("/sign-in", content=body, headers={"origin": OWN, "content-type": kind})
    assert answer.status_code == status
    assert "无法理解这个请求" in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", ["/deposits/%00", "/cases/a%0ab", "/deposits?find=%00", "/audit?chain=%07"])
async def test_control_characters_in_an_address_are_refused(browser: Browser, path: str) -> None:
    await browser.become("chief")
    assert (await browser.get(path)).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/deposits/%ff%fe", "/deposits/" + "9" * 300, "/cases/" + "9" * 300, "/cases/%E2%80%AE", "/stations/..%2f..",
        "/stations/" + "x" * 79, "/static/../app.py", "/static/..%2fapp.py", "/deposits/a/b/c", "/%F0%9F%92%A9",
    ],
)  # fmt: skip
async def test_odd_addresses_are_not_found(browser: Browser, path: str) -> None:
    await browser.become("zhangli")
    answer = await browser.get(path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/deposits?page=-1", "/deposits?page=9999999999999999999", "/deposits?page=x&group=nothing", "/cases?page=%ff",
        "/deposits?find=%25", "/deposits?find=" + "x" * 500, "/cases?find=%F0%9F%92%A9",
    ],
)  # fmt: skip
async def test_odd_questions_are_answered(browser: Browser, path: str) -> None:
    await browser.become("zhangli")
    assert (await browser.get(path)).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "FOO"])
async def test_other_methods_are_refused(browser: Browser, method: str) -> None:
    answer = await browser.http.request(method, "/sign-in", headers={"origin": OWN})
    assert answer.status_code == 405
