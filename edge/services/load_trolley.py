"""A whole trolley: scanned, planned, every compartment reserved at once, then loaded one visit after the other.

How far each item is follows from its visit on the disk; a restart leaves the trolley as it stands. Nothing here opens a
door by itself: each item's visit has its own grants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from contract.events import MovedItem, TrolleyFinished
from contract.ids import RandomBelow, new_receipt_number, read_case_number
from edge.core.compartment import Allocation, Compartment, Item
from edge.core.trolley import MOST_ITEMS, Plan, TrolleyItem, plan
from edge.core.visit import Decision, Slip, Step
from edge.ports import Door
from edge.services import documents
from edge.services.door_control import Doors
from edge.services.load_items import LoadItems, items_here
from edge.services.picture import Picture
from edge.services.refusals import RefusedError
from edge.services.slips import Slips
from edge.services.trolley_slip import TrolleyLists
from edge.services.visits import Visits
from edge.store.papers import StoredSlip
from edge.store.trolley import StoredItem
from edge.store.unit_of_work import Store, Transaction

Outcome = Literal["listed", "planned", "now", "loaded", "doubtful", "not_put_in", "door_failed", "left_over"]
TO_TRY_AGAIN: frozenset[Outcome] = frozenset({"not_put_in", "door_failed", "left_over"})
_TROLLEY = "trolley"


@dataclass(frozen=True, slots=True)
class TrolleyRow:
    """One item as the page shows it; `compartment` is where it lies or is meant to lie."""

    case_number: str
    title: str
    size: str
    unknown: bool
    compartment: int | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class TrolleyWork:
    """The trolley's page: before the plan a list that grows, after it what became of each item."""

    rows: tuple[TrolleyRow, ...]
    planned: bool
    missing: tuple[tuple[str, str], ...]

    @property
    def waiting(self) -> bool:
        """Whether some item is still to be put in."""
        return any(row.outcome == "planned" for row in self.rows)

    @property
    def may_try_again(self) -> bool:
        """Whether some item has no place, or was not put in."""
        return any(row.outcome in TO_TRY_AGAIN for row in self.rows)


@dataclass(frozen=True, slots=True)
class NextItem:
    """The item whose door opens now: the `nth` of `total`."""

    case_number: str
    title: str
    nth: int
    total: int


class LoadTrolley:
    """One trolley at a time; `planned` says whether compartments are reserved for one."""

    def __init__(
        self,
        store: Store,
        visits: Visits,
        doors: Doors,
        picture: Picture,
        slips: Slips,
        load: LoadItems,
        *,
        new_id: Callable[[], UUID],
        random_below: RandomBelow,
    ) -> None:
        self._store, self._visits, self._doors, self._picture = store, visits, doors, picture
        self._slips, self._load = slips, load
        self._new_id, self._random_below = new_id, random_below
        self.planned = False

    async def recover(self) -> None:
        """After a start: go on with the trolley that was planned; give back what is booked for none."""

        def work(tx: Transaction) -> tuple[bool, list[Compartment]]:
            wanted = {row.planned: row.item.case_number for row in tx.trolley() if row.visit is None}
            orphans = [
                each.unbook()
                for each in tx.compartments()
                if each.booked is not None and wanted.get(each.number) != each.booked
            ]
            return bool(tx.meta(_TROLLEY)), _save(tx, orphans)

        self.planned, released = await self._store.transact(work)
        self._picture.note(released)

    async def work(self) -> TrolleyWork:
        """Return what the page shows."""
        return await self._store.read(_work)

    async def scan(self, label: str) -> None:
        """Put the item with that label on the list.

        Raises:
            RefusedError: no label of ours, on the list or here already, too many, or the plan is made.
        """
        case_number = read_case_number(label)
        if case_number is None:
            raise RefusedError("bad_label")

        def work(tx: Transaction) -> None:
            rows = tx.trolley()
            if tx.meta(_TROLLEY):
                raise RefusedError("trolley_is_planned")
            if case_number in {row.item.case_number for row in rows}:
                raise RefusedError("scanned_already")
            if case_number in items_here(tx):
                raise RefusedError("lies_here")
            if len(rows) >= MOST_ITEMS:
                raise RefusedError("trolley_full")
            position = 1 + max((row.position for row in rows), default=0)
            tx.save_trolley_item(StoredItem(_item(tx, case_number), position))

        await self._store.transact(work)

    async def remove(self, case_number: str) -> None:
        """Take an item off the list; nothing happens once it is planned."""
        await self._store.transact(lambda tx: None if tx.meta(_TROLLEY) else tx.remove_trolley_item(case_number))

    async def resize(self, case_number: str, size: str) -> None:
        """Say how large an item is of which nobody told; of known ones the list of expected cases tells."""

        def work(tx: Transaction) -> None:
            for row in tx.trolley():
                if row.item.case_number == case_number and row.item.recipient_unknown and not tx.meta(_TROLLEY):
                    tx.save_trolley_item(replace(row, item=replace(row.item, size=size)))

        await self._store.transact(work)

    async def make_plan(self) -> None:
        """Reserve a compartment for each item, all in one transaction.

        Raises:
            RefusedError: the list is empty.
            StoreBusyError: nothing is reserved.
        """
        self._store.require_room()
        doors = self._doors.all()

        def work(tx: Transaction) -> list[Compartment]:
            if not tx.trolley():
                raise RefusedError("trolley_empty")
            if tx.meta(_TROLLEY):
                return []
            tx.set_meta(_TROLLEY, str(self._new_id()))
            return _plan_rows(tx, tx.trolley(), doors)

        self._picture.note(await self._store.transact(work))
        self.planned = True

    async def try_again(self) -> None:
        """Plan anew what was not put in, or found no door or no place."""
        doors = self._doors.all()

        def work(tx: Transaction) -> list[Compartment]:
            if not tx.meta(_TROLLEY):
                return []
            failed = [row for row in tx.trolley() if _outcome(tx, row, planned=True)[0] in TO_TRY_AGAIN]
            return _plan_rows(tx, [replace(row, planned=None, visit=None) for row in failed], doors)

        self._picture.note(await self._store.transact(work))

    async def begin_next(self, staff: str) -> NextItem | None:
        """Open the door for the next item; None when none is left.

        Raises:
            AskCitizenError, TryAgainError: nothing was opened, and why.
        """
        self._store.require_room()
        doors = self._doors.all()
        row, changed = await self._store.transact(lambda tx: _next_row(tx, doors))
        self._picture.note(changed)
        if row is None:
            return None

        def work(tx: Transaction, doors: dict[int, Door]) -> Decision:
            booked = tx.compartment(row.planned or 0)
            if booked.booked != row.item.case_number or doors.get(booked.number) is not Door.CLOSED:
                raise RefusedError("trolley_changed")
            item = Item(row.item.case_number, row.item.due, row.item.recipient_unknown)
            decision = self._load.begin(tx, booked.unbook(), doors[booked.number], item, staff)
            tx.save_trolley_item(replace(row, visit=decision.visit.id))
            return decision

        await self._visits.begin(work)
        return await self._store.read(lambda tx: _shown(tx, row))

    async def finish(self, staff: str) -> None:
        """End the trolley: give back what is still reserved, list what differs, print the list.

        Raises:
            StoreBusyError: nothing has ended.
        """

        def work(tx: Transaction) -> tuple[list[Compartment], StoredSlip | None]:
            trolley = tx.meta(_TROLLEY)
            lists = None if not trolley else _lists(tx)
            booked = {row.planned for row in tx.trolley() if row.visit is None}
            released = [each.unbook() for each in tx.compartments() if each.booked and each.number in booked]
            tx.clear_trolley()
            tx.set_meta(_TROLLEY, "")
            slip = None if lists is None else self._tell(tx, UUID(trolley), lists, staff)
            return _save(tx, released), slip

        released, slip = await self._store.transact(work)
        self.planned = False
        self._picture.note(released)
        if slip is not None:
            self._slips.print_soon(slip)

    def _tell(self, tx: Transaction, trolley: UUID, lists: TrolleyLists, staff: str) -> StoredSlip:
        number = new_receipt_number(self._random_below)
        finished = TrolleyFinished(
            trolley=trolley,
            receipt_number=number,
            staff=staff,
            loaded=lists.of("loaded"),
            moved=tuple(
                MovedItem(case_number=case, planned=planned, compartment=found) for case, planned, found in lists.moved
            ),
            doubtful=lists.of("doubtful"),
            not_put_in=(*lists.of("not_put_in"), *lists.of("planned")),
            door_failed=lists.of("door_failed"),
            left_over=lists.of("left_over"),
            not_scanned=lists.not_scanned,
        )
        tx.emit(finished, trolley)
        return self._slips.add(tx, trolley, Slip(number, 0, "trolley", detail=lists.lines()))


def _item(tx: Transaction, case_number: str) -> TrolleyItem:
    """What is known of a scanned case; of an unknown one staff says the size."""
    case = next((each for each in documents.expected(tx) if each.case_number == case_number), None)
    if case is None:
        return TrolleyItem(case_number, "s", recipient_unknown=True)
    return TrolleyItem(case_number, case.size, case.due, case.low)


def _plan_rows(tx: Transaction, rows: Iterable[StoredItem], doors: dict[int, Door]) -> list[Compartment]:
    """Book a place for each of the rows that can have one, and put the rows in the order of the doors."""
    listed = list(rows)
    found = plan([row.item for row in listed], tx.compartments(), doors)
    start = 1 + max((row.position for row in tx.trolley()), default=0)
    for position, row in enumerate(sorted(listed, key=lambda row: _by_door(found, row)), start):
        tx.save_trolley_item(replace(row, position=position, planned=found.places.get(row.item.case_number)))
    return _save(tx, [tx.compartment(number).book(case) for case, number in found.places.items()])


def _by_door(found: Plan, row: StoredItem) -> tuple[bool, int]:
    number = found.places.get(row.item.case_number)
    return (number is None, number or row.position)


def _next_row(tx: Transaction, doors: dict[int, Door]) -> tuple[StoredItem | None, list[Compartment]]:
    """Return the next item that has a place; one whose compartment was lost meanwhile gets another one, if any."""
    changed: list[Compartment] = []
    for row in tx.trolley():
        if row.visit is not None or row.planned is None:
            continue
        booked = tx.compartment(row.planned)
        mine = booked.booked == row.item.case_number
        if mine and booked.allocation is Allocation.RESERVED and doors.get(booked.number) is Door.CLOSED:
            return row, changed
        if mine:
            changed += _save(tx, [booked.unbook()])
        changed += _plan_rows(tx, [replace(row, planned=None)], doors)
        again = next(each for each in tx.trolley() if each.item.case_number == row.item.case_number)
        if again.planned is not None:
            return again, changed
    return None, changed


def _outcome(tx: Transaction, row: StoredItem, *, planned: bool) -> tuple[Outcome, int | None]:
    """Return what became of an item, and its compartment."""
    visit = tx.visit_for(row)
    if visit is None:
        without: Outcome = "left_over" if row.planned is None else "planned"
        # A visit that the store has lost is one that nobody can vouch for.
        lost: Outcome = "listed" if not planned else without
        return ("doubtful" if row.visit is not None else lost), row.planned
    if not visit.ended:
        return "now", visit.compartment
    if visit.step is Step.FAILED:
        return ("not_put_in" if tx.compartment(visit.compartment).in_service else "door_failed"), visit.compartment
    return ("loaded" if visit.step is Step.DONE else "doubtful"), visit.compartment


def _work(tx: Transaction) -> TrolleyWork:
    planned, rows = bool(tx.meta(_TROLLEY)), tx.trolley()
    titles = {each.case_number: each.title for each in documents.expected(tx)}
    shown = []
    for row in rows:
        outcome, number = _outcome(tx, row, planned=planned)
        item = row.item
        title = titles.get(item.case_number, "")
        shown.append(TrolleyRow(item.case_number, title, item.size, item.recipient_unknown, number, outcome))
    return TrolleyWork(tuple(shown), planned, tuple((case, titles[case]) for case in _not_scanned(tx, rows)))


def _shown(tx: Transaction, row: StoredItem) -> NextItem:
    work = _work(tx)
    done = sum(each.outcome not in {"planned", "left_over"} for each in work.rows)
    title = next((each.title for each in work.rows if each.case_number == row.item.case_number), "")
    total = sum(each.outcome != "left_over" for each in work.rows)
    return NextItem(row.item.case_number, title, done, total)


def _not_scanned(tx: Transaction, rows: Iterable[StoredItem]) -> tuple[str, ...]:
    known = items_here(tx) | {row.item.case_number for row in rows}
    return tuple(each.case_number for each in documents.expected(tx) if each.case_number not in known)


def _lists(tx: Transaction) -> TrolleyLists:
    rows = tx.trolley()
    outcomes = [(row, *_outcome(tx, row, planned=True)) for row in rows]
    moved = tuple(
        (row.item.case_number, row.planned, number)
        for row, outcome, number in outcomes
        if outcome == "loaded" and number is not None and row.planned is not None and number != row.planned
    )
    places = tuple((row.item.case_number, outcome, number) for row, outcome, number in outcomes)
    return TrolleyLists(places, moved, _not_scanned(tx, rows))


def _save(tx: Transaction, compartments: list[Compartment]) -> list[Compartment]:
    for each in compartments:
        tx.save(each)
    return compartments
