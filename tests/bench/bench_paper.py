"""(g) Papers: how long setting them takes, beside WeasyPrint and reportlab in the same run, and the first byte.

A receipt is set and made dots for the head; a licence (副本) is set as PDF/A-2b. Ours go through the press and its
worker, pipe included; the others are called directly in this process, warm. One round sets each paper once by each.

    python -m tests.bench.bench_paper [--rounds 60]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from edge.paper_ports import Press
from edge.printers.layouts.press import open_press
from tests.bench.paper_first_byte import licences, receipts
from tests.bench.paper_others import Maker, reportlab_makers, weasyprint_makers
from tests.bench.report import machine, print_head, print_row, print_targets, quantile
from tests.unit.edge.printers.layouts.examples import EXAMPLES

RECEIPT_MS, LICENCE_MS, FIRST_BYTE_MS = 60.0, 150.0, 200.0
AT = datetime(2026, 11, 24, 22, 3, tzinfo=UTC)
RECEIPT, LICENCE = "receipt: set and made dots", "licence: set as PDF/A-2b"
Work = Callable[[], Awaitable[object]]


def _direct(maker: Maker, layout: str) -> Work:
    async def work() -> object:
        return maker(EXAMPLES[layout])

    return work


def contenders(press: Press) -> dict[str, Work]:
    """Who sets what; those that cannot run here are left out, and it is said."""
    work: dict[str, Work] = {
        RECEIPT: lambda: press.dots("receipt", EXAMPLES["receipt"]),
        LICENCE: lambda: press.pdf("licence_copy", EXAMPLES["licence_copy"], AT),
    }
    others = {"WeasyPrint": weasyprint_makers(), "reportlab": reportlab_makers()}
    for name, makers in others.items():
        if makers is None:
            print(f"  {name} does not run here: the system's libraries are missing")
            continue
        work[f"the same receipt, {name}"] = _direct(makers[0], "receipt")
        pdf_a = "" if name == "WeasyPrint" else " (no PDF/A)"
        work[f"the same licence, {name}{pdf_a}"] = _direct(makers[1], "licence_copy")
    return work


async def measure(rounds: int) -> bool:
    """Set papers, print them, print the figures; return whether the targets hold."""
    took: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with open_press() as press:
            work = contenders(press)
            for each in work.values():
                await each()
            for _ in range(rounds):
                for name, each in work.items():
                    began = time.perf_counter()
                    await each()
                    took.setdefault(name, []).append((time.perf_counter() - began) * 1000)
            took["receipt: first byte of the picture, pty"] = await receipts(Path(folder), rounds)
            took["licence: first byte of the PDF, IPP"] = await licences(Path(folder), press, rounds)
    print_head(f"(g) papers, ms ({machine()})", "p50", "p95", "p99")
    for name, values in took.items():
        print_row(name, *(f"{quantile(values, share):.1f}" for share in (0.5, 0.95, 0.99)))
    late = {name: quantile(values, 0.95) for name, values in took.items()}
    first = max(at for name, at in late.items() if "first byte" in name)
    return print_targets(
        {
            f"receipt set and made dots: p95 at most {RECEIPT_MS:.0f} ms": late[RECEIPT] <= RECEIPT_MS,
            f"licence set as PDF/A-2b: p95 at most {LICENCE_MS:.0f} ms": late[LICENCE] <= LICENCE_MS,
            f"first byte at the printer: p95 at most {FIRST_BYTE_MS:.0f} ms": first <= FIRST_BYTE_MS,
        }
    )


def main() -> int:
    """Measure; 0 when the targets hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_paper", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    return 0 if asyncio.run(measure(parser.parse_args().rounds)) else 1


if __name__ == "__main__":
    sys.exit(main())
