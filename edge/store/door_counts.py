"""How often each door was seen open, and since when a technician looked after it."""

from __future__ import annotations

from typing import NamedTuple

from edge.store.rows import Rows


class DoorCount(NamedTuple):
    """One door: openings ever, openings at its last upkeep, and whether it was said since that upkeep is due."""

    number: int
    openings: int
    serviced_at: int
    told: bool

    @property
    def since_service(self) -> int:
        """Openings since the last upkeep."""
        return self.openings - self.serviced_at


class DoorCounts(Rows):
    """Table `doors`: a row from a door's first opening on."""

    def door_counts(self) -> dict[int, DoorCount]:
        """Return all, by number."""
        return {row["number"]: DoorCount(*row) for row in self._all("SELECT * FROM doors ORDER BY number")}

    def count_opening(self, number: int) -> None:
        """Count one opening."""
        self._connection.execute(
            """INSERT INTO doors (number, openings, serviced_at, told) VALUES (?, 1, 0, 0)
               ON CONFLICT (number) DO UPDATE SET openings = openings + 1""",
            (number,),
        )

    def note_told(self, number: int) -> None:
        """Remember that its upkeep was called for."""
        self._connection.execute("UPDATE doors SET told = 1 WHERE number = ?", (number,))

    def note_serviced(self, number: int) -> None:
        """Begin to count anew."""
        self._connection.execute("UPDATE doors SET serviced_at = openings, told = 0 WHERE number = ?", (number,))
