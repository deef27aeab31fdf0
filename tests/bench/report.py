"""How benches print: rows under a head, quantiles, targets held or missed, and how busy the machine was."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

NAME_WIDTH = 46
WIDTH = 11


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of all lie (no interpolation); not a number when there are none."""
    if not values:
        return float("nan")
    return sorted(values)[int(share * (len(values) - 1))]


def machine() -> str:
    """Cores and load of this moment; a figure of a shared machine means nothing without them."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def print_head(title: str, *columns: str) -> None:
    """The first row of a table."""
    print(f"{title:{NAME_WIDTH}}" + "".join(f"{column:>{WIDTH}}" for column in columns), flush=True)


def print_row(name: str, *cells: str) -> None:
    """One row of a table."""
    print(f"  {name:{NAME_WIDTH - 2}}" + "".join(f"{cell:>{WIDTH}}" for cell in cells), flush=True)


def print_targets(held: Mapping[str, bool]) -> bool:
    """Say of each target whether it holds; return whether all do."""
    for target, holds in held.items():
        print(f"  {'holds ' if holds else 'MISSED'} {target}", flush=True)
    return all(held.values())
