"""Papers in a real browser: what a hand must hit and an eye must read, from the card to the paper in the hand."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from edge.services.collect_item import Proofs
from tests.e2e.test_care_pages import sign_in
from tests.e2e.test_kiosk_pages import DESK, PORTRAIT, Kiosk, arrives, opened, readable, tap
from tests.unit.edge.services.night import CASE
from tests.unit.edge.services.papers import CARD_KEY, SENSED, TOLD, licence, load_sheets, mood, record, take

LOW = """() => [...document.querySelectorAll('main button')]
    .filter(e => e.getBoundingClientRect().bottom > innerHeight).map(e => e.id)"""
# Where every page is kept as a picture, for eyes; without the variable nowhere.
PICTURES = os.environ.get("NIGHTDESK_PAGES")


@pytest.fixture(params=[SENSED], ids=["sensed"])
async def kiosk(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Kiosk]:
    async with opened(tmp_path, proofs=Proofs("night-1", CARD_KEY), licences=request.param) as kiosk:
        await load_sheets(kiosk.scene)
        await mood(kiosk.scene, sheet_seconds=0.3)
        yield kiosk


async def looked_at(page: Page, name: str) -> None:
    """Check a page as an eye and a finger would, and keep its picture if somebody wants to see it."""
    await readable(page)
    if await page.get_attribute("main", "data-step") != "list":
        assert await page.evaluate(LOW) == []
    if PICTURES:
        file = (
            Path(PICTURES)
            / f"{name}_{await page.evaluate('innerWidth')}_{await page.get_attribute('html', 'lang')}.png"
        )
        await asyncio.to_thread(file.write_bytes, await page.screenshot())


async def phase(page: Page, wanted: str) -> None:
    await page.wait_for_selector(f'main[data-phase="{wanted}"]', timeout=20_000)


@pytest.mark.parametrize(("language", "size"), [("zh", PORTRAIT), ("en", PORTRAIT), ("zh", DESK), ("en", DESK)])
async def test_a_licence_from_card_to_hand(kiosk: Kiosk, language: str, size: tuple[int, int]) -> None:
    await kiosk.scene.order_papers(licence(), record())
    page = await kiosk.page(size)
    if language == "en":
        await tap(page, "language-switch")
        await page.wait_for_selector('html[lang="en"]')
    await looked_at(page, "1_home")
    await tap(page, "print")
    await arrives(page, "print", "print_identity")
    await looked_at(page, "2_identity")
    await kiosk.scene.world.do("card", on=True, person="li")
    await arrives(page, "print", "print_list")
    await looked_at(page, "3_list")
    await page.locator('[data-test="paper-choose"]').first.click()
    await arrives(page, "print", "print_paper")
    await page.wait_for_function("() => [...document.querySelectorAll('.sheets img')].every(e => e.naturalWidth > 200)")
    await looked_at(page, "4_look")
    await tap(page, "print-go")
    await arrives(page, "print", "print_job")
    await phase(page, "take")
    await looked_at(page, "5_take")
    assert await page.query_selector('[data-test="print-taken"]') is None
    await take(kiosk.scene)
    await phase(page, "thanks")
    await looked_at(page, "6_thanks")
    await tap(page, "print-more")
    await arrives(page, "print", "print_list")
    assert await page.locator('[data-test="paper"]').count() == 1
    await tap(page, "go-home")
    await arrives(page, "home", "home")


@pytest.mark.parametrize("kiosk", [TOLD], ids=["told"], indirect=True)
async def test_what_fails_ends_in_a_slip_and_without_a_sensor_the_person_says_that_they_have_it(kiosk: Kiosk) -> None:
    await kiosk.scene.order_papers(licence())
    await mood(kiosk.scene, comes="nothing_counted")
    page = await kiosk.page()
    await tap(page, "print")
    await kiosk.scene.world.do("card", on=True, person="wang")
    await page.wait_for_selector('[data-test="nothing-to-print"]')
    await looked_at(page, "7_nothing")
    await tap(page, "go-home")
    await kiosk.scene.world.do("licence_printer", plugged=False)
    await tap(page, "print")
    await kiosk.scene.world.do("card", on=False, person="wang")
    await kiosk.scene.world.do("card", on=True, person="li")
    await tap(page, "paper-choose")
    await tap(page, "print-go")
    await phase(page, "failed")
    await page.wait_for_selector('[data-slip="printed"]')
    await looked_at(page, "8_failed")
    await kiosk.scene.world.do("licence_printer", plugged=True)
    await tap(page, "print-more")
    await tap(page, "paper-choose")
    await tap(page, "print-go")
    await phase(page, "doubtful")
    await page.wait_for_selector('[data-slip="printed"]')
    await looked_at(page, "9_doubtful")


@pytest.mark.parametrize("kiosk", [TOLD], ids=["told"], indirect=True)
async def test_staff_print_and_load(kiosk: Kiosk) -> None:
    await kiosk.scene.order_papers(record(delivery="pickup", case_number=CASE, card_hash=None, mask="张*"))
    page = await kiosk.page()
    await sign_in(page)
    await looked_at(page, "10_staff")
    await tap(page, "staff-print-button")
    await arrives(page, "print", "print_paper")
    await page.wait_for_function("() => [...document.querySelectorAll('.sheets img')].every(e => e.naturalWidth > 200)")
    await looked_at(page, "10_look")
    await tap(page, "print-go")
    await phase(page, "take")
    await looked_at(page, "11_take")
    await tap(page, "print-taken")
    await phase(page, "thanks")
    await looked_at(page, "12_staff_thanks")
    await tap(page, "print-load")
    await arrives(page, "load", "open")
