"""The blanks of this station: one row for each numbered sheet that it ever received. What happens to them is decided
in `edge/core/stock.py`; rows are never deleted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from uuid import UUID

from edge.core.stock import Blank, Place
from edge.store.rows import Rows, optional, text


class Blanks(Rows):
    """Tables `blanks` and `stock_ranges`."""

    def blanks(self) -> dict[str, Blank]:
        """Return every sheet by its number."""
        return {row["number"]: blank_of(row) for row in self._all("SELECT * FROM blanks")}

    def save_blanks(self, changed: Iterable[Blank]) -> None:
        """Write sheets that a step changed; in the transaction of what it did."""
        for blank in changed:
            self._put(
                "blanks",
                number=blank.number,
                kind=blank.kind,
                place=blank.place.value,
                tray=blank.tray,
                position=blank.order,
                job=text(blank.job),
                certificate=blank.certificate,
                reason=blank.reason,
            )

    def note_range(self, kind: str, first: str, last: str, sheets: int, staff: str) -> None:
        """Keep what was received, apart from the sheets: the count of one is checked against the other."""
        at = self._now().isoformat()
        self._put("stock_ranges", first=first, last=last, kind=kind, sheets=sheets, staff=staff, at=at)

    def received_blanks(self) -> dict[str, int]:
        """Return how many sheets of each kind were ever received."""
        sums = self._all("SELECT kind, sum(sheets) AS sheets FROM stock_ranges GROUP BY kind")
        return {row["kind"]: row["sheets"] for row in sums}


def blank_of(row: sqlite3.Row) -> Blank:
    """Return the sheet of a row; raises ValueError for one that makes no sense."""
    return Blank(
        number=row["number"],
        kind=row["kind"],
        place=Place(row["place"]),
        tray=row["tray"],
        order=row["position"],
        job=optional(UUID, row["job"]),
        certificate=row["certificate"],
        reason=row["reason"],
    )
