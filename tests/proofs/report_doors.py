"""Searches for a door that opens for nobody's grant, over every family of boards, and prints what was tried."""

from __future__ import annotations

import argparse
import logging
import time

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.bench.report import print_head, print_row
from tests.proofs.machine import PAIRS, TOTALS, Lockers


def run(options: argparse.Namespace) -> bool:
    """Search pair by pair; a failing run is printed as the moves that lead to it."""
    # What the edge says about its broken lines would bury the table.
    logging.disable(logging.CRITICAL)
    print_head(f"I3 over bytes, seed {options.seed}", "examples", "steps", "pulses", "crashes", "cuts", "seconds")
    held = [_pair(options, families) for families in PAIRS]
    logging.disable(logging.NOTSET)
    print(f"  {'holds ' if all(held) else 'BROKEN'} I3 in every example", flush=True)
    return all(held)


def _pair(options: argparse.Namespace, families: tuple[str, str]) -> bool:
    TOTALS.clear()
    began = time.monotonic()
    machine = hypothesis.seed(options.seed)(type("Lockers", (Lockers,), {"families": families}))
    chosen = settings(
        max_examples=options.examples,
        stateful_step_count=options.steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(machine, settings=chosen)
    except Exception as error:  # noqa: BLE001  whatever breaks a run is the finding
        print(f"  {' and '.join(families)}: {error!r}", *getattr(error, "__notes__", []), sep="\n  ", flush=True)
        return False
    cells = [TOTALS[name] for name in ("examples", "steps", "pulses", "crashes", "power cuts")]
    print_row(" and ".join(families), *(f"{cell:,}" for cell in cells), f"{time.monotonic() - began:.0f}")
    return True
