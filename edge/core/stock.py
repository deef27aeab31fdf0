"""The ledger of blank stock: each numbered sheet of secure paper, where it is, and who did what to it.

Pure. A blank carries a seal already, so it is counted like a cheque (facts on the domain, §2 and §9, 24 to 26): at
every instant `received = in store + in tray + printed + voided`. A sheet that is reserved, or whose fate nobody knows
yet, still lies in its tray's count; a destroyed one is still among the voided. Sheets are used in the order in which
they were loaded, one job to a tray; while a sheet is to be looked at, its tray prints nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from edge.errors import StockRefusedError

_NUMBER = re.compile(r"(\D{0,12})(\d{4,12})", re.ASCII)
MOST_AT_ONCE = 5000


class Place(StrEnum):
    """Where a sheet is. `RESERVED` and `TO_INSPECT` are in the tray or between it and the output."""

    STORE = "store"
    TRAY = "tray"
    RESERVED = "reserved"
    TO_INSPECT = "to_inspect"
    PRINTED = "printed"
    VOIDED = "voided"
    DESTROYED = "destroyed"


_IN_TRAY = frozenset({Place.TRAY, Place.RESERVED, Place.TO_INSPECT})
_VOIDABLE = frozenset({Place.STORE, Place.TRAY, Place.TO_INSPECT, Place.PRINTED})


@dataclass(frozen=True, slots=True)
class Blank:
    """One sheet: `order` is its turn in its tray, `job` the print that holds or used it, `certificate` its result."""

    number: str
    kind: str
    place: Place = Place.STORE
    tray: str | None = None
    order: int = 0
    job: UUID | None = None
    certificate: str | None = None
    reason: str | None = None


Ledger = Mapping[str, Blank]
"""All sheets that this station ever received, by number."""
Changed = tuple[Blank, ...]
"""The sheets that a step changes; commit them together with what it did."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many sheets of one kind are where; `destroyed` are among the voided."""

    received: int
    in_store: int
    in_tray: int
    printed: int
    voided: int
    destroyed: int

    @property
    def balanced(self) -> bool:
        """Whether no sheet is missing from the count."""
        return self.received == self.in_store + self.in_tray + self.printed + self.voided


def numbers(first: str, last: str) -> tuple[str, ...]:
    """Return the numbers from `first` to `last`: same letters, same count of digits, at most `MOST_AT_ONCE`.

    Raises:
        StockRefusedError: `wrong_range`.
    """
    start, end = _NUMBER.fullmatch(first), _NUMBER.fullmatch(last)
    if start is None or end is None or start[1] != end[1] or len(start[2]) != len(end[2]):
        raise StockRefusedError("wrong_range")
    count = int(end[2]) - int(start[2]) + 1
    if not 1 <= count <= MOST_AT_ONCE:
        raise StockRefusedError("wrong_range")
    return tuple(f"{start[1]}{int(start[2]) + at:0{len(start[2])}}" for at in range(count))


def following(number: str) -> str:
    """Return the number after this one; an empty text after the last of its length, and after what is no number."""
    found = _NUMBER.fullmatch(number)
    if found is None or set(found[2]) == {"9"}:
        return ""
    return f"{found[1]}{int(found[2]) + 1:0{len(found[2])}}"


def receive(ledger: Ledger, kind: str, first: str, last: str) -> Changed:
    """Take a range into the store.

    Raises:
        StockRefusedError: `wrong_range`, or `known_number`: one of them was received before.
    """
    wanted = numbers(first, last)
    if any(number in ledger for number in wanted):
        raise StockRefusedError("known_number")
    return tuple(Blank(number, kind) for number in wanted)


def load(ledger: Ledger, tray: str, kind: str, first: str, last: str) -> Changed:
    """Put a range from the store into a tray that takes this kind, behind what lies there.

    Raises:
        StockRefusedError: `wrong_range`; `not_in_store`; `wrong_stock`: another kind than the tray's; `to_inspect`;
            `in_use`: a tray is not opened while a sheet of it is printed; `out_of_order`: the tray is not empty and the
            range does not follow its last sheet.
    """
    sheets = [_of(ledger, number) for number in numbers(first, last)]
    lying = _lying(ledger, tray)
    if any(blank.place is not Place.STORE for blank in sheets):
        raise StockRefusedError("not_in_store")
    if any(blank.kind != kind for blank in (*sheets, *lying)):
        raise StockRefusedError("wrong_stock")
    _idle(lying)
    if lying and not _follows(lying[-1].number, first):
        raise StockRefusedError("out_of_order")
    behind = lying[-1].order + 1 if lying else 0
    return tuple(replace(blank, place=Place.TRAY, tray=tray, order=behind + at) for at, blank in enumerate(sheets))


def unload(ledger: Ledger, tray: str) -> Changed:
    """Take what lies in a tray back into the store.

    Raises:
        StockRefusedError: `in_use`: a job holds a sheet of it; `to_inspect`.
    """
    lying = _lying(ledger, tray)
    _idle(lying)
    return tuple(replace(blank, place=Place.STORE, tray=None, order=0) for blank in lying)


def reserve(ledger: Ledger, tray: str, kind: str, job: UUID) -> Blank:
    """Return the next sheet of a tray, reserved for a job.

    Raises:
        StockRefusedError: `tray_empty`; `wrong_stock`; `in_use`: another job holds a sheet; `to_inspect`: the fate of
            one is not known, so what lies on top is not known either.
    """
    lying = _lying(ledger, tray)
    _idle(lying)
    if not lying:
        raise StockRefusedError("tray_empty")
    if lying[0].kind != kind:
        raise StockRefusedError("wrong_stock")
    return replace(lying[0], place=Place.RESERVED, job=job)


def printed(ledger: Ledger, job: UUID, certificate: str) -> Blank:
    """Return the sheet of a job as the certificate that it became; the number of one is bound to that of the other."""
    return replace(_held(ledger, job), place=Place.PRINTED, tray=None, order=0, certificate=certificate)


def unverified(ledger: Ledger, job: UUID) -> Blank:
    """Return the sheet of a job as one that a person must look at; its tray prints nothing until then."""
    return replace(_held(ledger, job), place=Place.TO_INSPECT)


def released(ledger: Ledger, job: UUID) -> Blank:
    """Return the sheet of a job back on its tray: it certainly never moved."""
    return replace(_held(ledger, job), place=Place.TRAY, job=None)


def found_blank(ledger: Ledger, number: str) -> Blank:
    """Return a sheet to its tray that staff found there, untouched.

    Raises:
        StockRefusedError: `not_to_inspect`.
    """
    return replace(_to_inspect(ledger, number), place=Place.TRAY, job=None)


def found_printed(ledger: Ledger, number: str, certificate: str) -> Blank:
    """Return a sheet as printed because staff hold the certificate in their hands; raises as `found_blank`."""
    sheet = _to_inspect(ledger, number)
    return replace(sheet, place=Place.PRINTED, tray=None, order=0, certificate=certificate)


def void(ledger: Ledger, number: str, reason: str, staff: tuple[str, str]) -> Blank:
    """Return a sheet made void by two persons; it is kept until it is destroyed by list.

    Raises:
        StockRefusedError: `unknown_number`; `two_persons`; `no_reason`; `not_voidable`: void already, or held by a job.
    """
    blank = _of(ledger, number)
    _two(staff)
    if not reason.strip():
        raise StockRefusedError("no_reason")
    if blank.place not in _VOIDABLE:
        raise StockRefusedError("not_voidable")
    return replace(blank, place=Place.VOIDED, tray=None, order=0, reason=reason)


def destroy(ledger: Ledger, listed: Iterable[str], staff: tuple[str, str]) -> Changed:
    """Return the voided sheets of a list as destroyed, by two persons; all of them or none.

    Raises:
        StockRefusedError: `unknown_number`; `two_persons`; `not_voided`: one of the list is not void.
    """
    _two(staff)
    blanks = [_of(ledger, number) for number in dict.fromkeys(listed)]
    if not blanks or any(blank.place is not Place.VOIDED for blank in blanks):
        raise StockRefusedError("not_voided")
    return tuple(replace(blank, place=Place.DESTROYED) for blank in blanks)


def count(ledger: Ledger, kind: str) -> Count:
    """Count the sheets of one kind."""
    places = Counter(blank.place for blank in ledger.values() if blank.kind == kind)
    return Count(
        received=places.total(),
        in_store=places[Place.STORE],
        in_tray=sum(places[place] for place in _IN_TRAY),
        printed=places[Place.PRINTED],
        voided=places[Place.VOIDED] + places[Place.DESTROYED],
        destroyed=places[Place.DESTROYED],
    )


def _of(ledger: Ledger, number: str) -> Blank:
    blank = ledger.get(number)
    if blank is None:
        raise StockRefusedError("unknown_number")
    return blank


def _follows(number: str, other: str) -> bool:
    return bool(other) and following(number) == other


def _lying(ledger: Ledger, tray: str) -> list[Blank]:
    lying = (blank for blank in ledger.values() if blank.tray == tray and blank.place in _IN_TRAY)
    return sorted(lying, key=lambda blank: blank.order)


def _idle(lying: Iterable[Blank]) -> None:
    for blank in lying:
        if blank.place is Place.TO_INSPECT:
            raise StockRefusedError("to_inspect")
        if blank.place is Place.RESERVED:
            raise StockRefusedError("in_use")


def _held(ledger: Ledger, job: UUID) -> Blank:
    for blank in ledger.values():
        if blank.job == job and blank.place is Place.RESERVED:
            return blank
    raise StockRefusedError("not_held")


def _to_inspect(ledger: Ledger, number: str) -> Blank:
    blank = _of(ledger, number)
    if blank.place is not Place.TO_INSPECT:
        raise StockRefusedError("not_to_inspect")
    return blank


def _two(staff: tuple[str, str]) -> None:
    if len(set(staff)) != 2 or not all(staff):
        raise StockRefusedError("two_persons")
