"""Staff at the kiosk in the morning: sign in by badge and PIN, clear the deposit, load the certificate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hall.acts.kiosk import Kiosk
from hall.acts.stage import Stage
from hall.visitor import Page, Visitor


async def clear(stage: Stage) -> None:
    """Take the deposited papers out."""
    async with _signed_in(stage) as (kiosk, page):
        row = page.get(data_test="to-clear").text
        number = page.get(data_test="clear").attributes["data-value"]
        if stage.receipt_number.replace("-", "") not in row.replace("-", ""):
            stage.timeline.line("名单 list", row)
        await kiosk.press(page, "clear-button", number)
        await kiosk.door("工作人员 staff", stage.house.world.take_out)
        stage.ledger.tell("cleared", receipt_number=stage.receipt_number)
        stage.timeline.line("屏幕 screen", "已取出  cleared")
        await kiosk.press(await kiosk.until_step("result"), "finish")


async def load(stage: Stage) -> None:
    """Put the finished certificate into a compartment."""
    async with _signed_in(stage) as (kiosk, page):
        await kiosk.press(page, "load-button", stage.case_number)
        await kiosk.door("工作人员 staff", stage.house.world.put_in)
        stage.ledger.tell("loaded", case_number=stage.case_number)
        stage.timeline.line("屏幕 screen", "已装入  loaded")
        await kiosk.press(await kiosk.until_step("result"), "finish")


@asynccontextmanager
async def _signed_in(stage: Stage) -> AsyncIterator[tuple[Kiosk, Page]]:
    people = stage.house.directory.people()
    async with Visitor(stage.house.ports.kiosk_url) as visitor:
        kiosk = Kiosk(stage, visitor)
        page = await kiosk.press(await kiosk.home(), "staff")
        await kiosk.press(page, "sign-in", badge=people.badge, pin=people.pin)
        page = await kiosk.until_step("list")
        stage.timeline.line("工作人员 staff", f"以工牌 {people.badge} 登录  signs in")
        yield kiosk, page
        await kiosk.press(await kiosk.until_step("list"), "sign-out")
