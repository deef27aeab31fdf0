"""The part of the desk for recipients: QR code, card, second factor, extension. Composed by `desk.py`."""

from __future__ import annotations

import re
from typing import Literal, Protocol

from edge.errors import NightdeskError
from edge.ports import IdCard
from edge.services.changes import Changes
from edge.services.parts import Services
from edge.services.refusals import RefusedError
from edge.services.view import Message

PickupForm = Literal["number", "code", "qr", "card", "factor"]
_CODE = re.compile(r"[0-9]{8}")
_ONE_TIME = re.compile(r"[0-9]{6}")


class Counter(Protocol):
    """What the desk lends: the form that is shown, and how to show another one."""

    changes: Changes

    @property
    def form(self) -> str:
        """The form on the screen."""

    @property
    def number(self) -> int | None:
        """The compartment that was chosen."""

    def show(self, form: PickupForm | Literal["home"]) -> None:
        """Show another form."""

    def say(self, error: NightdeskError) -> None:
        """Show what a person can do about an error."""

    def tell(self, message: Message) -> None:
        """Show a message."""


class DeskPickup:
    """What a recipient may ask for."""

    def __init__(self, counter: Counter, services: Services) -> None:
        self._desk, self._its = counter, services

    def choose(self, way: Literal["qr", "card"]) -> None:
        """Collect by QR code or card instead of compartment and code.

        Raises:
            RefusedError: no card can be read here.
        """
        if self._desk.form not in {"number", "code", "qr", "card"}:
            return
        if way not in self._its.pickup.ways():
            raise RefusedError("card_no_reader")
        self._its.pickup.dismiss()
        self._desk.show(way)

    async def start(self, number: int, code: str) -> None:
        """Begin a pickup by code; raises as `CollectItem.start`."""
        self._desk.show("home" if await self._its.pickup.start(number, _digits(code)) else "factor")

    async def start_by_token(self, text: str) -> None:
        """Begin a pickup by what the scanner typed; raises as `CollectItem.start_by_token`."""
        if self._desk.form == "qr":
            self._desk.show("home" if await self._its.pickup.start_by_token(text) else "factor")

    async def send_one_time_code(self) -> None:
        """Have a one-time code sent; raises as `CollectItem.send_one_time_code`."""
        if self._desk.form == "factor":
            await self._its.pickup.send_one_time_code()
            self._desk.tell(Message("one_time_sent", good=True))

    async def second(self, typed: str) -> None:
        """Go on with the one-time code; raises as `CollectItem.second_by_one_time_code`."""
        if self._desk.form != "factor":
            return
        if not _ONE_TIME.fullmatch(typed):
            raise RefusedError("bad_one_time")
        await self._its.pickup.second_by_one_time_code(typed)
        self._desk.show("home")

    async def extend(self, code: str) -> None:
        """Let the item wait longer; raises as `CollectItem.extend`."""
        number = self._desk.number
        if self._desk.form != "code" or number is None:
            return
        due, compartment = await self._its.pickup.extend(number, _digits(code))
        self._its.picture.note([compartment])
        self._desk.show("home")
        self._desk.tell(Message("extended", {"number": number, "until": f"{due:%Y-%m-%d %H:%M}"}, good=True))

    async def start_by_card(self, card: IdCard) -> None:
        """Begin a pickup by card; raises as `CollectItem.start_by_card`."""
        await self._its.pickup.start_by_card(card)
        self._desk.show("home")

    async def second_by_card(self, card: IdCard) -> None:
        """Go on with a card; raises as `CollectItem.second_by_card`."""
        await self._its.pickup.second_by_card(card)
        self._desk.show("home")


def _digits(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise RefusedError("bad_code")
    return code
