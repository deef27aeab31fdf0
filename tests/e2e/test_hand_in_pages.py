"""The pages of hand-ins and of trolleys in a real browser: readable at both sizes, driven by fingers and a scanner."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.e2e.test_kiosk_pages import DESK, PHONE, PORTRAIT, Kiosk, arrives, number_of, opened, readable, tap, type_in
from tests.unit.edge.services.night import BADGE, CASE, PIN
from tests.unit.edge.services.test_hand_in import fill, lower
from tests.unit.edge.services.test_trolley import case, expect


@pytest.fixture
async def kiosk(tmp_path: Path) -> AsyncIterator[Kiosk]:
    async with opened(tmp_path) as kiosk:
        yield kiosk


async def at_both_sizes(page: Page) -> None:
    """Read the page as it is, upright and on a desk, and leave it upright."""
    for width, height in (DESK, PORTRAIT):
        await page.set_viewport_size({"width": width, "height": height})
        await readable(page)


async def scanned(page: Page, label: str) -> None:
    """A wedge scanner types and presses Enter."""
    await page.focus("#label")
    await page.keyboard.type(label)
    await page.keyboard.press("Enter")


async def signed_in(kiosk: Kiosk) -> Page:
    page = await kiosk.page()
    await tap(page, "staff")
    await type_in(page, BADGE)
    await page.click("#pin")
    await type_in(page, PIN)
    await tap(page, "sign-in")
    await arrives(page, "staff", "list")
    return page


async def test_a_low_compartment_for_several_pieces(kiosk: Kiosk) -> None:
    await lower(kiosk.scene, 6)
    page = await kiosk.page()
    await tap(page, "hand-in")
    await tap(page, "low")
    await page.wait_for_selector('#low[aria-pressed="true"]')
    await at_both_sizes(page)
    await tap(page, "size-s")
    await arrives(page, "deposit", "reach")
    await at_both_sizes(page)
    await tap(page, "reach-low")
    await tap(page, "skip-phone")
    await arrives(page, "deposit", "open")
    assert await number_of(page) == 6
    await kiosk.scene.world.do("push", compartment=6)
    await arrives(page, "deposit", "closed")
    for _ in range(3):
        await tap(page, "more")
    await tap(page, "fewer")
    assert await page.input_value("#count") == "3"
    await at_both_sizes(page)
    await tap(page, "confirm")
    await arrives(page, "deposit", "result")
    assert (await kiosk.scene.last("deposit_made"))["count"] == 3


async def test_nothing_fits(kiosk: Kiosk) -> None:
    await fill(kiosk.scene, 4)
    page = await kiosk.page()
    await tap(page, "hand-in")
    await at_both_sizes(page)
    await tap(page, "size-l")
    await arrives(page, "deposit", "full")
    await at_both_sizes(page)
    await tap(page, "wait")
    await arrives(page, "deposit", "wait")
    await type_in(page, PHONE)
    await at_both_sizes(page)
    await tap(page, "join")
    await arrives(page, "deposit", "kept")
    await page.wait_for_selector('[data-slip="printed"]')
    await at_both_sizes(page)
    assert PHONE not in await page.content()
    await tap(page, "language-switch")
    await tap(page, "go-home")
    await arrives(page, "home", "home")


async def test_a_trolley_by_scanner(kiosk: Kiosk) -> None:
    cases = await expect(kiosk.scene, "s", "l", "s")
    page = await signed_in(kiosk)
    await readable(page)
    await tap(page, "trolley")
    await arrives(page, "staff", "trolley")
    for label in (cases[0], case(9), cases[1]):
        await scanned(page, label)
        await page.wait_for_selector(f'[data-test="trolley-row"][data-value="{label}"]')
    await at_both_sizes(page)
    await tap(page, "plan")
    await page.wait_for_selector('[data-outcome="planned"]')
    await at_both_sizes(page)
    await tap(page, "go")
    for number in (1, 2, 4):
        await page.wait_for_selector(f'main[data-step="open"][data-compartment="{number}"]')
        await at_both_sizes(page)
        await kiosk.scene.world.do("push", compartment=number)
        await page.wait_for_selector(f'main[data-step="closed"][data-compartment="{number}"]')
        await readable(page)
        await tap(page, "confirm")
    await arrives(page, "staff", "trolley")
    assert await page.locator('[data-outcome="loaded"]').count() == 3
    await at_both_sizes(page)
    await tap(page, "finish")
    await arrives(page, "staff", "list")
    assert (await kiosk.scene.last("trolley_finished"))["not_scanned"] == [cases[2]]


async def test_one_item_by_scanner(kiosk: Kiosk) -> None:
    page = await signed_in(kiosk)
    await scanned(page, case(9))
    await arrives(page, "staff", "unknown")
    await at_both_sizes(page)
    await tap(page, "back")
    await arrives(page, "staff", "list")
    await scanned(page, CASE)
    await arrives(page, "load", "open")
    assert CASE in (await page.text_content('[data-test="item"]') or "")
