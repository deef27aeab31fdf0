"""The part of the desk for citizens with paper: size, reach, phone, and what is left when nothing fits.

Composed by `desk.py`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal, Protocol

from edge.core.compartment import choose
from edge.core.deposit import low_size
from edge.errors import NoneFitsError
from edge.services.documents import Settings
from edge.services.parts import Services
from edge.services.refusals import RefusedError
from edge.services.view import HandInView, KioskView
from edge.services.waiting_list import Kept, Size

HandInForm = Literal["size", "reach", "phone", "full", "wait", "kept"]
FORMS: frozenset[str] = frozenset({"size", "reach", "phone", "full", "wait", "kept"})
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_SIZES: dict[str, Size] = {"s": "s", "m": "m", "l": "l"}


class Counter(Protocol):
    """What the desk lends: the form that is shown, and how to show another one."""

    @property
    def form(self) -> str:
        """The form on the screen."""

    def show(self, form: HandInForm | Literal["home"]) -> None:
        """Show another form."""


class DeskDeposit:
    """What a citizen with paper may ask for; nothing typed is kept."""

    def __init__(self, counter: Counter, services: Services) -> None:
        self._desk, self._its = counter, services
        self._settings = Settings()
        self._size: Size = "s"
        self._low = False
        self._kept: Kept | None = None

    def adopt(self, settings: Settings) -> None:
        """Take over what the authority says of window, courier and waiting places."""
        self._settings = settings

    def reset(self) -> None:
        """Forget the person before."""
        self._size, self._low, self._kept = "s", False, None

    def dress(self, frame: KioskView) -> KioskView:
        """Return a form's screen with what a hand-in shows there."""
        if frame.step not in FORMS:
            return frame
        kept, said = self._kept, self._settings
        view = HandInView(
            self._size,
            low=self._low,
            low_size=self._low_size(),
            waiting=said.waiting_places > 0,
            until=None if kept is None else kept.until,
            ahead=0 if kept is None else kept.ahead,
            texts=((said.window_zh, said.window_en), (said.courier_zh, said.courier_en)),
        )
        if kept is None or frame.step != "kept":
            return replace(frame, hand_in=view)
        slip = self._its.slips.status(kept.id)
        return replace(frame, hand_in=view, receipt_number=kept.receipt_number, slip=slip)

    def wish(self, *, low: bool) -> None:
        """Wish for a compartment low down, or for any."""
        if self._desk.form == "size":
            self._low = low
            self._desk.show("size")

    def choose_size(self, size: str) -> None:
        """Take the size; the phone number is next, unless nothing of that size, or nothing low down in it, is free."""
        if self._its.visits.active is not None or self._desk.form not in {"size", "reach", "phone", "full"}:
            return
        self._size = _SIZES[size]
        given = self._given()
        if given is None:
            self._desk.show("full")
        elif self._low and self._low_size() != given:
            self._desk.show("reach")
        else:
            self._desk.show("phone")

    def take(self, *, low: bool) -> None:
        """Take a larger compartment low down, or one of the chosen size at another height."""
        larger = self._low_size()
        if self._desk.form != "reach":
            return
        if low and larger is not None:
            self._size = _SIZES[larger]
        self._desk.show("phone")

    async def start(self, phone: str) -> None:
        """Begin a hand-in; `phone` may be empty.

        Raises:
            AskCitizenError, TryAgainError: nothing was opened, and why.
        """
        if self._desk.form != "phone":
            return
        if phone and not _PHONE.fullmatch(phone):
            raise RefusedError("bad_phone")
        try:
            held = self._its.submissions.current
            number = None if held is None else held.receipt_number
            await self._its.deposit.start(self._size, phone, low=self._low, receipt_number=number)
        except NoneFitsError:
            self._desk.show("full")
        else:
            self._desk.show("home")

    async def turn_away(self) -> None:
        """Ask for a slip that names the window and the courier.

        Raises:
            TryAgainError: nothing is on record.
        """
        if self._desk.form == "full":
            self._kept = await self._its.waiting.turn_away(self._size)
            self._desk.show("kept")

    def wait(self) -> None:
        """Ask to be told when a compartment is free; the phone number is next."""
        if self._desk.form == "full" and self._settings.waiting_places > 0:
            self._desk.show("wait")

    async def join(self, phone: str) -> None:
        """Take a waiting place; if a compartment became free meanwhile, it is offered instead.

        Raises:
            AskCitizenError, TryAgainError: no place was taken, and why.
        """
        if self._desk.form != "wait":
            return
        if not _PHONE.fullmatch(phone):
            raise RefusedError("bad_phone")
        if self._given() is not None:
            self._desk.show("size")
            raise RefusedError("free_again")
        self._kept = await self._its.waiting.join(self._size, phone)
        self._desk.show("kept")

    def _given(self) -> str | None:
        """Return the size of the compartment that the person would get, or None."""
        try:
            chosen = choose(self._its.picture.all(), self._its.doors.all(), self._size, "low" if self._low else "")
        except NoneFitsError:
            return None
        return chosen.size

    def _low_size(self) -> str | None:
        return low_size(self._its.picture.all(), self._its.doors.all(), self._size)
