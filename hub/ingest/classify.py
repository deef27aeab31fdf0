"""Which of the arrived events are new, and which are duplicates, forks, or known under another number. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hub.ingest.arrived import Arrived, State
from hub.ingest.lookup import Key, Primary


@dataclass
class Classified:
    """`new` are to be stored under their keys; `forks` are kept apart; duplicates are nowhere."""

    new: list[Arrived] = field(default_factory=list)
    forks: list[Arrived] = field(default_factory=list)


def classify(arrived: Iterable[Arrived], keys: Mapping[Key, str], ids: Mapping[tuple[str, str], Primary]) -> Classified:
    """Judge the events in the order of their arrival, against what is stored and against each other."""
    result = Classified()
    taken = dict(keys)
    firsts = {name: (primary.epoch, primary.seq) for name, primary in ids.items()}
    for event in arrived:
        holder = taken.get(event.key)
        if holder is not None:
            if holder != event.id:
                result.forks.append(event)
            continue
        taken[event.key] = event.id
        name = (event.station, event.id)
        if name in firsts:
            event.state = State.KNOWN_ID
        else:
            firsts[name] = (event.epoch, event.seq)
        result.new.append(event)
    return result


def walk(through: int, through_id: str | None, ids: Mapping[int, str]) -> tuple[int, str | None]:
    """Return how far numbers follow `through` without a gap, and the id there."""
    while (next_id := ids.get(through + 1)) is not None:
        through, through_id = through + 1, next_id
    return through, through_id


def missing_between(through: int, seen: int, stored: Iterable[int], limit: int = 100) -> tuple[tuple[int, int], ...]:
    """Return the gaps between `through` and `seen`; `stored` are the numbers above `through` in rising order."""
    gaps: list[tuple[int, int]] = []
    before = through
    for number in stored:
        if number > before + 1:
            gaps.append((before + 1, number - 1))
            if len(gaps) == limit:
                return tuple(gaps)
        before = number
    return tuple(gaps) if before >= seen else (*gaps, (before + 1, seen))[:limit]
