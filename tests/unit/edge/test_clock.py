from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.clock import Clock, ShiftedClock, SystemClock


def _near(moment: datetime, expected: datetime) -> bool:
    return abs(moment - expected) < timedelta(seconds=5)


@pytest.mark.parametrize("zone_hours", [8])
def test_the_system_clock_is_aware_and_in_the_zone(zone_hours: int) -> None:
    clock: Clock = SystemClock("Asia/Shanghai")
    assert clock.now().utcoffset() == timedelta(hours=zone_hours)
    assert _near(clock.now(), datetime.now(UTC))
    assert isinstance(clock.synced, bool)
    assert clock.monotonic() <= clock.monotonic()


def test_no_file_is_no_shift(tmp_path: Path) -> None:
    clock = ShiftedClock("Asia/Shanghai", tmp_path / "shift")
    assert _near(clock.now(), datetime.now(UTC))
    assert clock.synced


@pytest.mark.parametrize(("text", "seconds"), [("-3600\n", -3600), ("259200.5", 259200.5), ("60 unsynced", 60)])
def test_the_file_shifts_the_clock(tmp_path: Path, text: str, seconds: float) -> None:
    file = tmp_path / "shift"
    file.write_text(text)
    clock = ShiftedClock("Asia/Shanghai", file)
    assert _near(clock.now(), datetime.now(UTC) + timedelta(seconds=seconds))
    assert clock.synced is ("unsynced" not in text)


def test_the_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "shift"
    clock = ShiftedClock("Asia/Shanghai", file)
    for step, seconds in enumerate((100, 900)):
        file.write_text(str(seconds))
        os.utime(file, (step, step))
        assert _near(clock.now(), datetime.now(UTC) + timedelta(seconds=seconds))
    file.unlink()
    assert _near(clock.now(), datetime.now(UTC))


@pytest.mark.parametrize("text", ["", "soon", "1e999"])
def test_a_half_written_file_keeps_the_last_reading(tmp_path: Path, text: str) -> None:
    file = tmp_path / "shift"
    file.write_text("7200")
    clock = ShiftedClock("Asia/Shanghai", file)
    clock.now()
    file.write_text(text)
    assert _near(clock.now(), datetime.now(UTC) + timedelta(seconds=7200))
