"""The keeper of the blanks: what staff do with numbered sheets, each act one commit with the event that tells of it.

The rules are those of `edge/core/stock.py`; a refusal changes nothing. Voiding and destroying take two persons, and
so does calling a sheet spoiled. The caller has checked badges, PINs and rights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from contract.events import (
    BlankInspected,
    BlanksDestroyed,
    BlankVoided,
    CountedStock,
    EventData,
    StockLoaded,
    StockReceived,
    StockUnloaded,
)
from contract.stock_events import MOST_DESTROYED_AT_ONCE
from edge.core import stock
from edge.core.printing import Found
from edge.core.stock import Blank, Changed, Ledger, Place
from edge.errors import StockRefusedError
from edge.services.changes import Changes
from edge.services.refusals import RefusedError
from edge.services.stock_report import counted
from edge.store.unit_of_work import Store, Transaction

Two = tuple[str, str]
"""The badges of two persons."""
_LONGEST_NUMBER = 24
_LYING = frozenset({Place.TRAY, Place.RESERVED, Place.TO_INSPECT})


class Decide(Protocol):
    """What ends the doubt about a job; `IssuePapers.decide`."""

    async def __call__(
        self, job: UUID, found: Found, staff: Two | None = None, *, also: Callable[[Transaction], None]
    ) -> None:
        """Decide, and do `also` in the same commit; raises RefusedError `stock_` and the reason."""


@dataclass(frozen=True, slots=True)
class TrayView:
    """A tray and what lies in it; `next` is the first sheet, `proposed` the range of the store that may follow."""

    tray: str
    kind: str
    sheets: int
    next: str
    last: str
    busy: bool
    proposed: tuple[str, str]


@dataclass(frozen=True, slots=True)
class StockView:
    """All that is known of the blanks."""

    kinds: tuple[CountedStock, ...]
    trays: tuple[TrayView, ...]
    to_inspect: tuple[Blank, ...]
    voided: tuple[str, ...]


class KeepStock:
    """The blanks of one licence printer; `trays` says which kind lies in which tray."""

    def __init__(self, store: Store, trays: Mapping[str, str], decide: Decide) -> None:
        self._store, self._trays, self._decide = store, trays, decide
        self.changes = Changes()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of blanks that this station's printer takes."""
        return tuple(sorted(set(self._trays.values())))

    async def look(self) -> StockView:
        """Count everything."""
        ledger, received = await self._store.read(lambda tx: (tx.blanks(), tx.received_blanks()))
        return StockView(
            kinds=counted(ledger, received),
            trays=tuple(_tray(ledger, tray, kind) for tray, kind in sorted(self._trays.items())),
            to_inspect=tuple(blank for blank in _sorted(ledger) if blank.place is Place.TO_INSPECT),
            voided=tuple(blank.number for blank in _sorted(ledger) if blank.place is Place.VOIDED),
        )

    async def receive(self, kind: str, first: str, last: str, staff: str) -> int:
        """Take a range into the store; return how many sheets.

        Raises:
            RefusedError: `blank_` and the reason; nothing was taken. `wrong_stock`: no tray takes that kind.
        """
        if kind not in self.kinds:
            raise RefusedError("blank_wrong_stock")
        first, last = _tidy(first), _tidy(last)

        def work(tx: Transaction) -> int:
            sheets = stock.receive(tx.blanks(), kind, first, last)
            tx.save_blanks(sheets)
            tx.note_range(kind, first, last, len(sheets), staff)
            tx.emit(StockReceived(kind=kind, first=first, last=last, sheets=len(sheets), staff=staff))
            return len(sheets)

        return await self._transact(work)

    async def load(self, tray: str, first: str, last: str, staff: str) -> int:
        """Put a range from the store into a tray; return how many sheets. Raises as `receive`."""
        first, last, kind = _tidy(first), _tidy(last), self._kind(tray)
        told = StockLoaded(tray=tray, first=first, last=last, staff=staff)
        return await self._change(lambda ledger: stock.load(ledger, tray, kind, first, last), lambda _sheets: told)

    async def unload(self, tray: str, staff: str) -> int:
        """Take what lies in a tray back into the store; return how many sheets. Raises as `receive`."""
        self._kind(tray)

        def rule(ledger: Ledger) -> Changed:
            sheets = stock.unload(ledger, tray)
            if not sheets:
                raise StockRefusedError("tray_empty")
            return sheets

        return await self._change(rule, lambda sheets: StockUnloaded(tray=tray, sheets=len(sheets), staff=staff))

    async def require_voidable(self, number: str) -> str:
        """Return the number of a sheet that two persons may make void; raises as `receive`.

        A sheet whose fate is open is looked at instead: its job must end with it.
        """
        number = _tidy(number)
        ledger = await self._store.read(lambda tx: tx.blanks())
        try:
            _voided(ledger, number, "-", ("first", "second"))
        except StockRefusedError as error:
            raise RefusedError(f"blank_{error.reason}") from error
        return number

    async def void(self, number: str, reason: str, staff: Two) -> None:
        """Make a sheet void; it is kept until it is destroyed by list. Raises as `receive`."""
        number = _tidy(number)
        told = BlankVoided(blank=number, reason=reason, staff=staff)
        await self._change(lambda ledger: _voided(ledger, number, reason, staff), lambda _sheets: told)

    async def destroy(self, numbers: Sequence[str], staff: Two) -> None:
        """Void sheets of a list were destroyed, all of them. Raises as `receive`."""
        listed = tuple(dict.fromkeys(numbers))
        if len(listed) > MOST_DESTROYED_AT_ONCE:
            raise RefusedError("blank_not_voided")
        await self._change(
            lambda ledger: stock.destroy(ledger, listed, staff),
            lambda _sheets: BlanksDestroyed(blanks=listed, staff=staff),
        )

    async def inspect(self, number: str, found: Found, staff: tuple[str, ...]) -> None:
        """A person looked at a sheet of unknown fate; two for a spoiled one, which is void from then on.

        Raises:
            RefusedError: as `receive`, and as `IssuePapers.decide`: the printer may still have the job.
        """
        blank = (await self._store.read(lambda tx: tx.blanks())).get(number)
        if blank is None or blank.job is None or blank.place is not Place.TO_INSPECT:
            raise RefusedError("blank_not_to_inspect")
        two = (staff[0], staff[1]) if len(staff) > 1 else None
        if found == "spoiled" and two is None:
            raise RefusedError("blank_two_persons")
        looked = BlankInspected(blank=number, job=blank.job, found=found, staff=staff)

        def also(tx: Transaction) -> None:
            tx.emit(looked)
            if two is not None and found == "spoiled":
                tx.emit(BlankVoided(blank=number, reason="spoiled", staff=two))

        try:
            await self._decide(blank.job, found, two, also=also)
        except RefusedError as error:
            raise RefusedError(error.text.replace("stock_", "blank_", 1)) from error
        self.changes.notify()

    def _kind(self, tray: str) -> str:
        kind = self._trays.get(tray)
        if kind is None:
            raise RefusedError("blank_wrong_stock")
        return kind

    async def _change(self, rule: Callable[[Ledger], Changed], tell: Callable[[Changed], EventData]) -> int:
        def work(tx: Transaction) -> int:
            sheets = rule(tx.blanks())
            tx.save_blanks(sheets)
            tx.emit(tell(sheets))
            return len(sheets)

        return await self._transact(work)

    async def _transact(self, work: Callable[[Transaction], int]) -> int:
        try:
            sheets = await self._store.transact(work)
        except StockRefusedError as error:
            raise RefusedError(f"blank_{error.reason}") from error
        self.changes.notify()
        return sheets


def _voided(ledger: Ledger, number: str, reason: str, staff: Two) -> Changed:
    blank = ledger.get(number)
    if blank is not None and blank.place is Place.TO_INSPECT:
        raise StockRefusedError("to_inspect")
    return (stock.void(ledger, number, reason, staff),)


def _tidy(typed: str) -> str:
    """Return a number as it is printed: without spaces, in capitals."""
    tidy = "".join(typed.split()).upper()
    if len(tidy) > _LONGEST_NUMBER:
        raise RefusedError("blank_wrong_range")
    return tidy


def _sorted(ledger: Ledger) -> list[Blank]:
    return sorted(ledger.values(), key=lambda blank: (len(blank.number), blank.number))


def _tray(ledger: Ledger, tray: str, kind: str) -> TrayView:
    lying = sorted((each for each in ledger.values() if each.tray == tray), key=lambda each: each.order)
    free = {each.number for each in ledger.values() if each.kind == kind and each.place is Place.STORE}
    return TrayView(
        tray,
        kind,
        len(lying),
        next=lying[0].number if lying else "",
        last=lying[-1].number if lying else "",
        busy=any(each.place is not Place.TRAY for each in lying),
        proposed=_proposed(free, lying[-1].number if lying else ""),
    )


def _proposed(free: set[str], last: str) -> tuple[str, str]:
    """Return the longest range of the store that may be loaded behind `last`, or begin an empty tray."""
    first = stock.following(last) if last else min(free, key=lambda number: (len(number), number), default="")
    if first not in free:
        return "", ""
    end = first
    while stock.following(end) in free:
        end = stock.following(end)
    return first, end
