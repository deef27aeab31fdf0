"""The technician's page by forms alone, and the buttons by which anybody contradicts a sensor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract.events import DoorOpened
from edge.kiosk.texts import TEXTS
from edge.services.collect_item import Proofs
from tests.unit.edge.kiosk.page import Person, message, person, screen
from tests.unit.edge.services.night import BADGE, PIN, Night, night, step
from tests.unit.edge.services.papers import CARD_KEY, SENSED

COLLEAGUE = "B-8"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        await scene.give_documents(colleagues=(COLLEAGUE,))
        yield scene


@pytest.fixture
async def one(scene: Night) -> AsyncIterator[Person]:
    async with person(scene) as one:
        yield one


async def sign_in(one: Person) -> None:
    await one.post("/go", to="staff")
    await one.post("/staff/sign-in", badge=BADGE, pin=PIN)
    await one.post("/technician")
    assert screen(one.page) == ("staff", "technician")


async def test_a_release_by_forms(scene: Night, one: Person) -> None:
    await sign_in(one)
    assert "test-unlock" not in one.page.text
    await one.post("/staff/service", arm="yes")
    assert screen(one.page) == ("staff", "technician")
    await one.post("/technician/release", number="2", reason="release_hazard")
    assert message(one.page) == "second_person_first"
    await one.post("/technician/second")
    assert screen(one.page) == ("staff", "second")
    await one.post("/technician/second", badge=COLLEAGUE, pin="0000")
    assert message(one.page) == "wrong_pin"
    await one.post("/technician/second", badge=COLLEAGUE, pin=PIN)
    assert f"{BADGE}、{COLLEAGUE}" in one.page.text
    await one.post("/technician/release", number="2", reason="because")
    assert one.page.status_code == 400
    await one.look()
    await one.post("/technician/release", number="2", reason="release_hazard")
    view = await step(scene, "open")
    await one.look()
    assert screen(one.page) == ("release", "open")
    await scene.world.do("push", compartment=view.compartment)
    await step(scene, "closed")
    await one.look()
    assert "两人共同确认" in one.page.text
    await one.post("/confirm", answer="left")
    assert screen(one.page) == ("release", "result")
    await one.post("/finish")
    assert screen(one.page) == ("staff", "technician")
    await one.post("/staff/list")
    assert screen(one.page) == ("staff", "list")


async def test_the_page_says_what_is_wrong_in_both_languages(scene: Night, one: Person) -> None:
    await scene.store.transact(lambda tx: tx.save(tx.compartment(3).mark_doubtful().take_out("sensor_stuck")))
    await scene.store.transact(lambda tx: tx.save(tx.compartment(4).take_out("not_opened")))
    await scene.station.picture.load()
    await sign_in(one)
    await one.post("/technician/self-test")
    await one.post("/technician/test-print")
    for text in ("门磁与实际不符", "柜门打不开", "不能确定有无文件", "锁控板 main", "测试条已打印"):
        assert text in one.page.text
    await one.post("/language", language="en")
    for text in ("its sensor does not tell the truth", "its door did not open", "Lock board main", "was printed"):
        assert text in one.page.text
    await one.post("/technician/return", number="4")
    assert (await scene.compartment(4)).in_service
    await one.post("/technician/return", number="3")
    assert message(one.page) == "look_first"


async def test_nothing_on_the_page_is_for_others(scene: Night, one: Person) -> None:
    for path, fields in {
        "/technician": {},
        "/technician/second": {},
        "/technician/test-unlock": {"number": "1"},
        "/technician/release": {"number": "1", "reason": "release_other"},
        "/technician/return": {"number": "1"},
        "/technician/self-test": {},
        "/technician/test-print": {},
    }.items():
        await one.post(path, **fields)
        assert message(one.page) == "not_allowed", path
    assert await scene.world.coils() == {}
    assert await scene.world.paper() == ""


async def test_a_person_says_what_a_sensor_does_not(scene: Night, one: Person) -> None:
    await scene.world.do("stick", compartment=1, sensor="closed")
    await one.post("/go", to="deposit")
    await one.post("/deposit/size", size="s")
    await one.post("/deposit/start", phone="")
    await step(scene, "open")
    await one.look()
    assert 'data-test="says-open"' in one.page.text
    assert "1 号柜门其实开着" in one.page.text
    await one.post("/says-open", number="1")
    assert not (await scene.compartment(1)).in_service
    assert 'data-test="says-open"' not in one.page.text
    assert 'data-test="says-shut"' in one.page.text
    await one.post("/says-shut")
    assert message(one.page) == "still_reads_open"


async def test_a_worn_door_is_listed_until_it_was_looked_after(scene: Night, one: Person) -> None:
    for _ in range(2):
        await scene.store.transact(lambda tx: tx.emit(DoorOpened(compartment=6)))
    await sign_in(one)
    assert 'data-test="worn-row" data-value="6"' in one.page.text
    await one.post("/technician/looked-after", number="6")
    assert screen(one.page) == ("staff", "technician")
    assert "worn-row" not in one.page.text
    assert await scene.last("door_serviced") == {"compartment": 6, "openings": 2, "staff": BADGE}


async def test_the_roll_is_shown_and_a_new_one_is_said(scene: Night, one: Person) -> None:
    await sign_in(one)
    assert 'data-test="roll" data-left="unknown" data-need=""' in one.page.text
    await scene.world.do("printer", paper="near_end")
    await one.post("/technician/test-print")
    assert 'data-left="2000" data-need="paper_near_end"' in one.page.text
    assert "纸将尽，请换新纸卷" in one.page.text
    assert await scene.last("device_failed") == {"device": "printer-receipt-paper", "fault": "paper_near_end"}
    await scene.world.do("printer", paper="out")
    await one.post("/technician/new-roll")
    assert message(one.page) == "roll_not_ready"
    await scene.world.do("printer", paper="ok")
    await one.post("/technician/new-roll")
    assert 'data-left="unknown" data-need=""' in one.page.text
    assert await scene.last("device_recovered") == {"device": "printer-receipt-paper"}


async def test_what_ails_the_licence_printer_is_said_to_the_one_with_the_key(tmp_path: Path) -> None:
    async with night(tmp_path, proofs=Proofs("night-1", CARD_KEY), licences=SENSED) as scene:
        await scene.give_documents()
        async with person(scene) as one:
            await sign_in(one)
            assert 'data-test="licence-printer" data-value="ok"' in one.page.text
            await scene.station.devices.failed("printer-licence", "cover_open")
            await one.look()
            assert 'data-test="licence-printer" data-value="cover_open"' in one.page.text
            assert TEXTS["printer_cover_open"][0] in one.page.text
            await one.post("/language", language="en")
            assert TEXTS["printer_cover_open"][1] in one.page.text
