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
    """Table `blanks`."""

    def blanks(self) -> dict[str, Blank]:
        """Return every sheet by its number."""
        return {row["number"]: _blank(row) for row in self._all("SELECT * FROM blanks")}

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


def _blank(row: sqlite3.Row) -> Blank:
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
