"""The part of the desk for the blanks: staff with the right `service`, in service mode; two to void and destroy.

Composed by `desk.py`. A wish that takes two persons is kept here until the second has signed, and for one act only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from edge.clock import Clock
from edge.core.printing import Found
from edge.services.keep_stock import KeepStock, StockView
from edge.services.parts import Services
from edge.services.refusals import RefusedError
from edge.services.stock_report import count_lines, list_lines
from edge.services.view import Message

StockForm = Literal["stock", "stock_range", "stock_void", "stock_second"]
FORMS: frozenset[str] = frozenset({"stock", "stock_range", "stock_void", "stock_second"})
VOID_REASONS = ("void_damaged", "void_jammed", "void_misprinted", "void_lost", "void_other")
"""Why a sheet may be made void at the screen; words of the event, with `reason_` keys of the kiosk's texts."""
LISTED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What two persons are asked for: `spoiled` is a sheet that was to be looked at."""

    act: Literal["void", "destroy", "spoiled"]
    numbers: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StockWork:
    """What the pages of the stock show. `tray` is the one to be loaded ("": sheets are received), `wish` what waits.

    `printed` is what became of the paper that was asked for here: as `Slips.print_lines` says.
    """

    view: StockView
    kinds: tuple[str, ...]
    tray: str = ""
    proposed: tuple[str, str] = ("", "")
    wish: Wish | None = None
    printed: str = ""


class Counter(Protocol):
    """What the desk lends."""

    @property
    def form(self) -> str:
        """The form on the screen."""

    def show(self, form: StockForm) -> None:
        """Show another form."""

    def tell(self, message: Message) -> None:
        """Show a message."""


class DeskStock:
    """What staff may ask for at the blanks; every call raises `RefusedError` without the right."""

    def __init__(self, counter: Counter, services: Services, clock: Clock) -> None:
        self._desk, self._its, self._clock = counter, services, clock
        self._tray, self._printed = "", ""
        self._typed = ("", "")
        self._wish: Wish | None = None

    def open(self) -> None:
        """Show the page of the stock."""
        self._badge()
        self._back()

    async def work(self) -> StockWork | None:
        """Return what the pages show; None for whoever may not see it."""
        session, prints = self._its.staff.session, self._its.prints
        if session is None or "service" not in session.member.rights or prints is None or prints.stock is None:
            return None
        keep = prints.stock
        view = await keep.look()
        proposed = next((each.proposed for each in view.trays if each.tray == self._tray), ("", ""))
        proposed = self._typed if any(self._typed) else proposed
        return StockWork(view, keep.kinds, self._tray, proposed, self._wish, self._printed)

    def arm(self, *, on: bool) -> None:
        """Arm service mode for ten minutes, or disarm it."""
        self._its.maintain.arm(on=on, badge=self._badge())
        self._desk.show("stock")

    def ask_range(self, tray: str) -> None:
        """Ask for the numbers of what is received ("") or loaded into a tray."""
        self._armed()
        self._tray, self._typed = tray, ("", "")
        self._desk.show("stock_range")

    async def give_range(self, kind: str, first: str, last: str) -> None:
        """Receive or load these numbers."""
        badge, keep = self._armed()
        if self._desk.form != "stock_range":
            return
        self._typed = (first, last)
        if self._tray:
            sheets = await keep.load(self._tray, first, last, badge)
        elif not kind:
            raise RefusedError("blank_kind_first")
        else:
            sheets = await keep.receive(kind, first, last, badge)
        self._done(Message("stock_loaded" if self._tray else "stock_received", {"count": sheets}, good=True))

    async def unload(self, tray: str) -> None:
        """Take what lies in a tray back."""
        badge, keep = self._armed()
        self._done(Message("stock_unloaded", {"count": await keep.unload(tray, badge)}, good=True))

    def ask_void(self) -> None:
        """Ask which sheet is to be made void, and why."""
        self._armed()
        self._desk.show("stock_void")

    async def void(self, number: str, reason: str) -> None:
        """Take the number and the reason; the second person signs next."""
        _, keep = self._armed()
        self._ask(Wish("void", (await keep.require_voidable(number),), reason))

    async def destroy(self) -> None:
        """Take the list of void sheets as it is now; the second person signs next."""
        _, keep = self._armed()
        self._ask(Wish("destroy", self._listed(await keep.look())))

    async def inspect(self, number: str, found: Found) -> None:
        """Take a person's word of a sheet; of a spoiled one two persons'."""
        badge, keep = self._armed()
        if found == "spoiled":
            self._ask(Wish("spoiled", (number,)))
            return
        await keep.inspect(number, found, (badge,))
        self._done(Message("stock_looked_at", {"number": number}, good=True))

    async def sign(self, badge: str, pin: str) -> None:
        """Do what two persons wish, now that the second has shown badge and PIN.

        Raises:
            RefusedError: the same person, or one without the right; or the ledger's reason.
            WrongCodeError, LockedOutError: badge and PIN do not belong together.
        """
        first, keep = self._armed()
        wish = self._wish
        if self._desk.form != "stock_second" or wish is None:
            return
        member = await self._its.staff.vouch(badge, pin)
        if "service" not in member.rights:
            raise RefusedError("not_allowed")
        if member.badge == first:
            raise RefusedError("same_person")
        two = (first, member.badge)
        match wish.act:
            case "void":
                await keep.void(wish.numbers[0], wish.reason, two)
            case "spoiled":
                await keep.inspect(wish.numbers[0], "spoiled", two)
            case _:
                await keep.destroy(wish.numbers, two)
        said = "stock_destroyed" if wish.act == "destroy" else "stock_voided"
        self._done(Message(said, {"count": len(wish.numbers)}, good=True))

    async def print_paper(self, what: Literal["count", "list"]) -> None:
        """Print the count, or the list of void sheets, to be signed by hand."""
        self._badge()
        view, now = await self._keep().look(), self._clock.now()
        names = self._its.slips.names
        lines = count_lines(names, now, view.kinds) if what == "count" else list_lines(names, now, self._listed(view))
        printed = await self._its.slips.print_lines("stock", lines)
        self._back()
        self._printed = printed
        self._desk.show("stock")

    def _ask(self, wish: Wish) -> None:
        if not wish.numbers:
            raise RefusedError("blank_not_voided")
        self._wish = wish
        self._desk.show("stock_second")

    def _listed(self, view: StockView) -> tuple[str, ...]:
        return view.voided[:LISTED_AT_ONCE]

    def _done(self, message: Message) -> None:
        self._back()
        self._desk.tell(message)

    def _back(self) -> None:
        self._tray, self._typed, self._wish, self._printed = "", ("", ""), None, ""
        self._desk.show("stock")

    def _badge(self) -> str:
        self._keep()
        return self._its.staff.require("service")

    def _keep(self) -> KeepStock:
        keep = None if self._its.prints is None else self._its.prints.stock
        if keep is None:
            raise RefusedError("not_allowed")
        return keep

    def _armed(self) -> tuple[str, KeepStock]:
        badge = self._badge()
        self._its.maintain.require_armed()
        return badge, self._keep()
