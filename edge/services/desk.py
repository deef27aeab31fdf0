"""The kiosk's counter: one screen, one person at a time. Pages show its `state` and call its wishes; nothing else.

Time is counted here, on the station: a person who walks away is noticed even when the browser is dead. What a person
typed is never kept: a phone number is sealed in the call that brings it, a code is compared and forgotten.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from math import ceil
from uuid import UUID

from contract.events import Purpose
from edge.clock import Clock
from edge.core.visit import Answer, Cancelled, Confirmed, Idle, Input, Step, Visit
from edge.errors import NightdeskError, TryAgainError
from edge.services import documents
from edge.services.changes import Changes
from edge.services.desk_clearing import DeskClearing
from edge.services.desk_deposit import DeskDeposit
from edge.services.desk_pickup import DeskPickup
from edge.services.desk_print import DeskPrint
from edge.services.desk_readers import DeskCards, DeskCodes
from edge.services.desk_service import ServiceDesk
from edge.services.desk_stock import DeskStock
from edge.services.desk_submission import DeskSubmission
from edge.services.desk_time import DeskTime
from edge.services.desk_trolley import DeskTrolley
from edge.services.parts import Services, StaffWork
from edge.services.refusals import RefusedError
from edge.services.screen import answers, error_message, form_view, visit_view
from edge.services.second_look import SecondLook
from edge.services.shown import SCREENS, Form
from edge.services.view import KioskView, Language, Message, Screen, StaffView
from edge.services.visits import CurrentVisit
from edge.store.unit_of_work import Transaction

COUNTDOWN_SECONDS = 15
TICK_S = 0.25
_LIVE = frozenset({Step.OPENING, Step.OPEN, Step.CLOSED})


class Desk:
    """The current screen of this station, and what a person there may ask for."""

    def __init__(self, services: Services, clock: Clock, *, idle_seconds: int, alarm_s: float) -> None:
        self._its = services
        self._time = DeskTime(clock, idle_seconds=idle_seconds, alarm_s=alarm_s)
        self._form: Form = "home"
        self._number: int | None = None
        self._message: Message | None = None
        self._second_look = SecondLook(services.doors)
        self.language: Language = "zh"
        self.changes = Changes()
        self.service = ServiceDesk(services.service, clock, self._show)
        self.pickup = DeskPickup(self, services)
        self.clearing = DeskClearing(self, services)
        self.hand_in = DeskDeposit(self, services)
        self.trolley = DeskTrolley(self, services)
        self.submission = DeskSubmission(self, services)
        self.prints = DeskPrint(self, services)
        self.stock = DeskStock(self, services, clock)
        self.codes, self.cards = DeskCodes(self, services), DeskCards(self, services, clock)

    # What is shown

    @property
    def form(self) -> Form:
        """The form on the screen."""
        return self._form

    @property
    def number(self) -> int | None:
        """The compartment that was chosen."""
        return self._number

    def state(self) -> KioskView:
        """Return the current screen."""
        self._keep_time()
        current = self._its.visits.current
        frame = self._frame(current)
        if current is None:
            seen = self.trolley.dress(self.hand_in.dress(form_view(frame, self._its)))
            return self.prints.dress(self.submission.dress(seen))
        return self.trolley.dress(visit_view(frame, self._its, current))

    async def work(self) -> StaffWork:
        """Return the lists of the staff page; empty for what the person may not do."""
        rights = self._rights()
        return StaffWork(
            loadable=await self._its.load.loadable() if "load" in rights else [],
            to_clear=self._its.clear.to_clear() if "clear" in rights else [],
            to_inspect=self._its.clear.to_inspect() if rights & {"clear", "service"} else [],
            to_print=await self.prints.to_load() if "load" in rights else [],
        )

    def say(self, error: NightdeskError) -> None:
        """Show what a person can do about an error."""
        self._message = error_message(error, signing_in=self._form in {"sign_in", "second", "witness", "stock_second"})
        self._changed()

    def tell(self, message: Message) -> None:
        """Show a message."""
        self._message = message
        self._changed()

    def show(self, form: Form, number: int | None = None) -> None:
        """Show another form, for a compartment if it is one's."""
        self._number = number if number is not None else self._number
        self._show(form)

    # What a person may ask for

    def speak(self, language: Language) -> None:
        """Change the language until the person is done."""
        self.language = language
        self._changed()

    def extend(self) -> None:
        """Somebody is still there."""
        self._time.restart()
        self._keep_time()

    def go(self, to: Screen) -> None:
        """Leave the start page (or a form) for the beginning of a story."""
        if self._its.visits.active is not None:
            return
        self._its.visits.dismiss()
        if self._its.staff.session is not None:
            self._show("list")
        elif to is Screen.STAFF:
            self._show("sign_in")
        elif to is Screen.PRINT:
            self._show("print_identity" if self.prints.offered else "home")
        else:
            digital = to is Screen.SUBMISSION and self.submission.offered
            self._show(self.submission.first if digital else "number" if to is Screen.PICKUP else "size")

    def choose_size(self, size: str) -> None:
        """Take the size; see `DeskDeposit`."""
        self.hand_in.choose_size(size)

    async def start_deposit(self, phone: str) -> None:
        """Begin a hand-in; see `DeskDeposit`."""
        await self.hand_in.start(phone)

    def choose_compartment(self, typed: str) -> None:
        """Take the compartment's number; its code is next.

        Raises:
            RefusedError: no door has that number.
        """
        if self._form not in {"number", "code"}:
            return
        number = int(typed) if re.fullmatch(r"[0-9]{1,3}", typed) else 0
        if self._its.picture.get(number) is None:
            raise RefusedError("bad_number")
        self._number = number
        self._show("code")

    async def start_pickup(self, code: str) -> None:
        """Begin a pickup at the chosen compartment.

        Raises:
            AskCitizenError, TryAgainError: nothing was opened, and why.
        """
        if self._form != "code" or self._number is None:
            return
        await self.pickup.start(self._number, code)

    async def confirm(self, visit_id: UUID | None, answer: Answer, count: int | None = None) -> None:
        """Say what is inside now that the door is closed, and how many pieces; for another visit it is ignored.

        Raises:
            RefusedError: a sensor inside sees it otherwise; asked once.
        """
        visit = self._its.visits.active
        if visit is None or visit.id != visit_id or answer.value not in answers(visit.kind):
            return
        answer = await self._second_look.at(visit, answer)
        given: Input | Callable[[Transaction, Visit], Input]
        match visit.kind:
            case Purpose.DEPOSIT:
                given = self._its.deposit.confirmed(visit.id, answer, count)
            case Purpose.LOAD:
                given = self._its.load.confirmed(answer)
            case _:
                given = Confirmed(answer, count=count)
        await self._its.visits.give(visit.id, frozenset({Step.CLOSED}), given, said=answer)

    async def reopen(self, visit_id: UUID | None) -> None:
        """Open the same door once more.

        Raises:
            RefusedError: it was opened three times already.
        """
        visit = self._its.visits.active
        if visit is not None and visit.id == visit_id:
            await self._its.visits.reopen(visit.id)

    async def cancel(self, visit_id: UUID | None) -> None:
        """Give up: before a visit, back to the start page; before its door opened, end it."""
        visit = self._its.visits.active
        if visit is None:
            if not (await self.submission.back() or await self.prints.back()):
                await self._home()
        elif visit.id == visit_id and visit.step is Step.OPENING:
            self.trolley.pause()
            await self._its.visits.call_off()
            door = await self._its.doors.read(visit.compartment)
            await self._its.visits.give(visit.id, frozenset({Step.OPENING}), Cancelled(door), door=visit.compartment)

    async def finish(self, visit_id: UUID | None) -> None:
        """Leave the result; staff goes back to the list."""
        current = self._its.visits.current
        if current is None or not current.visit.ended or current.visit.id != visit_id:
            return
        self._its.visits.dismiss()
        if self._its.staff.session is not None:
            self._show(self._after(current.visit))
        elif self.submission.begun:
            await self.submission.after_deposit(current.visit)
        else:
            await self._home()

    async def add_more(self, visit_id: UUID | None) -> None:
        """Add pages or files to the hand-in of paper that has just ended. Raises `StoreBusyError`."""
        current = self._its.visits.current
        if current is not None and current.visit.ended and current.visit.id == visit_id and self.submission.offered:
            self._its.visits.dismiss()
            await self.submission.add_to(current.visit)

    async def staff_login(self, badge: str, pin: str) -> None:
        """Sign in.

        Raises:
            WrongCodeError, LockedOutError: not, and why.
        """
        if self._form != "sign_in":
            return
        await self._its.staff.sign_in(badge, pin)
        self._show("list")

    async def staff_logout(self) -> None:
        """Sign out, unless a door is in the middle of something."""
        if self._its.visits.active is None:
            self._its.visits.dismiss()
            await self._home()

    async def start_load(self, case_number: str) -> None:
        """Begin to load a case.

        Raises:
            AskCitizenError, TryAgainError: nothing was opened, and why.
        """
        await self._its.load.start(case_number, self._its.staff.require("load"))
        self._show("list")

    async def start_clear(self, number: int) -> None:
        """Begin to clear a compartment, or ask for the second person first; raises as `start_load`."""
        await self.clearing.start(number, Purpose.CLEAR)

    async def start_inspect(self, number: int) -> None:
        """Begin to look into a compartment; as `start_clear`."""
        await self.clearing.start(number, Purpose.INSPECT)

    async def arm_service(self, *, on: bool) -> None:
        """Arm service mode for ten minutes, or disarm it; raises `RefusedError` without the right."""
        self._its.maintain.arm(on=on, badge=self._its.staff.require("service"))
        self._show("technician" if self._form == "technician" else "list")

    # Time

    async def run(self) -> None:
        """Watch the idle time and pass changes on to the pages, until cancelled."""
        async with asyncio.TaskGroup() as group:
            told = (
                self._its.visits,
                self._its.slips,
                self._its.picture,
                self._its.maintain,
                self._its.service.self_test,
            )
            for source in told:
                group.create_task(self._follow(source.changes))
            readers, docs = (self.cards, self.codes), (self.submission.camera, self.submission.drive)
            for part in (self.trolley, *readers, *docs, self.prints):
                group.create_task(part.run())
            while True:
                await asyncio.sleep(TICK_S)
                with contextlib.suppress(TryAgainError):
                    await self._tick()

    async def _follow(self, source: Changes) -> None:
        seen = source.revision
        while True:
            seen = await source.after(seen)
            if source is self._its.visits.changes:
                self._message = None
            always = source in (self._its.visits.changes, self._its.slips.changes)
            if always or self._shows_compartments():
                self.changes.notify()

    def _shows_compartments(self) -> bool:
        # Forms are left alone: a page that is swapped under somebody's finger loses what was typed.
        return self._its.visits.current is not None or self._form in {"home", "list", "technician"}

    async def _tick(self) -> None:
        self._keep_time()
        if not self._time.over:
            return
        self._time.restart()
        visit = self._its.visits.active
        if visit is not None:
            self.trolley.pause()
            await self._its.visits.call_off()
            door = await self._its.doors.read(visit.compartment)
            await self._its.visits.give(visit.id, _LIVE, Idle(door), door=visit.compartment)
        else:
            self._its.visits.dismiss()
            await self._home(idle=True)

    def _keep_time(self) -> None:
        """Begin to count anew whenever the screen is another one."""
        current = self._its.visits.current
        form = (self._form, self._number, self.language, self._message)
        shown = form if current is None else (current.visit.id, current.visit.step)
        self._time.keep(shown, self._seconds(current))

    def _seconds(self, current: CurrentVisit | None) -> float | None:
        if current is None:
            # The first screen waits for ever, but not in the language of somebody who has left, or with their message.
            quiet = self._form == "home" and self.language == "zh" and self._message is None
            return None if quiet or self.prints.busy else self._time.idle_seconds
        return self._time.of_visit(current)

    async def adopt_settings(self) -> None:
        """Take over what the `config` document in force says."""
        found = await self._its.store.read(documents.settings)
        self.hand_in.adopt(found)
        if found.idle_seconds is not None:
            self._time.idle_seconds = found.idle_seconds

    # Inside

    async def _home(self, *, idle: bool = False) -> None:
        self.trolley.pause()
        self._number, self.language = None, "zh"
        self._its.pickup.dismiss()
        self.hand_in.reset()
        self.prints.leave()
        self._show("home")
        try:
            await self.submission.leave()
        finally:
            await self._its.staff.sign_out(idle=idle)

    def _after(self, visit: Visit) -> Form:
        """Return what staff sees when a result is left."""
        if visit.kind is Purpose.LOAD and self.trolley.planned:
            return "trolley"
        return "technician" if visit.kind is Purpose.SERVICE else "list"

    def _show(self, form: Form) -> None:
        self._form, self._message = form, None
        self._changed()

    def _changed(self) -> None:
        self._time.restart()
        self.changes.notify()

    def _rights(self) -> frozenset[str]:
        session = self._its.staff.session
        return frozenset() if session is None else session.member.rights

    def _frame(self, current: CurrentVisit | None) -> KioskView:
        left = self._time.left
        session = self._its.staff.session
        return KioskView(
            screen=SCREENS[self._form],
            step=self._form,
            language=self.language,
            revision=self.changes.revision,
            number=self._number,
            message=self._message,
            staff=None if session is None else StaffView(session.member.name, session.member.rights),
            service_minutes=ceil(self._its.maintain.seconds_left / 60),
            seconds_left=left,
            idle_seconds=round(self._seconds(current) or 0),
            counting_down=left is not None
            and left <= COUNTDOWN_SECONDS
            and (current is not None or self._form != "home"),
        )
