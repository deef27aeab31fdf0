"""The receipt printer's rolls, the newest being the one inside, and how much paper each day took."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date, datetime

from edge.core import consumables
from edge.core.consumables import Roll
from edge.paper_ports import PaperMeter
from edge.store.rows import Rows

_DAYS_KEPT = 60


class RollRows(Rows):
    """Tables `paper_rolls` and `paper_use`."""

    def roll(self) -> Roll:
        """Return the roll that is inside; one of which nothing is known before any was counted."""
        rows = self._all("SELECT * FROM paper_rolls ORDER BY number DESC LIMIT 1")
        return _roll(*rows[0]) if rows else Roll()

    def today(self) -> date:
        """Return the day by the station's clock, as `paper_use` names days."""
        return self._now().date()

    def paper_use(self) -> dict[date, int]:
        """Return how many micrometres each of the last days took."""
        return {date.fromisoformat(row["day"]): row["um"] for row in self._all("SELECT day, um FROM paper_use")}

    def count_paper(self, life: str, meter: PaperMeter) -> Roll:
        """Add what a meter fed since it was last counted; counting it again adds nothing."""
        roll, fed = consumables.count(self.roll(), life, meter)
        self._save_roll(roll)
        if fed:
            self._connection.execute(
                "INSERT INTO paper_use (day, um) VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET um = um + excluded.um",
                (self._now().date().isoformat(), fed),
            )
            self._connection.execute(
                "DELETE FROM paper_use WHERE day NOT IN (SELECT day FROM paper_use ORDER BY day DESC LIMIT ?)",
                (_DAYS_KEPT,),
            )
        return roll

    def put_in_roll(self, length_mm: int | None) -> Roll:
        """A person put a new roll in; count the meter before."""
        roll = consumables.new_roll(self.roll(), length_mm, self._now())
        self._save_roll(roll)
        return roll

    def _save_roll(self, roll: Roll) -> None:
        put_in = roll.put_in.isoformat() if roll.put_in else None
        values = [put_in if isinstance(value, datetime) else value for value in astuple(roll)]
        self._connection.execute(f"INSERT OR REPLACE INTO paper_rolls VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608  only question marks


def _roll(
    number: int,
    length_mm: int | None,
    printed_um: int,
    cuts: int,
    near_end_at_um: int | None,
    out: int,
    put_in: str | None,
    life: str,
    counted_um: int,
    counted_cuts: int,
) -> Roll:
    at = datetime.fromisoformat(put_in) if put_in else None
    return Roll(number, length_mm, printed_um, cuts, near_end_at_um, bool(out), at, life, counted_um, counted_cuts)
