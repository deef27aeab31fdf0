"""A very short run of every entry, and a runner that finds what is planted; long runs: `python -m tests.fuzz`."""

from __future__ import annotations

import random
import signal

import pytest

from tests.fuzz import ENTRIES
from tests.fuzz.drive_images import Sectors
from tests.fuzz.entries_drives import DriveReader
from tests.fuzz.mutate import LONGEST, mutate
from tests.fuzz.runner import ElsewhereError, Entry, run


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_nothing_is_found_in_a_short_run(entry: Entry) -> None:
    outcome = run(entry, 20261124, seconds=1.0, runs=len(entry.seeds) + 400)
    assert outcome.findings == []
    assert outcome.runs >= len(entry.seeds)


def test_a_planted_fault_is_found() -> None:
    def feed(data: bytes) -> None:
        if len(data) > 4 and data[0] == 0xAA and data[1] > len(data):
            raise IndexError("length believed")
        raise ValueError("refused")

    outcome = run(Entry("planted", feed, [b"\xaa\x04abcd"], (ValueError,)), 7, runs=2000)
    assert [finding.what.split(" ")[0] for finding in outcome.findings] == ["IndexError"]
    assert outcome.findings[0].data[1] > len(outcome.findings[0].data)
    assert outcome.refused > 0


def test_a_reader_that_dies_is_found_and_started_again() -> None:
    reader = DriveReader("fat12")
    (honest,) = Sectors("fat12")
    reader.feed(honest)
    assert reader.child is not None
    reader.child.send_signal(signal.SIGSEGV)
    reader.child.wait()
    with pytest.raises(ElsewhereError, match="Segmentation fault"):
        reader.feed(honest)
    reader.feed(honest)


def test_a_slow_reader_is_found() -> None:
    outcome = run(Entry("slow", lambda data: None, [b"x"], slow_s=-1.0), 7, runs=1)
    assert outcome.findings[0].what.startswith("slow")


def test_the_same_seed_makes_the_same_inputs() -> None:
    fed: list[list[bytes]] = [[], []]
    for each in fed:
        run(Entry("same", each.append, [b"one seed", b"another"]), 3, runs=300)
    assert fed[0] == fed[1]
    assert len(set(fed[0])) > 200


def test_an_input_never_grows_without_end() -> None:
    rng, data = random.Random(1), b"grow"
    for _ in range(2000):
        data = mutate(rng, data, [b"x" * 5000])
        assert len(data) <= LONGEST
