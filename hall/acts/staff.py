"""Staff at the kiosk in the morning: sign in by badge and PIN, clear the deposit, load the certificate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hall.acts.kiosk import Kiosk
from hall.acts.stage import Stage
from hall.visitor import Element, Page, Visitor


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


async def put_right(stage: Stage, receipt_numbers: list[str]) -> None:
    """Take these deposits out, then open whatever is doubtful or out of service and give it back to service."""
    async with _signed_in(stage) as (kiosk, _):
        while (row := await _deposit(kiosk, receipt_numbers)) is not None:
            await _at_door(stage, kiosk, "clear-button", row)
        while (row := (await kiosk.until_step("list")).find(data_test="inspect")) is not None:
            await _at_door(stage, kiosk, "inspect-button", row)


async def _deposit(kiosk: Kiosk, receipt_numbers: list[str]) -> Element | None:
    """The first row of the list to clear with one of these numbers."""
    wanted = {number.replace("-", "") for number in receipt_numbers}
    rows = [each for each in (await kiosk.until_step("list")).marked if each.attributes.get("data-test") == "clear"]
    return next((row for row in rows if any(number in row.text.replace("-", "") for number in wanted)), None)


async def _at_door(stage: Stage, kiosk: Kiosk, button: str, row: Element) -> None:
    number = int(row.attributes["data-value"])
    inside = (await stage.house.world.state()).doors[number].item
    await kiosk.press(await kiosk.until_step("list"), button, str(number))
    await kiosk.door("工作人员 staff", stage.house.world.take_out, "confirm" if inside else "nothing")
    stage.timeline.line("屏幕 screen", f"{number} 号已处理  put right")
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
