from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.web.pages.sign_in import own_path
from tests.unit.hub.web.conftest import OWN, PASSWORD, Browser, HandClock


def hidden_token(answer: httpx.Response) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', answer.text)
    assert found
    return found.group(1)


async def sign_in(browser: Browser, name: str, password: str, where: str = "/") -> httpx.Response:
    browser.form_token = hidden_token(await browser.get("/sign-in"))
    return await browser.post("/sign-in", name=name, password=password, next=where)


async def test_a_person_signs_in_and_out(browser: Browser) -> None:
    answer = await sign_in(browser, "zhangli", PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    page = await browser.get("/")
    assert page.status_code == 200
    assert "张丽" in page.text
    browser.form_token = hidden_token(page)
    assert (await browser.post("/sign-out")).headers["location"] == "/sign-in"
    assert (await browser.get("/")).headers["location"] == "/sign-in"


@pytest.mark.parametrize(("name", "password"), [("zhangli", "wrong"), ("nobody", PASSWORD), ("", "")])
async def test_the_refusal_is_the_same_for_every_reason(browser: Browser, name: str, password: str) -> None:
    answer = await sign_in(browser, name, password)
    assert answer.status_code == 401
    assert "用户名或密码不正确" in answer.text
    assert "nd_login" not in browser.http.cookies


async def test_five_wrong_tries_lock_the_account(browser: Browser, clock: HandClock) -> None:
    for _ in range(5):
        await sign_in(browser, "zhangli", "wrong")
    assert (await sign_in(browser, "zhangli", PASSWORD)).status_code == 401
    clock.move(15)
    assert (await sign_in(browser, "zhangli", PASSWORD)).status_code == 303


async def test_a_form_that_was_not_ours_signs_nobody_in(browser: Browser) -> None:
    fields = {"name": "zhangli", "password": PASSWORD, "form_token": ""}
    answer = await browser.http.post("/sign-in", data=fields, headers={"origin": OWN})
    assert answer.status_code == 403
    assert "nd_login" not in browser.http.cookies


async def test_the_person_returns_to_where_they_wanted(browser: Browser) -> None:
    asked = await browser.get("/deposits")
    assert asked.headers["location"] == "/sign-in?next=/deposits"
    assert 'value="/deposits"' in (await browser.get("/sign-in?next=/deposits")).text
    assert (await sign_in(browser, "zhangli", PASSWORD, "/deposits")).headers["location"] == "/deposits"


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "", "/a\r\nb", "/中"]
)
def test_only_our_own_paths_are_returned_to(path: str) -> None:
    assert own_path(path) == "/"


async def test_half_an_hour_without_a_deed_ends_the_login(browser: Browser, clock: HandClock) -> None:
    await browser.become("zhangli")
    clock.move(20)
    assert (await browser.get("/")).status_code == 200
    clock.move(20)
    assert (await browser.get("/")).status_code == 200, "the visit at 20 minutes counts"
    clock.move(31)
    assert (await browser.get("/")).status_code == 303


async def test_a_page_that_refreshes_itself_is_no_deed(browser: Browser, clock: HandClock) -> None:
    await browser.become("zhangli")
    for _ in range(3):
        clock.move(9)
        assert (await browser.get("/", hx_request="true")).status_code == 200
    clock.move(4)
    answer = await browser.get("/deposits", hx_request="true")
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in?next=/deposits")
    assert answer.text == ""


async def test_english_is_one_switch_away(browser: Browser, engine: AsyncEngine) -> None:
    page = await browser.get("/sign-in")
    assert '<html lang="zh-CN">' in page.text
    browser.form_token = hidden_token(page)
    answer = await browser.post("/language", language="en", next="/sign-in")
    assert answer.headers["location"] == "/sign-in"
    english = await browser.get("/sign-in")
    assert '<html lang="en">' in english.text
    assert "Sign in to the hub desk" in english.text
