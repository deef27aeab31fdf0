"""All benches in one run, one after the other, and one summary: `make bench`, or `make bench ARGS="tap start"`.

Each bench is a process of its own, so that none inherits another's memory, and can be run alone with its own options:
`python -m tests.bench.bench_tap --help`. Ends with 1 when any target was missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass

from hall.processes import ROOT, environment, python
from tests.bench.report import machine, print_head, print_row

BENCHES = {
    "outbox": "(a) durable outbox put",
    "ingest": "(b) events to durable rows at the hub",
    "tap": '(c) tap on "open" to bytes on the wire',
    "backlog": "(d) a backlog drains",
    "start": "(e) edge start and memory",
    "bus": "(f) five boards on one bus",
    "paper": "(g) papers set and their first byte",
}


@dataclass(frozen=True)
class Run:
    """How one bench went; `machine` is cores and load when it began."""

    title: str
    held: bool
    seconds: float
    machine: str


def run(name: str) -> Run:
    """Run one bench; its report goes to our standard output."""
    before, began = machine(), time.monotonic()
    code = subprocess.run(python(f"tests.bench.bench_{name}"), cwd=ROOT, env=environment(), check=False).returncode
    print(flush=True)
    return Run(BENCHES[name], code == 0, time.monotonic() - began, before)


def known(name: str) -> str:
    """A bench's name from the command line."""
    if name not in BENCHES:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(BENCHES)}")
    return name


def main() -> int:
    """Run the benches named, or all; 0 when all targets hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("benches", nargs="*", type=known, metavar="|".join(BENCHES))
    runs = [run(name) for name in parser.parse_args().benches or BENCHES]
    print_head("summary", "targets", "seconds", "before")
    for each in runs:
        print_row(each.title, "held" if each.held else "NOT HELD", f"{each.seconds:.0f}", f"  {each.machine}")
    return 0 if all(each.held for each in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
