"""Compartments on disk, and how the station file's list is adopted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contract.events import Purpose
from edge.core.compartment import NOT_FITTED, Allocation, Compartment, Content, Deposit, Item
from edge.errors import BugError
from edge.store.rows import Rows, added, optional, text


class Fitted(NamedTuple):
    """What the station file says of one compartment."""

    number: int
    size: str
    reach: str


class Compartments(Rows):
    """Table `compartments`."""

    def compartments(self) -> list[Compartment]:
        """Return all, in the order of their numbers."""
        return [compartment_of(row) for row in self._all("SELECT * FROM compartments ORDER BY number")]

    def compartment(self, number: int) -> Compartment:
        """Return one.

        Raises:
            BugError: there is no such number; ask `has_compartment` about what a person typed.
        """
        row = self._one("SELECT * FROM compartments WHERE number = ?", number)
        if row is None:
            raise BugError(f"no compartment {number}")
        return compartment_of(row)

    def has_compartment(self, number: int) -> bool:
        """Whether the station has, or had, that number."""
        return self._one("SELECT 1 FROM compartments WHERE number = ?", number) is not None

    def save(self, compartment: Compartment) -> None:
        """Write one, new or changed."""
        content = compartment.content
        item = content if isinstance(content, Item) else None
        self._put(
            "compartments",
            number=compartment.number,
            size=compartment.size,
            reach=compartment.reach,
            allocation=compartment.allocation.value,
            in_service=int(compartment.in_service),
            out_reason=compartment.out_reason,
            purpose=compartment.purpose,
            visit=text(compartment.visit),
            receipt_number=content.receipt_number if isinstance(content, Deposit) else None,
            case_number=item.case_number if item else None,
            due=text(item.due) if item else None,
            recipient_unknown=int(bool(item and item.recipient_unknown)),
            withdrawn=int(bool(item and item.withdrawn)),
            expired_due=text(item.expired_due) if item else None,
            extended=int(bool(item and item.extended)),
            door_seen_open=int(compartment.door_seen_open),
            count=content.count if isinstance(content, Deposit) else None,
            booked=compartment.booked,
        )

    def adopt(self, fitted: Iterable[Fitted], *, doubtful: bool) -> list[Compartment]:
        """Adopt the station file's list and return the compartments that are new here.

        New numbers start free (`doubtful` if the store lost what it knew of them); numbers no longer listed go out of
        service as `not_fitted` and come back when they are listed again. Size and reach follow the file.
        """
        known = {each.number: each for each in self.compartments()}
        new = []
        for number, size, reach in fitted:
            old = known.pop(number, None)
            if old is None:
                fresh = Compartment(number, size, reach)
                new.append(fresh.mark_doubtful() if doubtful else fresh)
                self.save(new[-1])
                continue
            adopted = replace(old, size=size, reach=reach)
            adopted = adopted.return_to_service() if adopted.out_reason == NOT_FITTED else adopted
            if adopted != old:
                self.save(adopted)
        for gone in known.values():
            self.save(gone.take_out(NOT_FITTED))
        return new


def compartment_of(row: sqlite3.Row) -> Compartment:
    """Read one row; `ValueError` when it holds what this program never wrote."""
    return Compartment(
        number=row["number"],
        size=row["size"],
        reach=row["reach"],
        allocation=Allocation(row["allocation"]),
        in_service=bool(row["in_service"]),
        out_reason=row["out_reason"],
        purpose=optional(Purpose, row["purpose"]),
        visit=optional(UUID, row["visit"]),
        content=_content(row),
        door_seen_open=bool(row["door_seen_open"]),
        booked=added(row, "booked"),
    )


def _content(row: sqlite3.Row) -> Content | None:
    if row["case_number"] is not None:
        due = optional(datetime.fromisoformat, row["due"])
        return Item(
            row["case_number"],
            due,
            bool(row["recipient_unknown"]),
            withdrawn=bool(added(row, "withdrawn")),
            expired_due=optional(datetime.fromisoformat, added(row, "expired_due")),
            extended=bool(added(row, "extended")),
        )
    number = row["receipt_number"]
    return None if number is None else Deposit(number, added(row, "count"))
