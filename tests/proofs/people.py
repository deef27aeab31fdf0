"""What people do at the screen and at the doors of a bench. They may leave, but they do not lie about what they did."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from edge.core.visit import Answer
from edge.errors import AskCitizenError, NightdeskError, TryAgainError
from edge.services.desk import Desk
from edge.services.view import KioskView, Screen
from tests.proofs.bench import BADGE, PIN, Bench
from tests.unit.edge.services.night import unseal

CASE = "11110101MB00001A9B4000131001000" + "20261124"


class People:
    """Everybody who comes to this station, one after the other."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.refused: list[str] = []
        self.cases = 0
        self.said: dict[str, bool] = {}

    @property
    def _desk(self) -> Desk:
        return self._bench.station.desk

    def view(self) -> KioskView:
        """Return what the screen shows."""
        return self._desk.state()

    # -- wishes -----------------------------------------------------------------------------------------------------

    async def hand_in(self, size: str = "s") -> bool:
        """Ask for a door to put papers in; whether the screen began to open one."""
        async with self._wishing("deposit", None) as outcome:
            self._desk.go(Screen.DEPOSIT)
            self._desk.choose_size(size)
            await self._desk.start_deposit("")
            outcome.began = True
        return outcome.began

    async def load(self) -> bool:
        """Bring a new item and ask for a door to put it in."""
        async with self._wishing("load", None) as outcome:
            self.cases += 1
            case = CASE + f"{self.cases:04d}"
            await self._bench.give_documents([case])
            await self.sign_in()
            await self._desk.start_load(case)
            outcome.began = True
        return outcome.began

    async def type_code(self, number: int, code: str) -> bool:
        """Type a compartment and its code."""
        async with self._wishing("pickup", number) as outcome:
            self._desk.go(Screen.PICKUP)
            self._desk.choose_compartment(str(number))
            await self._desk.start_pickup(code)
            outcome.began = True
        return outcome.began

    async def clear(self, number: int) -> bool:
        """Staff ask for a door to take out what a citizen handed in."""
        async with self._wishing("clear", number) as outcome:
            await self.sign_in()
            await self._desk.start_clear(number)
            outcome.began = True
        return outcome.began

    async def inspect(self, number: int) -> bool:
        """Staff ask for a door to look what lies behind it."""
        async with self._wishing("inspect", number) as outcome:
            await self.sign_in()
            await self._desk.start_inspect(number)
            outcome.began = True
        return outcome.began

    @asynccontextmanager
    async def _wishing(self, kind: str, number: int | None) -> AsyncIterator[_Outcome]:
        wish, outcome = self._bench.judge.wish(kind, number), _Outcome()
        try:
            yield outcome
        except (AskCitizenError, TryAgainError) as error:
            self._desk.say(error)
            self.refused.append(f"{kind}: {error}")
        if not outcome.began and wish.visit is None:
            self._bench.judge.withdraw(wish)

    async def sign_in(self) -> None:
        """Staff sign in, unless they are."""
        if self._desk.state().staff is None:
            await self.leave_result()
            self._desk.go(Screen.STAFF)
            await self._desk.staff_login(BADGE, PIN)

    # -- in the middle ----------------------------------------------------------------------------------------------

    def use_open_door(self) -> None:
        """Put in or take out, if the visit's own door stands open: only then can hands reach inside."""
        view = self.view()
        if view.visit is None or view.compartment is None or view.step not in {"opening", "open", "closed"}:
            return
        if self._bench.cabinet.door(view.compartment).leaf == "open":
            inside = self._bench.cabinet.contents[view.compartment]
            if view.screen in {Screen.DEPOSIT, Screen.LOAD}:
                inside[:] = [str(view.receipt_number or view.case_number)]
            else:
                inside.clear()
            self.said[str(view.visit)] = True

    async def answer(self) -> None:
        """Say the truth about what was done, if the screen asks."""
        view = self.view()
        if view.visit is None or view.step != "closed":
            return
        done = self.said.get(str(view.visit), False)
        await self._trying(self._desk.confirm(view.visit, Answer.CONFIRMED if done else Answer.NOTHING))

    async def once_more(self) -> None:
        """Ask for the same door again."""
        await self._trying(self._desk.reopen(self.view().visit))

    async def give_up(self) -> None:
        """Touch "cancel"."""
        await self._trying(self._desk.cancel(self.view().visit))

    async def leave_result(self) -> None:
        """Touch "done" on the last page, if that is what is shown."""
        view = self.view()
        if view.step == "result":
            await self._trying(self._desk.finish(view.visit))

    async def sign_out(self) -> None:
        """Staff leave."""
        await self._trying(self._desk.staff_logout())

    async def _trying(self, act: object) -> None:
        assert hasattr(act, "__await__")
        try:
            await act
        except NightdeskError as error:
            self._desk.say(error)
            self.refused.append(str(error))

    def codes(self) -> dict[int, str]:
        """Return the codes that were sent by SMS, newest per compartment."""
        found = {}
        for event in self._bench.judge.events:
            if event["type"] == "item_loaded" and event["data"].get("code_sealed"):
                found[event["data"]["compartment"]] = unseal(event["data"]["code_sealed"])
        return found


class _Outcome:
    """Whether a wish was granted."""

    began = False
