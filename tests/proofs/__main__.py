"""`python -m tests.proofs [NAME ...]`: what must hold, at length (`make proofs`)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping

from tests.proofs import report_doors, report_guessing, report_pickups, report_prints, report_uploads

PROOFS: Mapping[str, Callable[[argparse.Namespace], bool]] = {
    "guessing": report_guessing.run,
    "doors": report_doors.run,
    "pickups": report_pickups.run,
    "uploads": report_uploads.run,
    "prints": report_prints.run,
}


def main() -> int:
    """Run the proofs named, or all; the exit status is 0 only if all of them hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs", description=__doc__)
    parser.add_argument("proofs", nargs="*", choices=[[], *PROOFS], metavar="PROOF", help=", ".join(PROOFS))
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--weeks", type=int, default=200_000, help="guessing: weeks with codes of their own")
    parser.add_argument("--examples", type=int, default=250, help="doors: stations for each pair of board families")
    parser.add_argument("--steps", type=int, default=60, help="doors: moves at each station, at most")
    parser.add_argument("--pickups", type=int, default=1000, help="pickups: how many in a row")
    parser.add_argument("--uploads", type=int, default=40, help="uploads: how many files")
    parser.add_argument("--kills", type=int, default=3, help="uploads: kills of each side for each file")
    parser.add_argument("--every", type=int, default=1, help="prints: only each N-th case")
    options = parser.parse_args()
    held = [PROOFS[name](options) for name in options.proofs or PROOFS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
