"""The part of the desk for loading by label: one item, or a whole trolley whose doors open one after the other.

Composed by `desk.py`. The next door opens by itself only while somebody of the staff is signed in and has just answered
for the one before; a doubt, a cancelled door or somebody who walked away stops the row until staff goes on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Protocol

from contract.ids import read_case_number
from edge.core.visit import Step
from edge.errors import AskCitizenError, NightdeskError, TryAgainError
from edge.services.load_trolley import NextItem, TrolleyWork
from edge.services.parts import Services
from edge.services.refusals import RefusedError
from edge.services.view import ItemView, KioskView

LoadForm = Literal["list", "unknown", "trolley"]


class Counter(Protocol):
    """What the desk lends: the form that is shown, and how to show another one."""

    @property
    def form(self) -> str:
        """The form on the screen."""

    def show(self, form: LoadForm) -> None:
        """Show another form."""

    def say(self, error: NightdeskError) -> None:
        """Show what a person can do about an error."""


class DeskTrolley:
    """What staff with the right `load` may ask for."""

    def __init__(self, counter: Counter, services: Services) -> None:
        self._desk, self._its = counter, services
        self._unknown = ""
        self._running = False
        self._now: NextItem | None = None

    @property
    def planned(self) -> bool:
        """Whether a trolley waits to be finished."""
        return self._its.trolley.planned

    async def work(self) -> TrolleyWork:
        """Return what the trolley's page shows."""
        return await self._its.trolley.work()

    def dress(self, view: KioskView) -> KioskView:
        """Return the screen with the item that it speaks of."""
        view, now = replace(view, trolley=self.planned), self._now
        if view.step == "unknown":
            return replace(view, case_number=self._unknown)
        if now is None or view.case_number != now.case_number:
            return view
        return replace(view, item=ItemView(now.title, now.nth, now.total))

    # One item

    async def scan(self, label: str) -> None:
        """Begin to load the item with that label; of an unknown case the size is asked first.

        Raises:
            AskCitizenError, TryAgainError: nothing was opened, and why.
        """
        staff = self._its.staff.require("load")
        case_number = read_case_number(label)
        if case_number is None:
            raise RefusedError("bad_label")
        if await self._its.load.is_expected(case_number):
            await self._its.load.start(case_number, staff)
            self._desk.show("list")
        else:
            self._unknown = case_number
            self._desk.show("unknown")

    async def load_unknown(self, size: str) -> None:
        """Begin to load the scanned item of an unknown recipient; raises as `scan`."""
        if self._desk.form != "unknown":
            return
        await self._its.load.start_unknown(self._unknown, size, self._its.staff.require("load"))
        self._desk.show("list")

    # A trolley

    def open(self) -> None:
        """Show the trolley.

        Raises:
            RefusedError: nobody with the right is signed in.
        """
        self._its.staff.require("load")
        if self._its.visits.active is None:
            self._its.visits.dismiss()
            self._desk.show("trolley")

    async def scan_on(self, label: str) -> None:
        """Put an item on the trolley's list; raises `RefusedError`."""
        self._its.staff.require("load")
        await self._its.trolley.scan(label)
        self._desk.show("trolley")

    async def remove(self, case_number: str) -> None:
        """Take an item off the list; raises `RefusedError`."""
        self._its.staff.require("load")
        await self._its.trolley.remove(case_number)
        self._desk.show("trolley")

    async def resize(self, case_number: str, size: str) -> None:
        """Say how large an unknown item is; raises `RefusedError`."""
        self._its.staff.require("load")
        await self._its.trolley.resize(case_number, size)
        self._desk.show("trolley")

    async def make_plan(self) -> None:
        """Reserve a compartment for every item; raises `RefusedError`, `StoreBusyError`."""
        self._its.staff.require("load")
        await self._its.trolley.make_plan()
        self._desk.show("trolley")

    async def try_again(self) -> None:
        """Plan anew what was not put in; raises `RefusedError`, `StoreBusyError`."""
        self._its.staff.require("load")
        await self._its.trolley.try_again()
        self._desk.show("trolley")

    async def go_on(self) -> None:
        """Begin, or go on with, the doors; raises `AskCitizenError`, `TryAgainError`."""
        staff = self._its.staff.require("load")
        if self._its.visits.active is None and self.planned:
            # Taken off the screen first: an ended visit there would let `run` begin as well.
            self._its.visits.dismiss()
            self._running = True
            await self._next(staff)

    async def finish(self) -> None:
        """End the trolley and print its list; raises `RefusedError`, `StoreBusyError`."""
        staff = self._its.staff.require("load")
        if self._its.visits.active is None:
            self.pause()
            await self._its.trolley.finish(staff)
            self._desk.show("list")

    def pause(self) -> None:
        """Open no further door by itself."""
        self._running = False

    async def run(self) -> None:
        """Open the next door whenever the one before is done with, until cancelled."""
        async for _ in self._its.visits.changes:
            current = self._its.visits.current
            if not self._running or current is None or not current.visit.ended:
                continue
            if current.visit.step is Step.DOUBTFUL or self._its.staff.session is None:
                self.pause()
                continue
            try:
                await self._next(self._its.staff.require("load"))
            except (AskCitizenError, TryAgainError) as error:
                self.pause()
                self._its.visits.dismiss()
                self._desk.show("trolley")
                self._desk.say(error)

    async def _next(self, staff: str) -> None:
        self._now = await self._its.trolley.begin_next(staff)
        if self._now is None:
            self.pause()
            self._its.visits.dismiss()
        self._desk.show("trolley")
