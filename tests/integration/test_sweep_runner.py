"""The runner of the sweeps: spread parts, results on file that are not run again, and a run that breaks off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from tests.sweep.power_cuts import log_ends
from tests.sweep.runner import Book, Found, run_sweep, spread, total
from tests.sweep.stand import Stand


class Trial:
    """A sweep without processes."""

    name = "trial"
    lanes = 1

    def __init__(self) -> None:
        self.ran: list[tuple[str, int]] = []

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        folder.mkdir(parents=True)

        @asynccontextmanager
        async def nothing() -> AsyncIterator[Stand]:
            yield Stand(folder)

        return nothing()

    async def cases(self, folder: Path) -> list[str]:
        return ["one", "two", "broken"]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        self.ran.append((case, seed))
        if case == "broken":
            raise RuntimeError("no")
        return Found(1, [], met=case == "one")


async def test_what_is_on_file_is_not_run_again(tmp_path: Path) -> None:
    first, again, file = Trial(), Trial(), tmp_path / "book.jsonl"
    await run_sweep(first, ["one"], tmp_path / "a", Book(file), say=lambda _: None)
    outcomes = await run_sweep(again, ["one", "two"], tmp_path / "b", Book(file), say=lambda _: None)
    assert [case for case, _ in again.ran] == ["two"]
    assert [(each.case, each.met, each.problems) for each in outcomes] == [("one", True, ()), ("two", False, ())]
    await run_sweep(again, ["one"], tmp_path / "c", Book(file, fresh=True), say=lambda _: None)
    assert again.ran[-1] == first.ran[0], "the same case meets the same seed"


async def test_a_run_that_breaks_off_is_a_violation_and_its_folder_is_kept(tmp_path: Path) -> None:
    sweep = Trial()
    cases = await sweep.cases(tmp_path)
    outcomes = await run_sweep(sweep, cases, tmp_path, Book(tmp_path / "book.jsonl"), say=lambda _: None)
    assert [bool(each.problems) for each in outcomes] == [False, False, True]
    assert "RuntimeError: no" in outcomes[-1].problems[0]
    assert (tmp_path / "trial-0-kept-broken").is_dir()
    assert total("trial", outcomes) == "trial: 3 runs, 2 met their fault, 2 kills, 1 runs with violations"


def test_parts_are_spread_evenly_from_the_first_to_the_last() -> None:
    every = [str(number) for number in range(1, 62)]
    assert spread(every, 7) == ["1", "11", "21", "31", "41", "51", "61"]
    assert spread(every[:3], 7) == ["1", "2", "3"]


def test_what_a_power_cut_takes_is_read_from_the_trace() -> None:
    lines = [
        '1 pwrite64(7</s/station.db-wal>, ""..., 32, 0) = 32',
        '1 pwrite64(7</s/station.db-wal>, ""..., 24, 32) = 24',
        "1 fdatasync(7</s/station.db-wal>)   = 0",
        '1 pwrite64(6</s/station.db>, ""..., 4096, 0) = 4096',
        '1 pwrite64(7</s/station.db-wal>, ""..., 4096, 56) = 4096',
        "1 fdatasync(7</s/station.db-wal>)   = ?",
    ]
    assert log_ends(lines) == (4152, 56)
    assert log_ends([*lines, '1 pwrite64(7</s/station.db-wal>, ""..., 32, 0) = 32']) == (32, 0)
