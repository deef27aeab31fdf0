"""The ledger of blanks after kill -9 at every sync: balanced, and saying exactly what its events say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from edge.clock import SystemClock
from edge.core.stock import Place, numbers
from edge.services.stock_report import counted, is_balanced
from edge.store.unit_of_work import Store

_STAFF = """
import asyncio, pathlib, sys, uuid
from edge.clock import SystemClock
from edge.core import printing
from edge.core.printing import PrintJob
from edge.services.keep_stock import KeepStock
from edge.store.unit_of_work import Store

KIND, TWO = "licence_original", ("B-7", "B-8")

async def main():
    async with await Store.open(pathlib.Path(sys.argv[1]), SystemClock("Asia/Shanghai")) as store:
        keep = KeepStock(store, {"tray-1": KIND}, None)
        await keep.receive(KIND, "B0001", "B0009", "B-7")
        await keep.load("tray-1", "B0001", "B0006", "B-7")
        for at in (1, 2):
            job = PrintJob(uuid.UUID(int=at), uuid.UUID(int=9), "licence_original", f"c{at}", KIND, f"nd-{at}")
            for rule in (
                lambda job, tx: printing.reserve(job, tx.blanks(), "tray-1"),
                lambda job, tx: printing.sending(job),
                lambda job, tx: printing.sent(job, 1),
                lambda job, tx: printing.printed(job, tx.blanks()),
            ):
                def work(tx, job=job, rule=rule):
                    decision = rule(job, tx)
                    tx.carry_out_print(decision)
                    return decision.job
                job = await store.transact(work)
        await keep.void("B0004", "void_damaged", TWO)
        await keep.void("B0009", "void_lost", TWO)
        await keep.destroy(["B0004", "B0009"], TWO)
        await keep.unload("tray-1", "B-7")
        print("done", flush=True)

asyncio.run(main())
"""
_MOST_SYNCS = 60


def _work(path: Path, number: int) -> bool:
    """Let staff work until the `number`-th sync kills them; return whether they came to the end."""
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync"]
    strace += ["-e", f"inject=fdatasync:signal=SIGKILL:when={number}"]
    command = [*strace, sys.executable, "-c", _STAFF, str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert "Error" not in done.stderr, done.stderr
    return "done" in done.stdout


def _told(events: list[dict[str, object]]) -> tuple[set[str], set[str], set[str]]:
    """Return what the events alone say: sheets received, void and destroyed."""
    received: set[str] = set()
    void: set[str] = set()
    destroyed: set[str] = set()
    for event in events:
        data = event["data"]
        assert isinstance(data, dict)
        match event["type"]:
            case "stock_received":
                received |= set(numbers(data["first"], data["last"]))
            case "blank_voided":
                void.add(data["blank"])
            case "blanks_destroyed":
                destroyed |= set(data["blanks"])
    return received, void - destroyed, destroyed


async def test_killed_at_every_sync_the_ledger_is_balanced_and_agrees_with_its_events(tmp_path: Path) -> None:
    seen: set[int] = set()
    for number in range(1, _MOST_SYNCS):
        path = tmp_path / f"{number}.db"
        ended = _work(path, number)
        async with await Store.open(path, SystemClock("Asia/Shanghai")) as store:
            ledger, received = await store.read(lambda tx: (tx.blanks(), tx.received_blanks()))
            events = [json.loads(row.body) for row in await store.pending(0, 1000)]
        assert all(is_balanced(each) for each in counted(ledger, received)), number
        placed = {
            place: {each.number for each in ledger.values() if each.place is place}
            for place in (Place.VOIDED, Place.DESTROYED)
        }
        assert (set(ledger), placed[Place.VOIDED], placed[Place.DESTROYED]) == _told(events), number
        loaded = [each for each in ledger.values() if each.tray == "tray-1"]
        assert all(re.fullmatch(r"B000[1-6]", each.number) for each in loaded), number
        seen.add(len([event for event in events if str(event["type"]).startswith(("stock_", "blank"))]))
        if ended:
            break
    assert ended, "the staff never came to the end"
    assert seen == set(range(7)), "a kill between each two acts"
