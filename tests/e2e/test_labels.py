"""Door labels as a printer lays them out: everything within its cut line, and a page's worth on A4."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import async_playwright

from edge.commission.labels import label_page
from edge.commission.places import Place
from tests.e2e.test_world_page import ARGUMENTS

LONGEST = "东城区政务服务中心 24小时自助区"
SPILLED = """() => [...document.querySelectorAll("section")]
    .filter(each => each.scrollHeight > each.clientHeight || each.scrollWidth > each.clientWidth).length"""


async def test_nothing_of_a_label_spills_over_its_cut_line(tmp_path: Path) -> None:
    sheet = tmp_path / "labels.html"
    places = {number: Place("m", "middle") for number in (1, 24, 888)}
    sheet.write_text(label_page(LONGEST, "24-hour self-service area", places), encoding="utf-8")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = await browser.new_page()
        await page.emulate_media(media="print")
        await page.goto(sheet.as_uri())
        assert await page.locator("section").count() == 3
        assert await page.evaluate(SPILLED) == 0
        await browser.close()
