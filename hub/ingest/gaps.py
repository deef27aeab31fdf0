"""Gaps are reported after 2 s: until then what is missing may still be on its way through another hub."""

from __future__ import annotations

from dataclasses import dataclass

from contract.state import Ack

REPORT_AFTER_S = 2.0
AGAIN_MIN_S, AGAIN_MAX_S = 5.0, 600.0
MOST = 10_000
"""So many epochs with gaps are watched; beyond, stations resend by themselves anyway."""

Pair = tuple[str, str]


@dataclass
class _Gap:
    since: float
    through: int
    next_at: float
    pause: float = AGAIN_MIN_S


class Gaps:
    """Which epochs have had a gap for how long. Pure: the time comes in."""

    def __init__(self) -> None:
        self._gaps: dict[Pair, _Gap] = {}

    def note(self, pair: Pair, ack: Ack, now: float) -> None:
        """See an epoch as a commit left it. Progress starts the time anew."""
        known = self._gaps.get(pair)
        if ack.seen <= ack.through:
            self._gaps.pop(pair, None)
        elif (known is None or known.through != ack.through) and len(self._gaps) < MOST:
            self._gaps[pair] = _Gap(now, ack.through, now + REPORT_AFTER_S)

    def old(self, pair: Pair, now: float) -> bool:
        """Whether the epoch's gap is to be named in an ack sent now."""
        gap = self._gaps.get(pair)
        return gap is not None and now - gap.since >= REPORT_AFTER_S

    def due(self, now: float) -> list[Pair]:
        """Return the epochs whose gap is to be reported now, each less and less often."""
        found = [pair for pair, gap in self._gaps.items() if gap.next_at <= now]
        for pair in found:
            gap = self._gaps[pair]
            gap.next_at, gap.pause = now + gap.pause, min(gap.pause * 2, AGAIN_MAX_S)
        return found

    def forget(self, pair: Pair) -> None:
        """The epoch is gone."""
        self._gaps.pop(pair, None)
