"""`python -m tests.sweep [SWEEP ...] [--only CASE] [--fresh]`: the full counts of the fault sweeps (`make sweep`)."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.sweep.runner import SEED, Book, Outcome, Sweep, run_sweep, total
from tests.sweep.sweeps import SWEEPS

HOME = Path("var/sweep")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sweeps; the exit status is 0 only if every invariant held in every run."""
    parser = argparse.ArgumentParser(prog="python -m tests.sweep", description=__doc__)
    parser.add_argument(
        "sweeps", nargs="*", choices=[[], *SWEEPS], metavar="SWEEP", help=f"some of {', '.join(SWEEPS)}"
    )
    parser.add_argument("--only", action="append", default=[], metavar="CASE", help="only this case, or its number")
    parser.add_argument("--fresh", action="store_true", help="run again what is on file")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--lanes", type=int, default=os.cpu_count() or 1, help="runs side by side")
    options = parser.parse_args(argv)
    return asyncio.run(_run(options))


class Kept:
    """A list of names in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> list[str]:
        return list(json.loads(self._file.read_text())) if self._file.exists() else []

    def write(self, names: list[str]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(names))


async def _run(options: argparse.Namespace) -> int:
    outcomes: dict[str, list[Outcome]] = {}
    for name in options.sweeps or SWEEPS:
        sweep = SWEEPS[name]()
        outcomes[name] = await _sweep(sweep, options)
        print(total(name, outcomes[name]), flush=True)
    print("\n" + "\n".join(total(name, each) for name, each in outcomes.items()))
    everything = [outcome for each in outcomes.values() for outcome in each]
    print(total("together", everything))
    return 1 if any(outcome.problems for outcome in everything) else 0


async def _sweep(sweep: Sweep, options: argparse.Namespace) -> list[Outcome]:
    cases = await _cases(sweep, fresh=options.fresh)
    if options.only:
        cases = [case for case in cases if case in options.only or case.split(":")[-1] in options.only]
    # Whoever names a case wants to see it run.
    book = Book(HOME / f"{sweep.name}.jsonl", fresh=options.fresh and not options.only)
    if options.only:
        book = Book(HOME / f"{sweep.name}-only.jsonl", fresh=True)
    known = {outcome.case for outcome in book.outcomes()}
    print(f"{sweep.name}: {len(cases)} cases, {len(known & set(cases))} on file, seed {options.seed}", flush=True)
    return await run_sweep(sweep, cases, HOME, book, lanes=options.lanes, seed=options.seed, say=_say)


async def _cases(sweep: Sweep, *, fresh: bool) -> list[str]:
    """The cases as they were counted when the results on file began."""
    kept = Kept(HOME / f"{sweep.name}.cases")
    if fresh or not kept.read():
        kept.write(await sweep.cases(HOME))
    return kept.read()


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
