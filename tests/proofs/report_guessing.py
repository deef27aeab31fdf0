"""Prints what the guessing attackers reach in a week, and the chance of one hit."""

from __future__ import annotations

import argparse
import time

from tests.bench.report import print_head, print_row, print_targets
from tests.proofs.attackers import ATTACKERS
from tests.proofs.guessing import CODES, DOORS, LIMIT, Week, bound, chance, hits, upper, week

PLAYS = 3


def run(options: argparse.Namespace) -> bool:
    """Count every attacker's tries, then let the best one meet new codes again and again."""
    began, first = time.monotonic(), options.seed
    print_head(f"a week at one kiosk, {DOORS} live codes, seed {first}", "tries", "refused", "alarms", "chance")
    best: Week | None = None
    for name, attacker in ATTACKERS.items():
        played = max((week(name, attacker, seed) for seed in range(first, first + PLAYS)), key=lambda each: each.tries)
        cells = (played.tries, played.refused, played.alarms)
        print_row(name, *(f"{cell:,}" for cell in cells), f"{played.chance:.2e}")
        best = max(best or played, played, key=lambda each: each.tries)
    print_row("no attacker can exceed", f"{bound():,}", "", "", f"{chance(bound()):.2e}")
    assert best is not None
    weeks, found = hits(best.admitted, range(first, first + options.weeks))
    print(
        f"  {best.attacker} against {weeks:,} weeks of new codes: {found} hits, {found / weeks:.2e} a week", flush=True
    )
    print(f"  95 % sure: at most {upper(found, weeks):.2e} a week; codes {CODES:,}; {time.monotonic() - began:.0f} s")
    return print_targets(
        {
            f"analytic bound below {LIMIT:.0e} a week": chance(bound()) < LIMIT,
            "no attacker exceeds the bound": best.tries <= bound(),
            f"simulated, 95 % sure: below {LIMIT:.0e} a week": upper(found, weeks) < LIMIT,
        }
    )
