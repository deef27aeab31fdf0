"""Sends files through cuts and kills, and prints how they came through."""

from __future__ import annotations

import argparse
import asyncio
import logging
import time
from collections import Counter

from tests.bench.report import print_head, print_row, print_targets
from tests.proofs.uploads import CUTS, SIZE, Sent, play

FAULTS = ("cut", "station", "hub")


def run(options: argparse.Namespace) -> bool:
    """Play and judge them; what is wrong is printed with its seed, which replays the plan."""
    logging.disable(logging.CRITICAL)  # the line's own proxy complains of each cut
    began = time.monotonic()
    print_head(f"{options.uploads} files of {SIZE:,} bytes, seeds from {options.seed}", "files", *FAULTS, "seconds")
    sent = asyncio.run(play(options.uploads, options.kills, options.seed, _tell))
    for database in ("sqlite", "postgresql"):
        of_it = [each for each in sent if each.database == database]
        counts = sum((each.faults for each in of_it), Counter[str]())
        cells = (len(of_it), *(counts[each] for each in FAULTS), round(sum(each.seconds for each in of_it)))
        print_row(database, *(f"{cell:,}" for cell in cells))
    late = sum(count for each in sent for name, count in each.faults.items() if name not in FAULTS)
    print(f"  {late} more came when the station had removed its file; {time.monotonic() - began:.0f} s", flush=True)
    return print_targets(
        {
            "no content lost, none half in its place, none removed before the hub had it": not any(
                each.wrong for each in sent
            ),
            f"each met {CUTS} cuts and {options.kills} kills of each side": all(
                each.faults.total() == CUTS + 2 * options.kills for each in sent
            ),
        }
    )


def _tell(sent: Sent) -> None:
    for wrong in sent.wrong:
        print(f"  seed {sent.seed}, {sent.database}: {wrong}", flush=True)
