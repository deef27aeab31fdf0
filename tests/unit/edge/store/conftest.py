"""Where a store under test lies, and the clock it reads."""

from pathlib import Path

import pytest

from tests.unit.edge.hand_clock import HandClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "station" / "station.db"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()
