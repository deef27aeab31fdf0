"""Every hostile drive through the worker's own jobs, in one process; through the driver: `python -m tests.hostile`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.drive_case import DriveCase, drive, offers, refuses
from tests.hostile.drive_parts import FatDrive
from tests.hostile.drives import Eyes, cases, opened_eyes, wrong

CASES = cases()


@pytest.fixture(scope="module")
def eyes() -> Iterator[Eyes]:
    with opened_eyes("drive_one") as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_hostile_drive_gets_through(case: DriveCase, eyes: Eyes, tmp_path: Path) -> None:
    assert wrong(case, eyes.look(case, tmp_path / "image")) == []
    # Not kept until the end of the run: some are 48 MiB.
    (tmp_path / "image").unlink()


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    "expected",
    [refuses("broken"), offers({}), offers({"ok.pdf": "active"}), offers({"no.pdf": "clean"}), offers({}, count=2)],
    ids=["refused", "nothing", "verdict", "name", "count"],
)
def test_a_drive_that_is_not_as_expected_would_be_noticed(expected: object, eyes: Eyes, tmp_path: Path) -> None:
    case = drive("honest", "nothing", lambda: FatDrive().done(), expected)  # type: ignore[arg-type]  # of pytest's list
    assert wrong(case, eyes.look(case, tmp_path / "image")) != []
