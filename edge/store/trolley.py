"""The trolley that is being loaded: what was scanned, where it is to go, and the visit that put it there.

How far an item is stands in its visit, so that a crash between the two leaves nothing to bring together.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from edge.core.trolley import TrolleyItem
from edge.core.visit import Visit
from edge.store.rows import Rows, optional, text
from edge.store.visits import visit_of


@dataclass(frozen=True, slots=True)
class StoredItem:
    """One item; `planned` its booked compartment, `visit` the visit that was begun for it."""

    item: TrolleyItem
    position: int
    planned: int | None = None
    visit: UUID | None = None


class Trolley(Rows):
    """Table `trolley`: one at a time, in the order of scanning or, once planned, of the doors."""

    def trolley(self) -> list[StoredItem]:
        """Return all items in order."""
        return [trolley_item_of(row) for row in self._all("SELECT * FROM trolley ORDER BY position")]

    def save_trolley_item(self, stored: StoredItem) -> None:
        """Write one, new or changed."""
        self._put(
            "trolley",
            case_number=stored.item.case_number,
            position=stored.position,
            size=stored.item.size,
            due=text(stored.item.due),
            low=int(stored.item.low),
            recipient_unknown=int(stored.item.recipient_unknown),
            planned=stored.planned,
            visit=text(stored.visit),
        )

    def remove_trolley_item(self, case_number: str) -> None:
        """Take one off the list."""
        self._connection.execute("DELETE FROM trolley WHERE case_number = ?", (case_number,))

    def clear_trolley(self) -> None:
        """Forget the trolley."""
        self._connection.execute("DELETE FROM trolley")

    def visit_for(self, stored: StoredItem) -> Visit | None:
        """Return the visit that was begun for an item, or None: none was, or the store has lost it."""
        row = self._one("SELECT * FROM visits WHERE id = ?", text(stored.visit))
        return None if row is None else visit_of(row)


def trolley_item_of(row: sqlite3.Row) -> StoredItem:
    """Read one row; `ValueError` when it holds what this program never wrote."""
    due = optional(datetime.fromisoformat, row["due"])
    item = TrolleyItem(row["case_number"], row["size"], due, bool(row["low"]), bool(row["recipient_unknown"]))
    return StoredItem(item, row["position"], row["planned"], optional(UUID, row["visit"]))
