"""A visitor with a real browser: hands in papers at the kiosk, is the world on the world page, breaks it a little."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from edge.scanner_sections import DocumentCameraConfig
from edge.scanners.registry import open_document_camera
from hall.acts.faults import FAULTS
from hall.house import House
from hall.page.app import serve

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path, broker="iotcore", parts=("broker", "simulate", "edge")) as house, serve(house):
        await house.start()
        yield house


async def _window(browser: Browser, complaints: list[str]) -> Page:
    context = await browser.new_context()
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    return await context.new_page()


@pytest.fixture
async def pages(house: House) -> AsyncIterator[tuple[Page, Page]]:
    """The world page and the kiosk; whatever either complains of fails the test."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        # A window each: a tab in the background draws once a second only.
        world, kiosk = [await _window(browser, complaints) for _ in range(2)]
        await world.goto(house.ports.world_url)
        await kiosk.goto(house.ports.kiosk_url)
        yield world, kiosk
        await browser.close()
    assert complaints == []


async def test_a_visitor_is_citizen_and_world(house: House, pages: tuple[Page, Page]) -> None:
    world, kiosk = pages
    await world.click("[data-to=evening]")
    await expect(world.locator("html")).to_have_attribute("data-time", "night")
    await kiosk.click("#hand-in")
    await kiosk.click("#size-s")
    await kiosk.click("#skip-phone")
    door = world.locator(".door[data-door=open]")
    await door.click()
    await world.click("#network [data-fault=cut]")
    await expect(world.locator("#network [data-fault=cut]")).to_have_attribute("aria-pressed", "true")
    await world.click("#panel [data-do=item]")
    await expect(door).to_have_attribute("data-item", "true")
    await world.click("#panel [data-do=push]")
    await kiosk.click("#confirm")
    number = await kiosk.locator("[data-test=receipt-number]").inner_text()
    await expect(world.locator(".slip")).to_contain_text(number)
    await expect(world.locator("#frames tr").first).to_be_visible()


async def _drag(page: Page, what: str, to: str) -> None:
    await page.locator("#desk").scroll_into_view_if_needed()
    start, end = [await page.locator(each).bounding_box() for each in (what, to)]
    assert start is not None
    assert end is not None
    await page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=5)
    await page.mouse.up()


async def test_a_sheet_that_is_dragged_onto_the_mat_is_captured(house: House, pages: tuple[Page, Page]) -> None:
    world, _ = pages
    table = DocumentCameraConfig.model_validate(house.directory.table()["document_camera"])
    async with open_document_camera(house.directory.station_file, table) as camera:
        await camera.start()
        await _drag(world, "#tray [data-kind=a4]", "#mat")
        await expect(world.locator("#mat [data-kind=a4]")).to_be_visible()
        async with asyncio.timeout(20):
            page = (await camera.next_capture()).pages[0]
        assert sorted((page.width_um // 1000, page.height_um // 1000)) == pytest.approx([210, 297], abs=1)
        await _drag(world, "#mat [data-kind=a4]", "#tray")
        await expect(world.locator("#tray [data-kind=a4]")).to_be_visible()
        await world.click("[data-do=camera][data-fault=stale]")
        await expect(world.locator("[data-do=camera][data-fault='']")).to_be_visible()


async def test_a_visitor_puts_a_card_on_the_reader_and_shows_a_code(pages: tuple[Page, Page]) -> None:
    world, kiosk = pages
    await kiosk.click("#collect")
    await kiosk.click("#by-card")
    await world.click("#card-faults [data-fault=unreadable]")
    await world.click("#cards [data-person=wang]")
    await expect(kiosk.locator("[data-message=card_again]")).to_be_visible()
    await world.click("#card-faults [data-fault=none]")
    await expect(kiosk.locator("[data-message=card_no_item]")).to_be_visible()
    await world.click("#cards [data-person=wang]")
    await expect(world.locator("#cards [aria-pressed=true]")).to_have_count(0)
    await kiosk.click("#by-code")
    await kiosk.click("#by-qr")
    await expect(world.locator("#scanner")).to_have_attribute("data-looking", "true")
    await world.fill("#code", "https://example.org/")
    await world.click("#scan")
    await expect(kiosk.locator("[data-message=wrong_token]")).to_be_visible()
    await expect(world.locator("#refused")).to_be_hidden()


async def test_a_visitor_breaks_and_mends(house: House, pages: tuple[Page, Page]) -> None:
    world, kiosk = pages
    await world.click(".door[data-number='7']")
    await world.click("#panel [data-do=jam]")
    await expect(world.locator(".door[data-number='7']")).to_have_attribute("data-jammed", "true")
    await world.click("#panel [data-do=force]")
    await expect(world.locator(".door[data-number='7']")).to_have_attribute("data-door", "open")
    await world.click("[data-do=unplug][data-board=main]")
    await world.click("[data-do=plug][data-board=main]")
    await world.click("[data-do=printer][data-paper=out]")
    await world.click("[data-do=printer][data-paper=ok]")
    await kiosk.close()
    await world.click("[data-do=kill][data-process=edge]")
    await world.click("[data-do=start][data-process=edge]")
    await expect(world.locator("[data-do=kill][data-process=edge]")).to_be_visible(timeout=15_000)
    assert (await house.world.state()).boards == {"main": True, "annex": True}
    await expect(world.locator("#refused")).to_be_hidden()


@pytest.fixture
async def whole_house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path, broker="iotcore") as house, serve(house):
        await house.start()
        yield house


async def test_a_visitor_watches_every_fault_pass(whole_house: House) -> None:
    """Each play checks the words that the person must see; `make demo FAULTS=1` plays each in both languages."""
    house = whole_house
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        world = await browser.new_page()
        await world.goto(house.ports.world_url)
        for index, (name, fault) in enumerate(FAULTS.items()):
            await world.click(f"#plays [data-fault={name}][data-language={('en', 'zh')[index % 2]}]")
            verdict = world.locator("#said li", has_text=f"{fault.zh} {fault.en}").last
            await expect(verdict).to_contain_text("✓", timeout=40_000)
        await browser.close()
