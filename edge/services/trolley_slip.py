"""What the list of a finished trolley says on paper: what lies where, and everything that differs. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_TITLES = {
    "loaded": "已装入 Loaded",
    "doubtful": "待查 To be checked",
    "not_put_in": "没有放入 Not put in",
    "planned": "没有放入 Not put in",
    "door_failed": "柜门未开 Door failed",
    "left_over": "没有空柜 No compartment",
}
# The end of a case number is what differs between the items of one day.
_SHOWN = 12
MOST_NOT_SCANNED = 100


@dataclass(frozen=True, slots=True)
class TrolleyLists:
    """Of each item its case, what became of it and where; the moved ones (case, planned, found); the not scanned."""

    places: tuple[tuple[str, str, int | None], ...]
    moved: tuple[tuple[str, int, int], ...]
    not_scanned: tuple[str, ...]

    def of(self, outcome: str) -> tuple[str, ...]:
        """Return the cases with that outcome."""
        return tuple(case for case, became, _ in self.places if became == outcome)

    def lines(self) -> tuple[str, ...]:
        """Return the lines of the slip."""
        lines: list[str] = []
        for outcome, title in _TITLES.items():
            found = [(case, number) for case, became, number in self.places if became == outcome]
            if found:
                lines.append(f"{title}: {len(found)}")
                lines += [f"  …{case[-_SHOWN:]}{f'  {number}' if number else ''}" for case, number in found]
        if self.moved:
            lines.append(f"换了柜子 Moved: {len(self.moved)}")
            lines += [f"  …{case[-_SHOWN:]}  {planned} > {found}" for case, planned, found in self.moved]
        if self.not_scanned:
            lines.append(f"车上没有 Not on trolley: {len(self.not_scanned)}")
            lines += [f"  …{case[-_SHOWN:]}" for case in self.not_scanned[:MOST_NOT_SCANNED]]
        return tuple(lines)
