"""Every request that is not the kiosk's own is refused with a page, and nothing opens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from edge.kiosk.security import BODY_BYTES, COOKIE
from tests.unit.edge.kiosk.page import ORIGIN, Person, hidden, message, person, screen
from tests.unit.edge.services.night import Night, night


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        yield scene


@pytest.fixture
async def ready(scene: Night) -> AsyncIterator[Person]:
    """A person one tap away from an open door."""
    async with person(scene) as one:
        await one.post("/go", to="deposit")
        await one.post("/deposit/size", size="s")
        assert screen(one.page) == ("deposit", "phone")
        yield one


async def refused(scene: Night, answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status
    assert screen(answer) == ("error", str(status))
    assert message(answer).startswith("error_")
    assert "Traceback" not in answer.text
    assert scene.station.desk.state().step == "phone"
    assert await scene.world.coils() == {}


async def tap(ready: Person, headers: dict[str, str], fields: dict[str, str] | None = None) -> httpx.Response:
    data = hidden(ready.page) | {"phone": ""} if fields is None else fields
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return await ready.client.post("/deposit/start", data=data, headers=names)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": ORIGIN},
        {"origin": ORIGIN, "sec_fetch_site": "same-origin"},
        {"origin": "null", "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-origin"},
    ],
)
async def test_what_a_browser_of_this_origin_sends_opens_the_door(ready: Person, headers: dict[str, str]) -> None:
    assert (await tap(ready, headers)).status_code == 303


OTHER_ORIGINS: list[dict[str, str]] = [
    {},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:8301"},
    {"origin": "https://127.0.0.1:8101"},
    {"origin": "http://localhost:8101"},
    {"origin": "http://evil.example"},
    {"origin": ORIGIN, "sec_fetch_site": "same-site"},
    {"origin": ORIGIN, "sec_fetch_site": "cross-site"},
    {"origin": "http://evil.example", "sec_fetch_site": "same-origin"},
    {"sec_fetch_site": "same-site"},
    {"sec_fetch_site": "none"},
    {"referer": ORIGIN + "/"},
]


async def test_another_origin_opens_nothing(scene: Night, ready: Person) -> None:
    for headers in OTHER_ORIGINS:
        await refused(scene, await tap(ready, headers), 403)


async def test_another_host_name_opens_nothing_and_shows_nothing(scene: Night, ready: Person) -> None:
    for host in ["evil.example", "localhost:8101", "127.0.0.1", "127.0.0.1:8101.evil.example", ""]:
        await refused(scene, await tap(ready, {"origin": ORIGIN, "host": host}), 421)
        await refused(scene, await ready.client.get("/", headers={"host": host}), 421)


async def test_without_the_sessions_token_nothing_opens(scene: Night, ready: Person) -> None:
    for token in (None, "", "0" * 64, "é"):
        fields = {"phone": ""} if token is None else {"phone": "", "token": token}
        await refused(scene, await tap(ready, {"origin": ORIGIN}, fields), 403)


async def test_a_token_of_another_session_opens_nothing(scene: Night, ready: Person) -> None:
    token = hidden(ready.page)["token"]
    ready.client.cookies.clear()
    fields = {"phone": "", "token": token}
    await refused(scene, await tap(ready, {"origin": ORIGIN}, fields), 403)
    ready.client.cookies.set(COOKIE, "another")
    await refused(scene, await tap(ready, {"origin": ORIGIN}, fields), 403)


async def test_a_large_body_is_cut_off(scene: Night, ready: Person) -> None:
    fields = hidden(ready.page) | {"phone": "1" * BODY_BYTES}
    await refused(scene, await tap(ready, {"origin": ORIGIN}, fields), 413)


GARBAGE = [
    ("application/json", b"{}", 415),
    ("text/plain", b"phone=", 415),
    ("multipart/form-data; boundary=x", b"--x--", 415),
    ("application/x-www-form-urlencoded", b"\xff\xfe", 400),
    ("application/x-www-form-urlencoded", b"a=%ff", 400),
    ("application/x-www-form-urlencoded", b"a=1&a=2", 400),
    ("application/x-www-form-urlencoded", b"&".join(b"f%d=" % n for n in range(50)), 400),
    ("application/x-www-form-urlencoded", b"", 403),
]


async def test_garbage_opens_nothing(scene: Night, ready: Person) -> None:
    for kind, body, status in GARBAGE:
        headers = {"origin": ORIGIN, "content-type": kind}
        await refused(scene, await ready.client.post("/deposit/start", content=body, headers=headers), status)


async def test_other_methods_are_refused(scene: Night, ready: Person) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = await ready.client.request(method, "/deposit/start", headers={"origin": ORIGIN})
        await refused(scene, answer, 405)
        assert "access-control-allow-origin" not in answer.headers


async def test_get_changes_nothing(scene: Night, ready: Person) -> None:
    for path in ("/deposit/start", "/go?to=pickup", "/cancel", "/confirm", "/staff/service", "/language?language=en"):
        await refused(scene, await ready.client.get(path), 405)
    assert scene.station.desk.language == "zh"


@pytest.mark.parametrize("path", ["/", "/nothing", "/static/kiosk.css", "/favicon.ico"])
async def test_every_answer_is_dressed(ready: Person, path: str) -> None:
    answer = await ready.client.get(path)
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in answer.headers


async def test_the_cookie_is_kept_from_scripts_and_other_sites(scene: Night) -> None:
    async with person(scene) as one:
        cookie = one.page.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert (await one.look()).headers.get("set-cookie") is None
