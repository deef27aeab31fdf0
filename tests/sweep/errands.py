"""What people come to the kiosk for, each as somebody who only knows the screen, the doors and their own hands."""

from __future__ import annotations

import re

from hall.visitor import Element, Page
from tests.sweep.person import Person
from tests.sweep.station import BADGE, PIN

TRIES = 4
# Five, five, one, as every screen and paper shows a receipt number; the check symbol may be one of Crockford's five.
SHOWN_NUMBER = re.compile(r"([0-9A-HJKMNP-TV-Z]{5})-([0-9A-HJKMNP-TV-Z]{5})-([0-9A-Z*~$=])")


class Deposit:
    """A citizen hands in papers, and goes when a number was shown: a receipt, or a doubt that staff looks into."""

    def __init__(self, size: str = "s", phone: str = "", *, last: bool = False) -> None:
        self._size, self._phone, self._last = size, phone, last
        self.done = False
        self.receipt: str | None = None

    async def at_form(self, person: Person, page: Page) -> None:
        match page.data("step"):
            case "home":
                await person.press(page, "hand-in")
            case "size":
                await person.press(page, f"size-{self._size}")
            case "phone":
                person.ledger.tell("wish", purpose="deposit")
                if self._phone:
                    await person.press(page, "start-deposit", phone=self._phone)
                else:
                    await person.press(page, "skip-phone", phone="")
            case _:
                await go_home(person, page)

    async def inside(self, person: Person, number: int) -> None:
        if (await person.world.state()).doors[number].item:
            person.ledger.tell("foreign", compartment=number)
        person.ledger.tell("put", compartment=number)
        await person.world.put_in(number)

    def answer(self) -> str:
        return "confirm"

    def told(self, person: Person, page: Page) -> None:
        if page.data("screen") != "deposit":
            return
        ending, number = page.data("ending"), int(page.data("compartment") or 0)
        self.receipt = page.get(data_test="receipt-number").attributes["data-value"]
        if ending == "done":
            person.ledger.tell("receipt", receipt_number=self.receipt, compartment=number)
        elif ending == "doubtful":
            person.ledger.tell("doubt", receipt_number=self.receipt, compartment=number)
        # Failed and cancelled ones start again.
        self.done = ending in {"done", "doubtful"} and (ending == "done" or not self._last)


class StaffRound:
    """Staff in the morning: settle every doubt, clear every deposit, load what is expected, until nothing is left."""

    def __init__(self, *, load: bool = False) -> None:
        self._load = load
        self.done = self._finished = False
        self._purpose = ""
        self._receipt: str | None = None
        self._found = False
        self.loaded = False

    async def at_form(self, person: Person, page: Page) -> None:
        match page.data("step"):
            case "home" if self._finished:
                self.done = True
            case "home":
                await person.press(page, "staff")
            case "sign_in":
                await person.press(page, "sign-in", badge=BADGE, pin=PIN)
            case "list":
                await self._next(person, page)
            case _:
                await go_home(person, page)

    async def _next(self, person: Person, page: Page) -> None:
        for purpose, listed in (("inspect", rows(page, "inspect")), ("clear", rows(page, "clear"))):
            if listed:
                number = listed[0].attributes["data-value"]
                shown = SHOWN_NUMBER.search(listed[0].text)
                self._purpose, self._receipt = purpose, "".join(shown.groups()) if shown else None
                person.ledger.tell("wish", purpose=purpose, compartment=int(number))
                await person.press(page, f"{purpose}-button", number)
                return
        to_load = [row.attributes["data-value"] for row in rows(page, "load")]
        if self._load and person.station.case_number in to_load:
            self._purpose = "load"
            person.ledger.tell("wish", purpose="load")
            await person.press(page, "load-button", person.station.case_number)
            return
        self._finished = True
        await person.press(page, "sign-out")

    async def inside(self, person: Person, number: int) -> None:
        self._found = (await person.world.state()).doors[number].item
        if self._purpose == "load":
            if self._found:
                person.ledger.tell("foreign", compartment=number)
            person.ledger.tell("put", compartment=number)
            await person.world.put_in(number)
        else:
            person.ledger.tell("took", compartment=number)
            await person.world.take_out(number)

    def answer(self) -> str:
        return "confirm" if self._purpose == "load" or self._found else "nothing"

    def told(self, person: Person, page: Page) -> None:
        number, ending, purpose = int(page.data("compartment") or 0), page.data("ending"), page.data("screen")
        receipt, case = value_of(page, "receipt-number"), value_of(page, "case-number")
        if purpose == "deposit":
            # A citizen left before reading it: staff does, and finishes it.
            what = "receipt" if ending == "done" else "doubt" if ending == "doubtful" else "failed"
            person.ledger.tell(what, receipt_number=receipt, compartment=number)
        elif ending == "doubtful":
            # Of a clearing the page may show whose papers were meant; the doubt is about the compartment.
            shown = receipt if purpose == "pickup" else None
            person.ledger.tell("doubt", receipt_number=shown, compartment=number)
        elif ending == "done" and purpose == "load":
            self.loaded = True
            person.ledger.tell("loaded", case_number=case, compartment=number)
        elif ending == "done" and purpose in {"clear", "inspect"} and self._receipt is not None:
            person.ledger.tell("cleared", receipt_number=self._receipt, compartment=number)


class Pickup:
    """The recipient types number and code, takes the item, and goes once told that it is collected, or with it."""

    def __init__(self, compartment: int, code: str) -> None:
        self._compartment, self._code = compartment, code
        self.done = self.in_hand = False
        self._refused = 0

    async def at_form(self, person: Person, page: Page) -> None:
        match page.data("step"):
            case "home" if self.in_hand:
                # The screen had gone dark with the item in hand: who has it goes home.
                self.done = True
            case "home":
                await person.press(page, "collect")
            case "number":
                await person.press(page, "next", number=str(self._compartment))
            case "code":
                await self._type(person, page)
            case _:
                await go_home(person, page)

    async def _type(self, person: Person, page: Page) -> None:
        person.ledger.tell("wish", purpose="pickup", compartment=self._compartment)
        answer = await person.press(page, "open", code=self._code)
        if answer is not None and answer.find(data_test="message") is not None:
            said = answer.get(data_test="message").attributes.get("data-message")
            person.ledger.tell("refused", compartment=self._compartment, said=said)
            self._refused += 1
            self.done = self._refused >= TRIES

    async def inside(self, person: Person, number: int) -> None:
        person.ledger.tell("took", compartment=number)
        self.in_hand = (await person.world.state()).doors[number].item or self.in_hand
        await person.world.take_out(number)

    def answer(self) -> str:
        return "confirm"

    def told(self, person: Person, page: Page) -> None:
        if page.data("screen") != "pickup":
            return
        number, ending = int(page.data("compartment") or 0), page.data("ending")
        if ending == "done":
            case = value_of(page, "case-number")
            person.ledger.tell("collected", case_number=case, compartment=number)
        elif ending == "doubtful":
            person.ledger.tell("doubt", receipt_number=value_of(page, "receipt-number"), compartment=number)
        self.done = ending in {"done", "doubtful"}


async def go_home(person: Person, page: Page) -> None:
    """Leave a page that somebody else left behind."""
    await person.press(page, "sign-out" if page.data("step") == "list" else "go-home")


def rows(page: Page, test: str) -> list[Element]:
    """Return the rows of one list on the staff's page."""
    return [
        each
        for each in page.marked
        if each.attributes.get("data-test") == test and each.attributes.get("data-value") is not None
    ]


def value_of(page: Page, test: str) -> str | None:
    """Return what a marked element holds, or None when the page has none."""
    found = page.find(data_test=test)
    return None if found is None else found.attributes.get("data-value")
