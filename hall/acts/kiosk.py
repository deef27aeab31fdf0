"""A person in front of the kiosk: presses its real buttons, and stands at the door that opens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hall.acts.stage import WITHIN_S, Stage
from hall.processes import until
from hall.visitor import Page, PageError, Visitor

AtDoor = Callable[[int], Awaitable[None]]


class Kiosk:
    """The kiosk's pages as one person sees them."""

    def __init__(self, stage: Stage, visitor: Visitor) -> None:
        self._stage, self._visitor = stage, visitor

    async def home(self) -> Page:
        """Load the current screen, which must be the start page."""
        return await self.until_step("home")

    async def look(self) -> Page:
        """Load the current screen, whatever it is."""
        return await self._visitor.open()

    async def press(self, page: Page, test: str, value: str | None = None, **typed: str) -> Page:
        """Type and press one button; a refusal page raises PageError."""
        answer = await self._visitor.press(page, test, value, **typed)
        if answer.status != 200:
            raise PageError(f"{test}: {answer.status}: {answer.text[:600]}")
        return answer

    async def until_step(self, *steps: str) -> Page:
        """Wait until the screen shows one of these steps.

        Raises:
            HouseError: it did not in time.
        """
        last: list[Page] = []

        async def shown() -> bool:
            last[:] = [await self._visitor.open()]
            return last[0].data("step") in steps

        try:
            await until(shown, WITHIN_S, f"the kiosk shows {' or '.join(steps)}")
        except Exception as error:
            says = last[0].text[:600] if last else "nothing"
            raise PageError(f"{error}; it says: {says}") from error
        return last[0]

    async def door(self, who: str, act: AtDoor, answer: str = "confirm") -> Page:
        """Go through one door: it opens, the person acts inside, shuts it and answers; the page of the result."""
        page = await self.until_step("opening", "open")
        number, purpose = int(page.data("compartment") or 0), page.data("screen")
        self._stage.ledger.tell("asked", compartment=number, purpose=purpose)
        await self._stage.house.world.until_open(number)
        await self.until_step("open")
        self._stage.timeline.line("柜门 door", f"{number} 号弹开  springs open")
        await act(number)
        await self._stage.house.world.push(number)
        page = await self.until_step("closed")
        self._stage.timeline.line("柜门 door", f"{number} 号关好  shut")
        page = await self.press(page, answer)
        self._stage.timeline.line(who, "确认  confirms")
        if page.data("step") != "result" or page.data("ending") != "done":
            raise PageError(f"{purpose}: not done; the kiosk says: {page.text[:600]}")
        return page
