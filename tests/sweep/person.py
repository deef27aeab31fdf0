"""A person at the kiosk who lives with whatever happens: reads the screen, does what it offers, starts again.

Whoever stands there writes down what the screen says before acting on it. When the screen is dead, a person with an
open door does what people do: uses it and shuts it, shuts it, or waits.
"""

from __future__ import annotations

import asyncio
import random
from types import TracebackType
from typing import Protocol, Self

from hall.processes import HouseError, until
from hall.visitor import Page, PageError, Visitor
from hall.world import WorldError
from tests.sweep.station import SweptStation

LOOK_EVERY_S = 0.03
WITHIN_S = 60.0
DEAD_SCREEN = ("use", "use", "shut", "wait")


class GaveUpError(Exception):
    """A person could not get any further; the message says what the screen said."""


class Errand(Protocol):
    """What a person came for."""

    done: bool

    async def at_form(self, person: Person, page: Page) -> None:
        """Press the next button on a page that is not about a door."""

    async def inside(self, person: Person, number: int) -> None:
        """Do what is to be done inside an open compartment."""

    def answer(self) -> str:
        """Return the button to press once the door is shut."""

    def told(self, person: Person, page: Page) -> None:
        """Read how it ended."""


class Person:
    """One person after the other at one station; `rng` decides what nobody else does."""

    def __init__(self, station: SweptStation, rng: random.Random) -> None:
        self.station, self.rng = station, rng
        self.ledger, self.world = station.ledger, station.stand.world
        self._visitor = Visitor(station.kiosk)
        self._acted_in: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._visitor.__aexit__(kind, error, trace)

    async def do(self, errand: Errand, within_s: float = WITHIN_S) -> None:
        """Go on until the errand is done.

        Raises:
            GaveUpError: it was not within `within_s` seconds.
        """
        page: Page | None = None
        try:
            async with asyncio.timeout(within_s):
                while not errand.done:
                    page = await self.look()
                    await self._react(errand, page)
                await self._shut_all()
        except (TimeoutError, HouseError) as error:
            says = "nothing" if page is None else f"{page.data('screen')}/{page.data('step')}: {page.text[:300]}"
            raise GaveUpError(f"{type(errand).__name__} not within {within_s:g} s; the screen says {says}") from error

    async def look(self) -> Page | None:
        """Return the page on the screen, or None when the screen is dead."""
        try:
            page = await self._visitor.open()
        except PageError:
            return None
        return page if page.status == 200 else None

    async def press(self, page: Page, test: str, value: str | None = None, **typed: str) -> Page | None:
        """Press a button; None when the screen died or the page was an old one."""
        try:
            answer = await self._visitor.press(page, test, value, **typed)
        except PageError:
            return None
        return answer if answer.status == 200 else None

    async def _react(self, errand: Errand, page: Page | None) -> None:
        step = None if page is None else page.data("step")
        if page is None or step is None:
            await self._dead_screen(errand)
        elif step == "open":
            await self._at_the_door(errand, int(page.data("compartment") or 0))
        elif step == "closed":
            await self._answer(errand, page)
        elif step == "result":
            errand.told(self, page)
            await self._shut_all()
            await self.press(page, "finish")
        elif step == "opening":
            self._acted_in = None
        else:
            self._acted_in = None
            await errand.at_form(self, page)
            return
        await asyncio.sleep(LOOK_EVERY_S)

    async def _at_the_door(self, errand: Errand, number: int) -> None:
        if number in (await self.world.state()).open_doors:
            await self._use(errand, number)

    async def _answer(self, errand: Errand, page: Page) -> None:
        """Say what is inside; who has shut the door without a look at it has it opened again first."""
        number = int(page.data("compartment") or 0)
        if self._acted_in != number and page.find(data_test="reopen") is not None:
            self.ledger.tell("wish", purpose=page.data("screen"), compartment=number)
            await self.press(page, "reopen")
        else:
            await self.press(page, errand.answer())

    async def _use(self, errand: Errand, number: int) -> None:
        if self._acted_in != number:
            self._acted_in = number
            await errand.inside(self, number)
        await self.world.push(number)

    async def _dead_screen(self, errand: Errand) -> None:
        for number in (await self.world.state()).open_doors:
            habit = self.rng.choice(DEAD_SCREEN)
            self.ledger.tell("dead_screen", compartment=number, habit=habit)
            if habit == "use":
                await self._use(errand, number)
            elif habit == "shut":
                await self.world.push(number)
            else:
                await self._until_alive()
        await asyncio.sleep(LOOK_EVERY_S)

    async def _until_alive(self) -> None:
        async def alive() -> bool:
            return await self.look() is not None

        await until(alive, WITHIN_S, "the screen is back")

    async def _shut_all(self) -> None:
        self._acted_in = None
        for number in (await self.world.state()).open_doors:
            try:
                await self.world.push(number)
            except WorldError as error:
                raise GaveUpError(str(error)) from error
