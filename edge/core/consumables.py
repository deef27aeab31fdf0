"""The receipt printer's roll: how much is left, for how many days, and when a technician must come. Pure.

What nobody measured is unknown, never "plenty": without a stated length nothing is known of a roll until the sensor
says that it is nearly used up, and without a whole day of use there is no forecast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from edge.paper_ports import PaperMeter

WINDOW = timedelta(days=14)
"""The days whose use a forecast is made from."""
WARN_DAYS = 2
"""A roll that ends within so many days is told of: a technician may need a day to come."""

Need = Literal["", "paper_out", "paper_near_end", "paper_low"]
"""Why a technician should bring a roll; keys of the kiosk's texts behind `reason_`."""


@dataclass(frozen=True, slots=True)
class Roll:
    """One roll. `near_end_at_um` is what was printed when the sensor first said that little is left.

    `life`, `counted_um` and `counted_cuts` say up to where which life of the driver's meter is in the sums.
    """

    number: int = 1
    length_mm: int | None = None
    printed_um: int = 0
    cuts: int = 0
    near_end_at_um: int | None = None
    out: bool = False
    put_in: datetime | None = None
    life: str = ""
    counted_um: int = 0
    counted_cuts: int = 0

    @property
    def printed_mm(self) -> int:
        """What was printed on it, rounded up."""
        return -(-self.printed_um // 1000)


def count(roll: Roll, life: str, meter: PaperMeter) -> tuple[Roll, int]:
    """Return the roll with what the meter fed since it was counted last, and how much that is in micrometres.

    Counting the same meter twice adds nothing; a new life of it begins at nothing.
    """
    if roll.out and meter.paper in {"ok", "near_end"}:
        # Somebody put paper in and did not say what: of that roll nothing is known.
        roll = new_roll(roll, None, None)
    known = (roll.counted_um, roll.counted_cuts) if roll.life == life else (0, 0)
    fed, cuts = max(0, meter.fed_um - known[0]), max(0, meter.cuts - known[1])
    counted = replace(
        roll,
        printed_um=roll.printed_um + fed,
        cuts=roll.cuts + cuts,
        life=life,
        counted_um=known[0] + fed,
        counted_cuts=known[1] + cuts,
    )
    return _heard(counted, meter), fed


def new_roll(roll: Roll, length_mm: int | None, at: datetime | None) -> Roll:
    """Return the roll after this one, with nothing printed on it; what the meter fed before stays this one's."""
    return Roll(
        number=roll.number + 1,
        length_mm=length_mm or None,
        put_in=at,
        life=roll.life,
        counted_um=roll.counted_um,
        counted_cuts=roll.counted_cuts,
    )


def left_mm(roll: Roll, near_end_mm: int) -> int | None:
    """Return about how much is left, None when nothing tells. The sensor knows better than sums."""
    if roll.out:
        return 0
    if roll.near_end_at_um is not None:
        return max(0, near_end_mm - (roll.printed_um - roll.near_end_at_um) // 1000)
    return None if roll.length_mm is None else max(0, roll.length_mm - roll.printed_mm)


def days_left(left: int | None, used_um: Mapping[date, int], today: date) -> int | None:
    """Return for how many whole days the rest lasts at the use of the last days, None when that is not known.

    The running day is no whole day; one that already used more than the others is believed.
    """
    if left is None or not used_um:
        return None
    days = (today - max(min(used_um), today - WINDOW)).days
    if days < 1:
        return None
    past = sum(um for day, um in used_um.items() if today - WINDOW <= day < today)
    # Compared as wholes: a mean per day would lose what does not divide.
    in_window = max(past, used_um.get(today, 0) * days)
    return left * 1000 * days // in_window if in_window > 0 else None


def need(roll: Roll, near_end_mm: int, days: int | None) -> Need:
    """Return why a technician should bring a roll, empty when nothing says so."""
    if roll.out:
        return "paper_out"
    if roll.near_end_at_um is not None:
        return "paper_near_end"
    left = left_mm(roll, near_end_mm)
    soon = days is not None and days < WARN_DAYS
    return "paper_low" if soon or (left is not None and left <= near_end_mm) else ""


def _heard(roll: Roll, meter: PaperMeter) -> Roll:
    """Take the sensor's word. Its "ok" after a near end may be a wobble and changes nothing."""
    match meter.paper:
        case "out":
            return replace(roll, out=True)
        case "near_end" if roll.near_end_at_um is None:
            return replace(roll, near_end_at_um=roll.printed_um)
        case _:
            return roll
