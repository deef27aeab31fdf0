"""Prints papers under kills at every sync, and says how they came out, by scene."""

from __future__ import annotations

import argparse
import asyncio
import logging
import time

from tests.bench.report import print_head, print_row, print_targets
from tests.proofs.prints import SCENES, Played, play_all

COLUMNS = ("runs", "kills", "cuts", "sheets", "doubts", "looks")


def run(options: argparse.Namespace) -> bool:
    """Play and judge every case; what is wrong is printed with its case, which replays it."""
    logging.disable(logging.CRITICAL)  # each kill is complained of
    began = time.monotonic()
    print_head("three papers, the station killed at every sync", *COLUMNS)
    played = asyncio.run(play_all(tuple(SCENES), options.every, _tell))
    for scene in SCENES:
        _row(scene, [each for each in played if each.case.scene == scene])
    _row("together", played)
    print(f"  {time.monotonic() - began:.0f} s", flush=True)
    return print_targets(
        {
            "zero double prints": not any("DOUBLE" in wrong for each in played for wrong in each.wrong),
            "the ledger balanced at every look": not any(
                "ledger" in wrong or "blank" in wrong for each in played for wrong in each.wrong
            ),
            "every order came out, once, under the number of its sheet": not any(each.wrong for each in played),
        }
    )


def _row(name: str, played: list[Played]) -> None:
    counts = [(each.kills, each.power_cuts, each.sheets, each.doubts, each.judged) for each in played]
    print_row(name, f"{len(played):,}", *(f"{sum(column):,}" for column in zip(*counts, strict=True)))


def _tell(played: Played) -> None:
    for wrong in played.wrong:
        print(f"  {played.case}: {wrong}", flush=True)
