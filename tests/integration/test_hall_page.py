"""The world page over real HTTP: only its own page may act, and what the visitor does happens to the world."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hall.back_office import order_papers
from hall.house import House
from hall.page.app import serve


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path / "run", broker="iotcore", parts=("broker", "simulate")) as house, serve(house):
        yield house


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=house.ports.world_url, trust_env=False) as browser:
        yield browser


async def token(browser: httpx.AsyncClient) -> str:
    found = re.search(r'name="token" content="(\w+)"', (await browser.get("/")).text)
    assert found is not None
    return found[1]


async def act(browser: httpx.AsyncClient, house: House, **form: str) -> httpx.Response:
    form.setdefault("token", await token(browser))
    return await browser.post("/do", data=form, headers={"origin": house.ports.world_url})


async def first_picture(browser: httpx.AsyncClient) -> dict[str, Any]:
    async with browser.stream("GET", "/events") as stream:
        name = ""
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            if line.startswith("data: ") and name == "picture":
                picture: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return picture
    raise AssertionError("the stream ended")


async def test_shows_people_and_addresses(house: House, browser: httpx.AsyncClient) -> None:
    page = await browser.get("/")
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    people = house.directory.people()
    assert all(text in page.text for text in (people.pin, people.password, house.ports.kiosk_url, house.ports.hub_url))


@pytest.mark.parametrize(
    ("headers", "fields", "status"),
    [
        ({"host": "evil.example"}, {}, 421),
        ({"origin": "http://evil.example"}, {}, 403),
        ({"origin": ""}, {}, 403),
        ({}, {"token": "0" * 64}, 403),
        ({}, {"token": ""}, 403),
    ],
    ids=["other host", "other origin", "no origin", "guessed token", "no token"],
)
async def test_a_foreign_page_cannot_act(
    house: House, browser: httpx.AsyncClient, headers: dict[str, str], fields: dict[str, str], status: int
) -> None:
    form = {"token": await token(browser), "do": "network", "fault": "cut"} | fields
    answer = await browser.post("/do", data=form, headers={"origin": house.ports.world_url} | headers)
    assert answer.status_code == status
    assert house.network.condition.fault == "none"


async def test_a_token_belongs_to_its_session(house: House, browser: httpx.AsyncClient) -> None:
    async with httpx.AsyncClient(base_url=house.ports.world_url, trust_env=False) as other:
        await other.get("/")
        answer = await act(other, house, do="network", fault="cut", token=await token(browser))
    assert answer.status_code == 403


async def test_get_never_acts(house: House, browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/do", params={"do": "network", "fault": "cut", "token": await token(browser)})
    assert answer.status_code == 405
    assert house.network.condition.fault == "none"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "rm"},
        {"do": "network"},
        {"do": "network", "fault": "fire"},
        {"do": "kill", "process": "init"},
        {"do": "kill", "process": "simulate"},
        {"do": "pull", "compartment": "x"},
        {"do": "pull", "compartment": "1"},
        {"do": "clock", "to": "1970"},
    ],
)
async def test_a_strange_act_is_refused(house: House, browser: httpx.AsyncClient, form: dict[str, str]) -> None:
    assert (await act(browser, house, **form)).status_code == 409


async def test_acts_on_network_and_clock_show_in_the_picture(house: House, browser: httpx.AsyncClient) -> None:
    assert (await act(browser, house, do="network", fault="black_hole")).status_code == 204
    assert (await act(browser, house, do="clock", to="evening")).status_code == 204
    picture = await first_picture(browser)
    assert (picture["network"], picture["night"]) == ("black_hole", True)
    assert (house.directory.now().hour, house.directory.now().minute) == (22, 3)


async def test_acts_on_doors_and_processes(house: House, browser: httpx.AsyncClient) -> None:
    await house.start()
    assert (await act(browser, house, do="pull", compartment="3")).status_code == 409
    assert (await act(browser, house, do="force", compartment="3")).status_code == 204
    assert (await act(browser, house, do="item", compartment="3", inside="true")).status_code == 204
    assert (await act(browser, house, do="stick", compartment="4", sensor="open")).status_code == 204
    state = await house.world.until(lambda world: world.open_doors == {3}, "door 3 alone is open")
    assert state.doors[3].item
    assert state.doors[4].stuck_sensor == "open"
    assert (await act(browser, house, do="kill", process="broker")).status_code == 204
    picture = await first_picture(browser)
    assert {each["name"]: each["alive"] for each in picture["processes"]} == {"broker": False, "simulate": True}
    assert (await act(browser, house, do="start", process="broker")).status_code == 204
    assert house.processes["broker"].alive


async def test_hands_at_the_licence_printer(house: House, browser: httpx.AsyncClient) -> None:
    await house.start()
    for form in (
        {"what": "empty", "tray": "copy"},
        {"what": "jam", "on": "true"},
        {"what": "cover_open", "on": "true"},
    ):
        assert (await act(browser, house, do="licence", **form)).status_code == 204
    state = (await house.world.state()).licence_printer
    assert state is not None
    assert (state["trays"]["copy"]["sheets"], state["moods"]["jam"], state["moods"]["cover_open"]) == (0, True, True)
    assert (await act(browser, house, do="licence", what="fill", tray="copy")).status_code == 204
    assert (await act(browser, house, do="licence", what="jam", on="false")).status_code == 204
    state = (await house.world.state()).licence_printer
    assert state is not None
    assert (state["trays"]["copy"]["sheets"], state["moods"]["jam"]) == (20, False)
    assert (await act(browser, house, do="licence", what="fill", tray="none")).status_code == 409
    assert (await act(browser, house, do="order")).status_code == 409


async def test_the_back_office_orders_papers_once_a_day(tmp_path: Path) -> None:
    async with House(tmp_path / "run", broker="iotcore", parts=("broker", "simulate", "hub")) as house:
        await house.start()
        assert await order_papers(house) == 12
        assert await order_papers(house) == 0
