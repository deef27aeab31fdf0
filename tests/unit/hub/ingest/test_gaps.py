from __future__ import annotations

import itertools
from uuid import UUID

from contract.state import Ack
from hub.ingest.answers import newer
from hub.ingest.gaps import AGAIN_MAX_S, Gaps
from tests.unit.hub.ingest.letters import EPOCH, OTHER_EPOCH, STATION

PAIR = (STATION, EPOCH)


def ack(through: int, seen: int, *, fork: bool = False, ledger: str = OTHER_EPOCH) -> Ack:
    return Ack(ledger=UUID(ledger), epoch=UUID(EPOCH), through=through, seen=seen, fork=fork)


def test_a_gap_is_reported_after_two_seconds() -> None:
    gaps = Gaps()
    gaps.note(PAIR, ack(3, 5), 10.0)
    assert not gaps.old(PAIR, 11.9)
    assert gaps.due(11.9) == []
    assert gaps.old(PAIR, 12.0)
    assert gaps.due(12.0) == [PAIR]


def test_a_gap_that_closes_is_forgotten() -> None:
    gaps = Gaps()
    gaps.note(PAIR, ack(3, 5), 10.0)
    gaps.note(PAIR, ack(5, 5), 11.0)
    assert gaps.due(99.0) == []


def test_progress_starts_the_time_anew() -> None:
    gaps = Gaps()
    gaps.note(PAIR, ack(3, 9), 10.0)
    gaps.note(PAIR, ack(5, 9), 11.9)
    assert not gaps.old(PAIR, 12.5)
    gaps.note(PAIR, ack(5, 10), 12.5)
    assert gaps.old(PAIR, 13.9)


def test_a_gap_that_stays_is_reported_less_and_less_often() -> None:
    gaps = Gaps()
    gaps.note(PAIR, ack(3, 5), 0.0)
    times = [second for second in range(20_000) if gaps.due(float(second))]
    assert times[:4] == [2, 7, 17, 37]
    assert max(b - a for a, b in itertools.pairwise(times)) == AGAIN_MAX_S


def test_of_two_acks_the_one_that_knows_more_is_said() -> None:
    assert newer(ack(5, 5), ack(3, 9)).through == 5
    assert newer(ack(3, 5), ack(5, 5)).through == 5
    assert newer(ack(5, 5, fork=True), ack(6, 6)) == ack(6, 6, fork=True)


def test_a_new_ledger_wins_whatever_it_holds() -> None:
    assert newer(ack(5, 5), ack(0, 0, ledger=EPOCH)) == ack(0, 0, ledger=EPOCH)
