"""The technician's page in a real browser: readable, reachable by a finger, and one door for two persons."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

from tests.e2e.test_kiosk_pages import DESK, PORTRAIT, Kiosk, arrives, number_of, opened, readable, tap, type_in
from tests.unit.edge.services.night import BADGE, PIN

COLLEAGUE = "B-8"
LOW_LISTS = """() => [...document.querySelectorAll('select')].filter(e => e.offsetHeight < 96).map(e => e.id)"""


async def sign(page: Page, badge: str, button: str) -> None:
    await page.click("#badge")
    await type_in(page, badge)
    await page.click("#pin")
    await type_in(page, PIN)
    await tap(page, button)


async def to_technician(kiosk: Kiosk, size: tuple[int, int]) -> Page:
    page = await kiosk.page(size)
    await tap(page, "staff")
    await sign(page, BADGE, "sign-in")
    await tap(page, "technician")
    await arrives(page, "staff", "technician")
    return page


async def everything_fits(page: Page) -> None:
    await readable(page)
    assert await page.evaluate(LOW_LISTS) == []


async def test_two_persons_open_one_door(tmp_path: Path) -> None:
    async with opened(tmp_path) as kiosk:
        await kiosk.scene.give_documents(colleagues=(COLLEAGUE,))
        page = await to_technician(kiosk, PORTRAIT)
        await everything_fits(page)
        await tap(page, "self-test")
        await page.wait_for_selector('[data-test="tested"]')
        await tap(page, "service-arm")
        await page.wait_for_selector('[data-test="test-unlock"]')
        await everything_fits(page)
        await tap(page, "second")
        await arrives(page, "staff", "second")
        await readable(page)
        await sign(page, COLLEAGUE, "second-sign")
        await page.wait_for_selector('[data-test="persons"]')
        await page.select_option("#release-number", "3")
        await page.select_option("#release-reason", "release_hazard")
        await everything_fits(page)
        await tap(page, "release")
        await arrives(page, "release", "open")
        await readable(page)
        assert await number_of(page) == 3
        await kiosk.scene.world.do("push", compartment=3)
        await arrives(page, "release", "closed")
        await readable(page)
        await tap(page, "nothing")
        await arrives(page, "release", "result")
        await tap(page, "finish")
        await arrives(page, "staff", "technician")
        assert (await kiosk.scene.last("emergency_release_granted"))["reason"] == "release_hazard"
        assert await kiosk.scene.world.coils() == {3: 1}


async def test_a_door_that_stands_open_unseen_is_told_with_a_finger(tmp_path: Path) -> None:
    async with opened(tmp_path) as kiosk:
        page = await kiosk.page(DESK)
        await kiosk.scene.world.do("stick", compartment=1, sensor="closed")
        await tap(page, "hand-in")
        await tap(page, "size-s")
        await tap(page, "skip-phone")
        await arrives(page, "deposit", "open")
        await readable(page)
        await tap(page, "says-open")
        await page.wait_for_selector('[data-test="says-open"]', state="detached")
        assert not (await kiosk.scene.compartment(1)).in_service
        await tap(page, "says-shut")
        await page.wait_for_selector('[data-message="still_reads_open"]')
        await readable(page)
