"""Runs the cases of a sweep side by side, each lane on a stand of its own, and keeps what came of them in a file.

A case that is on file is not run again, so an interrupted sweep goes on where it stopped. Every case has its seed; the
same case with the same seed meets the same fault.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
import traceback
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.sweep.stand import Stand

SEED = 20261124
BROKEN_STANDS = 3
Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What came of one case. `kills` counts killed or stopped processes, `met` says whether the fault took place."""

    case: str
    seed: int
    seconds: float = 0.0
    kills: int = 0
    met: bool = True
    runs: int = 1
    problems: tuple[str, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> str:
        said = "; ".join(self.problems) if self.problems else "holds" if self.met else "holds (fault not reached)"
        return f"{self.case:<28} seed {self.seed} kills {self.kills} {self.seconds:5.1f} s  {said}"


@dataclass(frozen=True)
class Found:
    """What a case reports: see `Outcome`."""

    kills: int
    problems: Sequence[str]
    met: bool = True
    notes: dict[str, Any] = field(default_factory=dict)


class Sweep(Protocol):
    """One kind of fault at many points."""

    name: str
    lanes: int

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        """Return what the runs of one lane stand on."""

    async def cases(self, folder: Path) -> list[str]:
        """Return the names of all cases, in order; may make a run to count the points."""

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        """Run one case and judge it."""


class Book:
    """The results of one sweep, one JSON object a line."""

    def __init__(self, file: Path, *, fresh: bool = False) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        if fresh:
            file.unlink(missing_ok=True)

    def outcomes(self) -> list[Outcome]:
        if not self._file.exists():
            return []
        lines = [json.loads(line) for line in self._file.read_text().splitlines()]
        return [Outcome(**{**line, "problems": tuple(line["problems"])}) for line in lines]

    def add(self, outcome: Outcome) -> None:
        with self._file.open("a") as stream:
            stream.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")


async def run_sweep(
    sweep: Sweep, cases: Iterable[str], folder: Path, book: Book, *, lanes: int = 1, seed: int = SEED, say: Say = print
) -> list[Outcome]:
    """Run what is not on file yet; return the outcomes of these cases, old and new, in order."""
    wanted = list(cases)
    known = {outcome.case: outcome for outcome in book.outcomes() if outcome.case in wanted}
    waiting = [case for case in wanted if case not in known]
    fresh: dict[str, Outcome] = {}
    broken: list[Path] = []

    async def lane(number: int) -> None:
        place = folder / f"{sweep.name}-{number}"
        while waiting:
            shutil.rmtree(place, ignore_errors=True)
            wrong = None
            try:
                async with sweep.stand(place) as stand:
                    wrong = await until_wrong(stand)
            except Exception as error:
                say(f"  {sweep.name}: a stand broke: {type(error).__name__}: {error}")
                broken.append(place)
                if len(broken) > BROKEN_STANDS:
                    raise
            if wrong is not None:
                _keep(place, wrong.case)

    async def until_wrong(stand: Stand) -> Outcome | None:
        """Run cases on one stand. One that saw a violation is kept for whoever looks into it; the next gets another."""
        while waiting:
            outcome = await _one(sweep, stand, waiting.pop(0), seed)
            fresh[outcome.case] = outcome
            book.add(outcome)
            say(f"  {sweep.name} {outcome.line}")
            if outcome.problems:
                return outcome
            # Six hundred stores, each with its reserved space, would fill a disk.
            shutil.rmtree(stand.folder / "runs", ignore_errors=True)
        return None

    await asyncio.gather(*(lane(number) for number in range(min(lanes, sweep.lanes, len(waiting)))))
    found = known | fresh
    return [found[case] for case in wanted if case in found]


def _keep(place: Path, case: str) -> None:
    kept = place.with_name(f"{place.name}-kept-{case.replace(':', '-')}")
    shutil.rmtree(kept, ignore_errors=True)
    place.rename(kept)


async def _one(sweep: Sweep, stand: Stand, case: str, base: int) -> Outcome:
    seed = (base + zlib.crc32(f"{sweep.name} {case}".encode())) % 2**31
    started = time.monotonic()
    try:
        found = await sweep.run(stand, case, seed)
    except Exception as error:  # noqa: BLE001  a run that breaks off is a finding like any other, and the sweep goes on
        where = traceback.extract_tb(error.__traceback__)[-1]
        found = Found(0, [f"the run broke off: {type(error).__name__}: {error} ({where.filename}:{where.lineno})"])
    seconds = round(time.monotonic() - started, 2)
    return Outcome(case, seed, seconds, found.kills, found.met, 1, tuple(found.problems), found.notes)


def spread(cases: Sequence[str], count: int) -> list[str]:
    """Return `count` cases, evenly spread, the first and the last among them."""
    if count >= len(cases):
        return list(cases)
    step = (len(cases) - 1) / (count - 1)
    return [cases[round(place * step)] for place in range(count)]


def total(name: str, outcomes: Sequence[Outcome]) -> str:
    """Say in one line what a sweep showed."""
    kills, wrong = sum(each.kills for each in outcomes), [each for each in outcomes if each.problems]
    met = sum(each.met for each in outcomes)
    return f"{name}: {len(outcomes)} runs, {met} met their fault, {kills} kills, {len(wrong)} runs with violations"
