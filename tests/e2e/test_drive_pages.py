"""A citizen with a USB drive, in a real browser: plug in, tick, hand in, receipt. The real driver reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from hall.house import House
from hall.page.app import serve

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path, broker="iotcore", parts=("broker", "simulate", "edge")) as house, serve(house):
        await house.start()
        yield house


@pytest.fixture
async def pages(house: House) -> AsyncIterator[tuple[Page, Page]]:
    """The world page and the kiosk, a window each; whatever either complains of fails the test."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        windows = []
        for url in (house.ports.world_url, house.ports.kiosk_url):
            page = await (await browser.new_context()).new_page()
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto(url)
            windows.append(page)
        yield windows[0], windows[1]
        await browser.close()
    assert complaints == []


async def _tick(kiosk: Page, name: str) -> None:
    row = kiosk.locator("[data-test=file]", has_text=name)
    await row.locator("[data-test=tick]").click()
    await expect(row).to_have_attribute("data-state", "ticked")


async def test_files_of_a_drive_are_handed_in(house: House, pages: tuple[Page, Page]) -> None:
    world, kiosk = pages
    await kiosk.click("#hand-in-files")
    await kiosk.click("[data-test=identity-skip]")
    await kiosk.click("#way-drive")
    await world.click("#drives [data-kind=honest]")
    await expect(kiosk.locator("[data-test=file]")).to_have_count(6, timeout=20_000)
    picture = kiosk.locator("[data-test=file] img").nth(2)
    await expect(picture).to_have_js_property("complete", True)
    await _tick(kiosk, "营业执照.pdf")
    await _tick(kiosk, "店面.jpg")
    await kiosk.click("[data-test=copy]")
    await expect(kiosk.locator("[data-test=material]")).to_have_count(2, timeout=20_000)
    await world.click("#drives [data-kind=honest]")
    await expect(world.locator("#drives [aria-pressed=true]")).to_have_count(0)
    await kiosk.click("[data-test=hand-in-all]")
    await kiosk.click("#skip-phone")
    number = await kiosk.locator("[data-test=receipt-number]").inner_text()
    await expect(world.locator(".slip")).to_contain_text(number)
    assert not (house.directory.path / "usb-drive.img").exists()


async def test_a_bad_drive_says_why_and_a_locked_one_is_refused(pages: tuple[Page, Page]) -> None:
    world, kiosk = pages
    await kiosk.click("#hand-in-files")
    await kiosk.click("[data-test=identity-skip]")
    await kiosk.click("#way-drive")
    await world.click("#drives [data-kind=locked]")
    await expect(kiosk.locator("[data-reason=locked]")).to_be_visible(timeout=20_000)
    await world.click("#drives [data-kind=locked]")
    await expect(world.locator("#drives [data-kind=bad]")).to_be_enabled()
    await world.click("#drives [data-kind=bad]")
    await expect(kiosk.locator("[data-test=file]")).to_have_count(8, timeout=20_000)
    for name in ("带脚本的申请表.pdf", "其实是程序.jpg"):
        await _tick(kiosk, name)
    await kiosk.click("[data-test=copy]")
    await expect(kiosk.locator("[data-message=files_refused]")).to_be_visible(timeout=20_000)
    await expect(kiosk.locator("[data-state=refused]")).to_contain_text("这种文件不能收")
    await kiosk.click("[data-test=go-back]")
    await expect(kiosk.locator("[data-test=material]")).to_contain_text("已去掉脚本")
