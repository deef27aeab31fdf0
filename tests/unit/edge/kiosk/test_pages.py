"""The pages over plain HTTP, as the story player and a browser without JavaScript use them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from contract.ids import show_receipt_number
from tests.unit.edge.kiosk.page import Person, hidden, message, person, screen
from tests.unit.edge.services.night import (
    BADGE,
    CASE,
    PIN,
    QUICK,
    Night,
    night,
    step,
    unseal,
    until,
)

PHONE = "13812345678"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        await scene.give_documents()
        yield scene


@pytest.fixture
async def one(scene: Night) -> AsyncIterator[Person]:
    async with person(scene) as one:
        yield one


async def deposit(scene: Night, one: Person) -> str:
    await one.post("/go", to="deposit")
    await one.post("/deposit/size", size="s")
    await one.post("/deposit/start", phone=PHONE)
    view = await step(scene, "open")
    await one.look()
    assert screen(one.page) == ("deposit", "open")
    await scene.world.do("push", compartment=view.compartment)
    await step(scene, "closed")
    await one.look()
    await one.post("/confirm", answer="confirmed")
    assert screen(one.page) == ("deposit", "result")
    assert view.receipt_number is not None
    return view.receipt_number


async def test_a_person_sees_where_the_door_is(scene: Night, one: Person) -> None:
    await one.post("/go", to="deposit")
    await one.post("/deposit/size", size="m")
    await one.post("/deposit/start", phone="")
    assert (await step(scene, "open")).compartment == 3
    await one.look()
    assert 'viewBox="0 0 400 900"' in one.page.text
    assert 'class="leaf here" x="8" y="208" width="384" height="184"' in one.page.text
    assert one.page.text.count('class="leaf"') == 3


async def test_a_deposit_by_forms_alone(scene: Night, one: Person) -> None:
    number = await deposit(scene, one)
    assert f'data-value="{number}"' in one.page.text
    assert show_receipt_number(number) in one.page.text
    await until(lambda: scene.station.desk.state().slip == "printed")
    assert 'data-slip="printed"' in (await one.look()).text
    await one.post("/finish")
    assert screen(one.page) == ("home", "home")


async def test_staff_load_and_a_recipient_collects(scene: Night, one: Person) -> None:
    await one.post("/go", to="staff")
    await one.post("/staff/sign-in", badge=BADGE, pin=PIN)
    assert screen(one.page) == ("staff", "list")
    assert CASE in one.page.text
    await one.post("/staff/load", case_number=CASE)
    view = await step(scene, "open")
    await scene.world.do("push", compartment=view.compartment)
    await step(scene, "closed")
    await one.look()
    await one.post("/confirm", answer="confirmed")
    code = unseal((await scene.last("item_loaded"))["code_sealed"])
    assert code not in one.page.text
    await one.post("/finish")
    await one.post("/staff/sign-out")
    await one.post("/go", to="pickup")
    await one.post("/pickup/number", number=str(view.compartment))
    assert screen(one.page) == ("pickup", "code")
    await one.post("/pickup/start", code=f"{code[:4]} {code[4:]}")
    await step(scene, "open")
    await one.look()
    assert screen(one.page) == ("pickup", "open")


async def test_a_wrong_code_is_said_and_not_shown(scene: Night, one: Person) -> None:
    await one.post("/go", to="pickup")
    await one.post("/pickup/number", number="2")
    await one.post("/pickup/start", code="13572468")
    assert screen(one.page) == ("pickup", "code")
    assert message(one.page) == "wrong_code"
    assert "13572468" not in one.page.text
    assert await scene.world.coils() == {}


async def test_a_bad_phone_number_opens_nothing(scene: Night, one: Person) -> None:
    await one.post("/go", to="deposit")
    await one.post("/deposit/size", size="s")
    for typed in ("1381234567", "23812345678", "1381234567x", "１３８"):
        await one.post("/deposit/start", phone=typed)
        assert message(one.page) == "bad_phone"
        assert typed not in one.page.text
        assert await scene.world.coils() == {}


async def test_full_width_digits_are_digits(scene: Night, one: Person) -> None:
    await one.post("/go", to="pickup")
    await one.post("/pickup/number", number="３")
    assert screen(one.page) == ("pickup", "code")


BAD_FORMS: list[tuple[str, dict[str, str]]] = [
    ("/go", {}),
    ("/go", {"to": "load"}),
    ("/deposit/size", {"size": "xl"}),
    ("/language", {"language": "fr"}),
    ("/confirm", {"answer": "perhaps"}),
    ("/confirm", {"answer": "confirmed", "visit": "not-a-uuid"}),
    ("/staff/clear", {"number": "1; drop"}),
    ("/staff/sign-in", {"badge": "x" * 33, "pin": "1"}),
]


async def test_bad_forms_get_a_page_in_plain_words(scene: Night, one: Person) -> None:
    for path, fields in BAD_FORMS:
        await one.post(path, **fields)
        assert one.page.status_code == 400
        assert message(one.page) == "error_bad_form"
        assert "没有打开任何柜门" in one.page.text
        assert await scene.world.coils() == {}


async def test_out_of_place_wishes_show_the_current_screen(scene: Night, one: Person) -> None:
    for path, fields in {
        "/deposit/size": {"size": "s"},
        "/deposit/start": {"phone": ""},
        "/pickup/number": {"number": "1"},
        "/pickup/start": {"code": "12345678"},
        "/confirm": {"answer": "confirmed"},
        "/reopen": {},
        "/finish": {},
        "/cancel": {},
    }.items():
        await one.post(path, **fields)
        assert (one.page.status_code, screen(one.page)) == (200, ("home", "home")), path
    assert await scene.world.coils() == {}


async def test_staff_wishes_without_a_sign_in_are_refused(scene: Night, one: Person) -> None:
    for path, fields in {
        "/staff/load": {"case_number": CASE},
        "/staff/clear": {"number": "1"},
        "/staff/inspect": {"number": "1"},
        "/staff/service": {"arm": "yes"},
    }.items():
        await one.post(path, **fields)
        assert message(one.page) == "not_allowed", path
    assert await scene.world.coils() == {}
    assert not scene.station.maintain.armed


async def test_an_unknown_page_and_a_bug_are_pages(scene: Night, one: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = await one.client.get("/../etc/passwd")
    assert (lost.status_code, message(lost)) == (404, "error_not_found")

    def broken() -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(scene.station.desk, "state", broken)
    bug = await one.client.get("/")
    assert (bug.status_code, message(bug)) == (500, "error_inside")
    assert "secret detail" not in bug.text
    assert bug.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in bug.headers["content-security-policy"]


async def test_english_on_every_page_until_the_visit_is_over(scene: Night, one: Person) -> None:
    await one.post("/language", language="en")
    assert "Welcome" in one.page.text
    await one.post("/go", to="pickup")
    assert "Which compartment?" in one.page.text
    await one.post("/cancel")
    assert "您好" in one.page.text


async def test_what_was_typed_is_gone_after_the_idle_time(tmp_path: Path) -> None:
    async with night(tmp_path, replace(QUICK, idle_s=1)) as scene, person(scene) as one:
        await one.post("/go", to="pickup")
        await one.post("/pickup/number", number="4")
        assert 'data-test="countdown"' in one.page.text
        await step(scene, "home")
        await one.look()
        assert screen(one.page) == ("home", "home")
        await one.post("/go", to="pickup")
        assert screen(one.page) == ("pickup", "number")


async def test_a_sign_of_life_extends_the_time(tmp_path: Path) -> None:
    async with night(tmp_path, replace(QUICK, idle_s=2)) as scene, person(scene) as one:
        await one.post("/go", to="pickup")
        for _ in range(2):
            await until(lambda: (scene.station.desk.state().seconds_left or 0) <= 1)
            await one.post("/extend")
            assert screen(one.page) == ("pickup", "number")
        await step(scene, "home")


async def test_the_live_stream_tells_of_every_change(scene: Night, one: Person) -> None:
    revision = scene.station.desk.changes.revision

    async def first_event() -> str:
        kiosk = one.client._transport.app  # type: ignore[attr-defined]  # httpx buffers whole answers of an ASGI app
        heard: asyncio.Queue[bytes] = asyncio.Queue()

        async def send(part: dict[str, object]) -> None:
            if part["type"] == "http.response.body":
                heard.put_nowait(bytes(part["body"]))  # type: ignore[call-overload]  # ASGI: always bytes

        async def receive() -> dict[str, object]:
            await asyncio.Event().wait()
            return {}

        headers = [(b"host", b"127.0.0.1:8101")]
        scope = {"type": "http", "method": "GET", "path": "/live", "query_string": f"after={revision}".encode()}
        scope |= {"headers": headers, "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 8101)}
        stream = asyncio.create_task(kiosk(scope, receive, send))
        try:
            await asyncio.sleep(0)
            scene.station.desk.speak("en")
            return (await asyncio.wait_for(heard.get(), 5)).decode()
        finally:
            stream.cancel()

    assert (await first_event()).startswith("event: view\n")


async def test_an_answer_from_an_old_page_does_not_count_for_the_next_person(scene: Night, one: Person) -> None:
    await deposit(scene, one)
    old = hidden(one.page)["visit"]
    await one.post("/finish")
    await one.post("/go", to="deposit")
    await one.post("/deposit/size", size="s")
    await one.post("/deposit/start", phone="")
    view = await step(scene, "open")
    await scene.world.do("push", compartment=view.compartment)
    await step(scene, "closed")
    await one.look()
    await one.post("/confirm", visit=old, answer="confirmed")
    assert screen(one.page) == ("deposit", "closed")
