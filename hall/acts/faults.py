"""Faults played before one's eyes: the world breaks something while a person stands at the kiosk, in one language.

Each play says which words the person must see, spelled here and not taken from the kiosk's own table; it ends with
everything mended, so that it can be played again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from hall import records
from hall.acts import staff
from hall.acts.kiosk import Kiosk
from hall.acts.stage import Stage
from hall.processes import HouseError
from hall.visitor import Page, PageError, Visitor

Language = Literal["zh", "en"]
_NEXT_FREE = """select number from compartments where allocation = 'free' and in_service and visit is null
    order by case size when 's' then 0 when 'm' then 1 else 2 end, number limit 1"""
_FORCED = "select 1 from outbox where type = 'door_forced' and seq > ?"


class Person:
    """One citizen at the kiosk who reads in one language."""

    def __init__(self, stage: Stage, visitor: Visitor, language: Language) -> None:
        self.stage, self.language = stage, language
        self.kiosk = Kiosk(stage, visitor)
        self.deposits: list[str] = []

    async def arrive(self) -> Page:
        """Stand before the start page in one's language."""
        page = await self.kiosk.home()
        return page if self.language == "zh" else await self.kiosk.press(page, "language-switch")

    async def begin(self) -> int:
        """Ask for a small compartment, leave no number; returns the compartment that is asked to open."""
        page = await self.kiosk.press(await self.arrive(), "hand-in")
        page = await self.kiosk.press(page, "size-s")
        number = self.next_free()
        await self.kiosk.press(page, "skip-phone")
        self.stage.ledger.tell("asked", compartment=number, purpose="deposit")
        return number

    def next_free(self) -> int:
        """The compartment that the station will choose next."""
        number = records.value(self.stage.house.directory.station_db, _NEXT_FREE)
        if number is None:
            raise HouseError("no compartment is free: clear some first")
        return int(number)

    async def sees(self, zh: str, en: str) -> None:
        """Wait until the screen says so in the person's language; PageError when it never does."""
        words = zh if self.language == "zh" else en

        async def said() -> bool:
            return words in (await self.kiosk.look()).text

        try:
            await self.stage.until(said, f"the kiosk says “{words}”")
        except HouseError as error:
            raise PageError(f"{error}; it says: {(await self.kiosk.look()).text[:600]}") from error
        self.stage.timeline.line("屏幕 screen", f"“{words}”")

    async def put_in_and_confirm(self) -> None:
        """Go through the door that opened: papers in, shut, confirm, take the slip."""
        page = await self.kiosk.door("市民 citizen", self.stage.house.world.put_in)
        await self.take_number(page)

    async def take_number(self, page: Page) -> None:
        """Note the receipt number that the result shows, and leave."""
        number = page.get(data_test="receipt-number").attributes["data-value"]
        self.stage.ledger.tell("receipt", receipt_number=number)
        self.deposits.append(number)
        self.stage.timeline.line("屏幕 screen", f"收件编号 receipt number {number}")
        await self.kiosk.press(await self.kiosk.until_step("result"), "finish")


async def _jam(person: Person) -> None:
    world, number = person.stage.house.world, person.next_free()
    await world.do("jam", compartment=number, jammed=True)
    await person.begin()
    await person.sees("门没有弹开，正在再试一次", "It did not open; trying once more")
    await person.sees(f"{number} 号柜打不开，已为您换一个", f"Compartment {number} did not open. Here is another one")
    await person.put_in_and_confirm()
    await world.do("jam", compartment=number, jammed=False)


async def _stuck(person: Person) -> None:
    world, number = person.stage.house.world, person.next_free()
    await world.do("stick", compartment=number, sensor="closed")
    await person.begin()
    await person.sees("门没有弹开，正在再试一次", "It did not open; trying once more")
    await person.sees(f"{number} 号柜打不开，已为您换一个", f"Compartment {number} did not open. Here is another one")
    await world.push(number)
    await person.put_in_and_confirm()
    await world.do("stick", compartment=number, sensor=None)


async def _stuck_open(person: Person) -> None:
    world = person.stage.house.world
    number = await person.begin()
    await world.until_open(number)
    await person.kiosk.until_step("open")
    await world.put_in(number)
    await world.do("stick", compartment=number, sensor="open")
    await world.push(number)
    await person.kiosk.press(await person.kiosk.until_step("open"), "says-shut")
    await person.sees("机器看到门还开着", "The machine still sees it open")

    async def given_up() -> bool:
        page = await person.kiosk.look()
        if page.data("step") == "open":
            # The word counts once the sensor has had its time; a person presses again.
            page = await person.kiosk.press(page, "says-shut")
        return page.data("step") == "result"

    await person.stage.until(given_up, "the machine gives the door up")
    await person.sees(
        f"{number} 号柜的门磁坏了，不是您的错",
        f"The sensor of compartment {number} is broken; that is not your fault",
    )
    await person.take_number(await person.kiosk.until_step("result"))
    await world.do("stick", compartment=number, sensor=None)


async def _forced(person: Person) -> None:
    world, number = person.stage.house.world, person.next_free()
    database = person.stage.house.directory.station_db
    before = int(records.value(database, "select max(seq) from outbox") or 0)
    await person.arrive()
    await world.do("force", compartment=number)
    await person.sees(f"{number} 号柜门被打开了，不是您的操作", f"Compartment {number} was opened, and not by you")

    async def alarmed() -> bool:
        return records.value(database, _FORCED, before) is not None

    await person.stage.until(alarmed, "the station's record of the forced door")
    await world.push(number)


async def _unplugged(person: Person) -> None:
    world = person.stage.house.world
    number = await person.begin()
    board = (await world.until_open(number)).doors[number].board
    await person.kiosk.until_step("open")
    await world.do("unplug", board=board)
    await person.sees("暂时看不到柜门状态，请稍候，不要离开", "The door cannot be seen at the moment. Please wait")
    await world.put_in(number)
    await world.do("plug", board=board)
    await world.push(number)
    page = await person.kiosk.press(await person.kiosk.until_step("closed"), "confirm")
    await person.take_number(page)


async def _power_cut(person: Person) -> None:
    house = person.stage.house
    number = await person.begin()
    await house.world.until_open(number)
    await person.kiosk.until_step("open")
    await house.processes["edge"].kill()
    await house.world.put_in(number)
    await house.world.push(number)
    await house.processes["edge"].start()
    page = await person.kiosk.until_step("result")
    if person.language == "en":
        page = await person.kiosk.press(page, "language-switch")
    await person.sees("我们还不能确定文件是否在柜里", "We are not certain that your papers are inside")
    await person.sees(
        "这个柜子不再给别人使用，工作人员会来查看", "Nobody else can use this compartment. Staff will look inside"
    )
    await person.take_number(page)


@dataclass(frozen=True)
class Fault:
    """One play: its name for people, and what happens."""

    zh: str
    en: str
    play: Callable[[Person], Awaitable[None]]


FAULTS: Mapping[str, Fault] = {
    "jam": Fault("锁卡住", "a lock jams", _jam),
    "stuck": Fault("传感器卡住", "a sensor sticks", _stuck),
    "stuck_open": Fault("门关了传感器仍说开着", "a sensor says open for ever", _stuck_open),
    "forced": Fault("柜门被撬", "a door is forced", _forced),
    "unplug": Fault("锁控板被拔", "a board is unplugged", _unplugged),
    "power": Fault("断电", "the power fails", _power_cut),
}


async def play(stage: Stage, name: str, language: Language) -> None:
    """Play one fault in one language, and mend what it left.

    Raises:
        HouseError, PageError, WorldError: the person did not see what should be seen; the message says what came.
    """
    fault = FAULTS[name]
    stage.timeline.act(f"{fault.zh}（{'中文' if language == 'zh' else '英文'}）", f"{fault.en} ({language})")
    async with _at_the_kiosk(stage, language) as person:
        await fault.play(person)
    await staff.put_right(stage, person.deposits)


@asynccontextmanager
async def _at_the_kiosk(stage: Stage, language: Language) -> AsyncIterator[Person]:
    async with Visitor(stage.house.ports.kiosk_url) as visitor:
        yield Person(stage, visitor, language)
