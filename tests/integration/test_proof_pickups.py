"""The proof over pickups in short (`python -m tests.proofs pickups` plays 1,000): faults alone, and a few in a row."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator

import pytest

from tests.proofs.faults import FAULTS, Plan, draw
from tests.proofs.pickups import Pickups

SEED = 20261124


@pytest.fixture(scope="module")
def pickups() -> Iterator[Pickups]:
    made = Pickups()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("fault", "how"),
    [
        ("jam", "case"),
        ("sensor_stuck_closed", "case"),
        ("unplug", "case or collected"),
        ("power_cut", "collected"),
        ("forced_beside", "case"),
        ("disk_busy", "collected"),
        ("no_paper", "collected"),
    ],
)
def test_one_fault_in_the_moment_of_the_tap(fault: str, how: str, pickups: Pickups) -> None:
    ended = pickups.one(1, Plan(((fault, 0.0),), "usual"))
    assert ended.wrong == ()
    assert ended.how in how.split(" or ")


def test_pickups_in_a_row(pickups: Pickups) -> None:
    ended = [pickups.one(seed) for seed in range(SEED, SEED + 8)]
    assert [each for each in ended if each.wrong] == []
    assert {each.how for each in ended} >= {"collected"}


def test_every_fault_is_drawn_now_and_then() -> None:
    drawn = [draw(random.Random(seed)) for seed in range(1000)]
    assert {name for plan in drawn for name, _ in plan.faults} == set(FAULTS)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("DELETE FROM slips", "a case without a slip"),
        ("UPDATE slips SET state = 'waiting'", "is waiting"),
        ("UPDATE visits SET case_number = NULL", "a case without a slip"),
    ],
)
def test_a_case_that_is_not_told_is_noticed(broken: str, said: str, pickups: Pickups) -> None:
    def broken_first() -> None:
        with sqlite3.connect(pickups.bench.database) as sql:
            sql.execute(broken)
        sql.close()

    pickups.before_judging = broken_first
    ended = pickups.one(2, Plan((("jam", 0.0),), "usual"))
    pickups.before_judging = lambda: None
    assert ended.how == "case"
    assert said in "; ".join(ended.wrong)
