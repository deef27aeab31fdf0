"""The roll's rules: what was fed is counted once, what nobody measured is unknown, the sensor knows better."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core import consumables
from edge.core.consumables import Roll
from edge.paper_ports import PaperMeter
from edge.printers.receipt import length
from edge.printers.receipt.codec import slip
from edge.store.roll_rows import RollRows
from edge.store.schema import migrate

Word = Literal["ok", "near_end", "out", "unknown"]
WORDS: tuple[Word, ...] = get_args(Word)
TODAY = date(2026, 11, 25)
NEAR = 2_000


def _used(*metres: float) -> dict[date, int]:
    """The use of the days up to today, which is the last."""
    return {TODAY - timedelta(days=at): int(m * 1_000_000) for at, m in enumerate(reversed(metres))}


def test_nothing_is_known_of_a_roll_of_no_stated_length_until_the_sensor_speaks() -> None:
    roll, _ = consumables.count(Roll(), "a", PaperMeter(fed_um=5_000_000, paper="ok"))
    assert consumables.left_mm(roll, NEAR) is None
    assert consumables.days_left(None, _used(1, 1, 1), TODAY) is None
    assert not consumables.need(roll, NEAR, None)
    near, _ = consumables.count(roll, "a", PaperMeter(fed_um=5_500_000, paper="near_end"))
    assert (consumables.left_mm(near, NEAR), consumables.need(near, NEAR, None)) == (NEAR, "paper_near_end")


def test_near_end_puts_the_estimate_right_and_a_wobble_does_not() -> None:
    roll = consumables.new_roll(Roll(), 50_000, None)
    said: tuple[tuple[int, Word, int], ...] = (
        (1_000, "ok", 49_000),
        (1_100, "near_end", 2_000),
        (1_600, "ok", 1_500),
        (1_700, "near_end", 1_400),
        (9_000, "near_end", 0),
    )
    for fed_mm, paper, left in said:
        roll, _ = consumables.count(roll, "a", PaperMeter(fed_um=fed_mm * 1_000, paper=paper))
        assert consumables.left_mm(roll, NEAR) == left


def test_paper_that_came_back_unsaid_is_another_roll_of_which_nothing_is_known() -> None:
    roll = consumables.new_roll(Roll(), 50_000, None)
    roll, _ = consumables.count(roll, "a", PaperMeter(fed_um=10, paper="out"))
    assert (consumables.left_mm(roll, NEAR), consumables.need(roll, NEAR, None)) == (0, "paper_out")
    again, fed = consumables.count(roll, "a", PaperMeter(fed_um=30, paper="ok"))
    assert (again.number, again.printed_um, fed) == (roll.number + 1, 20, 20)
    assert consumables.left_mm(again, NEAR) is None


@pytest.mark.parametrize(
    ("used", "days"),
    [
        ({}, None),
        (_used(3), None),
        (_used(2, 0), 5),
        (_used(1, 3, 0.5), 5),
        (_used(1, 1, 5), 2),
        (_used(0, 0), None),
        ({TODAY - timedelta(days=40): 9_000_000} | _used(7, 0), 20),
    ],
    ids=["none", "today only", "a day", "mean", "a busy today", "no use", "old days are nothing"],
)
def test_forecast(used: dict[date, int], days: int | None) -> None:
    assert consumables.days_left(10_000, used, TODAY) == days


def test_a_technician_is_wanted_before_the_end() -> None:
    roll = consumables.new_roll(Roll(), 50_000, None)
    assert not consumables.need(roll, NEAR, None)
    assert not consumables.need(roll, NEAR, 2)
    assert consumables.need(roll, NEAR, 1) == "paper_low"
    spent, _ = consumables.count(roll, "a", PaperMeter(fed_um=48_000_000, paper="ok"))
    assert consumables.need(spent, NEAR, None) == "paper_low"


def test_lengths_of_bytes() -> None:
    band = b"\x1d\x76\x30\x00\x48\x00" + (203).to_bytes(2, "little") + b"\x1d\x56\n" * 24 * 203
    assert length.fed(PaperMeter(), band) == PaperMeter(fed_um=25_400)
    text = length.fed(PaperMeter(), slip(["受理回执", "", "x" * 49]))
    assert (text.fed_um, text.cuts) == (4 * 4_234 + 15_000, 1)


class _Rows(RollRows):
    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection, lambda: datetime(2026, 11, 25, tzinfo=UTC))


@dataclass(frozen=True)
class Print:
    """The head moves, and its sensor says a word."""

    um: int
    word: Word


_PRINTS = st.builds(Print, st.integers(0, 500_000), st.sampled_from(WORDS))
_ACTS = st.lists(st.one_of(_PRINTS, st.sampled_from(["count", "kill", "restart", "new"])), max_size=40)


@given(_ACTS)
def test_what_was_printed_and_counted_is_never_lost_or_negative(acts: list[Print | str]) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    migrate(connection)
    rows, life, meter, counted, truth = _Rows(connection), 0, PaperMeter(), 0, 0
    for act in acts:
        match act:
            case Print(um, word):
                meter = PaperMeter(meter.fed_um + um, meter.cuts + 1, word)
                continue
            case "new":
                rows.count_paper(str(life), meter)
                rows.put_in_roll(80_000)
            case "count" | "restart":
                rows.count_paper(str(life), meter)
            case _:
                # What was not counted before the kill is gone with the process; nothing else may be.
                meter = PaperMeter(counted)
        truth, counted = truth + meter.fed_um - counted, meter.fed_um
        if act in {"kill", "restart"}:
            life, meter, counted = life + 1, PaperMeter(), 0
            assert rows.count_paper(str(life), meter).printed_um >= 0
        rolls = connection.execute("SELECT printed_um, cuts FROM paper_rolls").fetchall()
        assert all(roll["printed_um"] >= 0 and roll["cuts"] >= 0 for roll in rolls)
        assert _total(connection) == truth == sum(rows.paper_use().values())
    lefts = [consumables.left_mm(rows.roll(), NEAR)]
    assert all(left is None or left >= 0 for left in lefts)
    connection.close()


def _total(connection: sqlite3.Connection) -> int:
    total: int = connection.execute("SELECT COALESCE(SUM(printed_um), 0) FROM paper_rolls").fetchone()[0]
    return total
