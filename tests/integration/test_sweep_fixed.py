"""The part of every sweep that each test run plays; `make sweep` plays all of it (`python -m tests.sweep`)."""

from __future__ import annotations

import os

import pytest

from tests.sweep.runner import Book, run_sweep, spread
from tests.sweep.sweeps import SWEEPS

LANES = min(2, os.cpu_count() or 1)
# How many of each, evenly spread over all cases, or the cases by name.
PARTS: dict[str, int | tuple[str, ...]] = {
    "edge-kills": 4,
    "edge-recovery": ("5:1", "20:3"),
    "edge-crashes": ("crash:1", "crash:2"),
    "power-cuts": ("fdatasync:12", "fdatasync:30"),
    "hub-kills": 3,
    "hub-crashes": ("crash:1",),
    "database": ("moment:deposit", "hubs:1"),
    "network": ("black-hole:staff", "flapping:1"),
    "broker-kills": ("long:staff", "flapping:1"),
    "broker-kills-iotcore": ("short:staff",),
    "noise": ("duplicates:1", "garbage:1", "strangers:1"),
    "old-store": ("staff:code", "staff:healed"),
    "clones": ("staff:1",),
    "restored-hub": ("renewed:staff:healed", "unsaid:staff:healed"),
}


def test_every_sweep_has_its_part() -> None:
    assert set(PARTS) == set(SWEEPS)


@pytest.mark.parametrize("name", PARTS)
async def test_a_part_of_the_sweep(
    name: str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    # Sockets lie in it, whose paths may be 107 bytes long; a folder named after the test would be too much.
    folder = tmp_path_factory.mktemp("sweep")
    sweep, part = SWEEPS[name](), PARTS[name]
    cases = list(part) if isinstance(part, tuple) else spread(every := await sweep.cases(folder), part)
    outcomes = await run_sweep(sweep, cases, folder, Book(folder / "book.jsonl"), lanes=LANES, say=lambda _: None)
    with capsys.disabled():
        of = f"{len(cases)} of {len(every)}" if isinstance(part, int) else f"{len(cases)}"
        print(f"\n{name}: {of}: {', '.join(cases)}; {sum(each.kills for each in outcomes)} kills", end=" ")
    assert [outcome.line for outcome in outcomes if outcome.problems] == []
    assert [outcome.case for outcome in outcomes] == cases
