"""Everything that reads bytes from outside, fed with what nobody would send: `python -m tests.fuzz [--seconds N]`.

An entry may refuse an input with the errors that it documents; any other error, and slowness, is a finding, printed
with its input. Seeded: the same seed and number of runs make the same inputs. Ends with 1 when anything was found.
"""

from __future__ import annotations

import argparse
import secrets
import sys

from tests.fuzz import ENTRIES
from tests.fuzz.runner import Outcome, run

_SHOWN = 96


def report(outcome: Outcome) -> None:
    """Print one row, and what was found."""
    rate = outcome.runs / outcome.seconds if outcome.seconds else 0.0
    numbers = f"{outcome.runs:>9}  {outcome.refused:>9}  {outcome.seconds:>7.1f}  {rate:>8.0f}"
    print(f"{outcome.name:<24}  {numbers}  {len(outcome.findings):>8}", flush=True)
    for finding in outcome.findings:
        rest = f" ... {len(finding.data)} bytes" if len(finding.data) > _SHOWN else ""
        print(f"    {finding.what}\n    {finding.data[:_SHOWN].hex(' ')}{rest}", flush=True)


def main() -> int:
    """Run the entries named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="for each entry")
    parser.add_argument("--runs", type=int, default=1 << 60, help="at most, for each entry")
    parser.add_argument("--only", action="append", metavar="NAME", choices=[each.name for each in ENTRIES])
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    print(f"{'entry':<24}  {'runs':>9}  {'refused':>9}  {'seconds':>7}  {'runs/s':>8}  {'findings':>8}")
    found = 0
    for entry in ENTRIES:
        if options.only is None or entry.name in options.only:
            outcome = run(entry, options.seed, seconds=options.seconds, runs=options.runs)
            report(outcome)
            found += len(outcome.findings)
    return 1 if found else 0


sys.exit(main())
