"""Where the items of a whole trolley go, before a single door opens. Pure.

Sizes are nested: what fits a small compartment fits every larger one. So a set of items can be placed exactly if, for
each size, no more of them need at least that size than there are such compartments; nothing has to be tried out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.core.compartment import SIZES, Compartment, usable
from edge.ports import Door

MOST_ITEMS = 60
_REACH_FOR_LOW = ("low", "middle", "high")
# Low doors are left to those who need them for as long as there is another.
_REACH_FOR_ALL = ("middle", "high", "low")


@dataclass(frozen=True, slots=True)
class TrolleyItem:
    """One item on the trolley; `low`: its recipient needs a compartment low down."""

    case_number: str
    size: str
    due: datetime | None = None
    low: bool = False
    recipient_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Which compartment each case is meant for, and the cases for which none is left."""

    places: Mapping[str, int]
    left_over: tuple[str, ...] = ()


def plan(items: Sequence[TrolleyItem], compartments: Iterable[Compartment], doors: Mapping[int, Door]) -> Plan:
    """Place as many items as can be placed, all of them if that is possible; who is due first is never left for later.

    Low items get a low door unless another item would be left over for it; every item gets the smallest compartment
    that fits, so that large ones stay free. A door missing in `doors` is unknown, and is not used.
    """
    free = [each for each in compartments if usable(each, doors)]
    accepted: list[TrolleyItem] = []
    for item in sorted(items, key=_urgency):
        if _all_fit([*accepted, item], free):
            accepted.append(item)
    places = _place_low(accepted, free)
    rest = [item for item in accepted if item.case_number not in places]
    left = [each for each in free if each.number not in places.values()]
    for item in sorted(rest, key=lambda each: (-SIZES.index(each.size), *_urgency(each))):
        chosen = min((each for each in left if _fits(item, each)), key=lambda each: _order(item, each))
        left.remove(chosen)
        places[item.case_number] = chosen.number
    known = {item.case_number for item in accepted}
    return Plan(places, tuple(item.case_number for item in items if item.case_number not in known))


def _place_low(accepted: Sequence[TrolleyItem], free: Sequence[Compartment]) -> dict[str, int]:
    """Give low doors to those who need them, as far as everybody else still fits."""
    places: dict[str, int] = {}
    left, rest = list(free), list(accepted)
    for item in sorted((each for each in accepted if each.low), key=_urgency):
        others = [each for each in rest if each is not item]
        low = (each for each in left if each.reach == "low" and _fits(item, each))
        for candidate in sorted(low, key=lambda each: _order(item, each)):
            if _all_fit(others, [each for each in left if each is not candidate]):
                places[item.case_number] = candidate.number
                left.remove(candidate)
                rest = others
                break
    return places


def _all_fit(items: Sequence[TrolleyItem], free: Sequence[Compartment]) -> bool:
    return all(
        sum(SIZES.index(item.size) >= least for item in items) <= sum(SIZES.index(each.size) >= least for each in free)
        for least in range(len(SIZES))
    )


def _fits(item: TrolleyItem, compartment: Compartment) -> bool:
    return SIZES.index(compartment.size) >= SIZES.index(item.size)


def _urgency(item: TrolleyItem) -> tuple[bool, float, str]:
    """Soonest due first, without a date last."""
    return (item.due is None, item.due.timestamp() if item.due else 0.0, item.case_number)


def _order(item: TrolleyItem, compartment: Compartment) -> tuple[int, int, int]:
    reach = _REACH_FOR_LOW if item.low else _REACH_FOR_ALL
    return (SIZES.index(compartment.size), reach.index(compartment.reach), compartment.number)
