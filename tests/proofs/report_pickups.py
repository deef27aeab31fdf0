"""Plays pickups in a row with faults, and prints how they ended, by fault."""

from __future__ import annotations

import argparse
import logging
import time
from collections import Counter

from tests.bench.report import print_head, print_row, print_targets
from tests.proofs.pickups import play

HOWS = ("collected", "collected later", "case")


def run(options: argparse.Namespace) -> bool:
    """Play and judge them; what is wrong is printed with its seed, which replays the plan."""
    logging.disable(logging.CRITICAL)
    began = time.monotonic()
    ended, steel = play(options.pickups, options.seed)
    logging.disable(logging.NOTSET)
    print_head(f"{len(ended):,} pickups in a row, seeds from {options.seed}", "pickups", "collected", "later", "case")
    hows = Counter((each.plan.name if len(each.plan.faults) < 2 else "two faults", each.how) for each in ended)
    for name in sorted({name for name, _ in hows}):
        counts = [hows[name, how] for how in HOWS]
        print_row(name, f"{sum(counts):,}", *(f"{count:,}" for count in counts))
    print_row("together", f"{len(ended):,}", *(f"{sum(e.how == how for e in ended):,}" for how in HOWS))
    print(f"  {steel['pulse']:,} pulses, {steel['door']:,} doors moved, {steel['starts']:,} starts, ", end="")
    print(f"{steel['events']:,} events; {time.monotonic() - began:.0f} s", flush=True)
    for each in ended:
        for wrong in each.wrong:
            print(f"  seed {each.seed}, {each.plan}, {each.how}: {wrong}", flush=True)
    return print_targets(
        {
            "each pickup ends as collected, or as a case with a slip and a task": not any(each.wrong for each in ended),
        }
    )
