"""What people were told survives, in order, whoever opens the ledger again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hall.ledger import Ledger
from hall.tails import Follower


def test_tells_and_reads(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    Ledger(file, lambda: datetime(2026, 11, 24, 22, 3, tzinfo=UTC)).tell("receipt", receipt_number="7K3M9Q2T8X4")
    again = Ledger(file, lambda: datetime(2026, 11, 25, 8, 30, tzinfo=UTC))
    again.tell("asked", compartment=3)
    assert [told.what for told in again.entries()] == ["receipt", "asked"]
    (asked,) = again.entries("asked")
    assert asked.facts == {"compartment": 3}
    assert asked.at.startswith("2026-11-25T08:30")


def test_follows_only_whole_lines_and_through_rotation(tmp_path: Path) -> None:
    file = tmp_path / "bytes.jsonl"
    follower = Follower(file)
    assert follower.new_lines() == []
    file.write_text("one\ntw")
    assert follower.new_lines() == ["one"]
    file.write_text("one\ntwo\n")
    assert follower.new_lines() == ["two"]
    file.write_text("new\n")
    assert follower.new_lines() == ["new"]
