"""How many waiting places the station has given; no person is in it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from edge.store.rows import Rows


@dataclass(frozen=True, slots=True)
class WaitingPlace:
    """One place, until its night ends."""

    receipt_number: str
    size: str
    expires_at: datetime


class Waiting(Rows):
    """Table `waiting`."""

    def waiting_places(self) -> list[WaitingPlace]:
        """Return all that were not ended."""
        return [waiting_place_of(row) for row in self._all("SELECT * FROM waiting")]

    def save_waiting_place(self, place: WaitingPlace) -> None:
        """Write a new one."""
        self._put(
            "waiting",
            receipt_number=place.receipt_number,
            size=place.size,
            expires_at=place.expires_at.isoformat(),
        )

    def end_waiting_places(self, now: datetime) -> None:
        """Forget those whose night is over."""
        self._connection.execute("DELETE FROM waiting WHERE datetime(expires_at) <= datetime(?)", (now.isoformat(),))


def waiting_place_of(row: sqlite3.Row) -> WaitingPlace:
    """Read one row; `ValueError` when it holds what this program never wrote."""
    return WaitingPlace(row["receipt_number"], row["size"], datetime.fromisoformat(row["expires_at"]))
