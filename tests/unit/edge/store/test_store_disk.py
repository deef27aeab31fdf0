"""The store and its disk: killed, full, nearly full, failing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from contract.events import DoorOpened
from edge.core.compartment import Compartment
from edge.errors import StoreBusyError
from edge.store.room import TIGHT_BYTES
from edge.store.unit_of_work import Store
from tests.unit.edge.hand_clock import HandClock

EVENT = DoorOpened(compartment=1)


def _run(wrapper: list[str], code: str, path: Path) -> subprocess.CompletedProcess[str]:
    command = [*wrapper, sys.executable, "-c", code, str(path)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def _kill_after(lines: int, path: Path) -> list[list[str]]:
    """Start a writer, kill it once it told of that many commits, and return all that it told."""
    with subprocess.Popen([sys.executable, "-c", _CHILD, str(path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        told += child.stdout.read().splitlines(keepends=True)
    return [line.split() for line in told if line.endswith("\n")]


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  a file appears, nobody sets an event
            await asyncio.sleep(0.02)


async def _fill(store: Store) -> int:
    """Emit until the store refuses; return how many it took."""
    taken = 0
    with contextlib.suppress(StoreBusyError):
        while taken < 2000:
            await store.transact(lambda tx: tx.emit(EVENT))
            taken += 1
    return taken


_CHILD = """
import asyncio, pathlib, sys
from edge.clock import SystemClock
from edge.store.unit_of_work import Store
from contract.events import DoorOpened

async def one(store):
    while True:
        event = await store.transact(lambda tx: tx.emit(DoorOpened(compartment=1)))
        sys.stdout.write(f"{event.seq} {event.id}\\n")
        sys.stdout.flush()

async def main():
    async with await Store.open(pathlib.Path(sys.argv[1]), SystemClock("Asia/Shanghai")) as store:
        await asyncio.gather(*(one(store) for _ in range(4)))

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 7, 60, 333])
async def test_kill_in_the_middle_keeps_everything_that_was_told(path: Path, clock: HandClock, lines: int) -> None:
    told = _kill_after(lines, path)
    assert len(told) >= lines
    async with await Store.open(path, clock) as store:
        kept = {str(row.seq): str(row.id) for row in await store.pending(0, 100_000)}
        assert [seq for seq, id_ in told if kept.get(seq) != id_] == []
        assert sorted(map(int, kept)) == list(range(1, len(kept) + 1))
        assert (await store.identity()).boot == 2


async def test_a_full_disk_refuses_keeps_what_it_has_and_recovers(path: Path, clock: HandClock) -> None:
    async with await Store.open(path, clock, max_pages=60, free=lambda _: 10**12) as store:
        store.require_room()
        kept = store.last_seq + await _fill(store)
        assert kept < 2000
        with pytest.raises(StoreBusyError):
            store.require_room()
        assert (await store.identity()).last_seq == kept
        assert not path.with_suffix(".reserve").exists(), "the reserve was not given back"
        await store.transact(lambda tx: tx.save(Compartment(1, "s")))
        # Space comes back: here by raising the bound, on a real disk by whoever cleans up.
        await store.transact(lambda tx: tx._connection.execute("PRAGMA max_page_count=9999"))
        await store.transact(lambda tx: tx.emit(EVENT))
        await _until(path.with_suffix(".reserve").exists)
        store.require_room()


async def test_no_paper_is_taken_when_the_disk_is_nearly_full(path: Path, clock: HandClock) -> None:
    free = [TIGHT_BYTES - 1]
    async with await Store.open(path, clock, free=lambda _: free[0]) as store:
        with pytest.raises(StoreBusyError, match="nearly full"):
            store.require_room()
        await store.transact(lambda tx: tx.emit(EVENT))
        free[0] = TIGHT_BYTES
        store.require_room()


_LIMITED = """
import asyncio, json, pathlib, resource, signal, sys
from edge.clock import SystemClock
from edge.errors import StoreBusyError
from edge.store.unit_of_work import Store
from contract.events import DoorOpened

async def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    async with await Store.open(pathlib.Path(sys.argv[1]), SystemClock("Asia/Shanghai"), free=lambda _: 0) as store:
        told, refused = store.last_seq, 0
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
        while refused < 3:
            try:
                await store.transact(lambda tx: tx.emit(DoorOpened(compartment=1)))
                told += 1
            except StoreBusyError:
                refused += 1
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        kept = (await store.identity()).last_seq
        await store.transact(lambda tx: tx.emit(DoorOpened(compartment=1)))
        print(json.dumps([told, kept, (await store.identity()).last_seq]))

asyncio.run(main())
"""


def test_a_write_error_closes_verifies_and_goes_on(path: Path) -> None:
    """EFBIG reaches SQLite as an I/O error: the connection is given up, the file opened anew and checked."""
    child = _run([], _LIMITED, path)
    assert child.returncode == 0, child.stderr
    told, kept, last = json.loads(child.stdout)
    assert (kept, last) == (told, told + 1)


_ONE_EIO = """
import asyncio, json, pathlib, sys
from edge.clock import SystemClock
from edge.errors import StoreBusyError
from edge.store.unit_of_work import Store
from contract.events import DoorOpened

async def main():
    async with await Store.open(pathlib.Path(sys.argv[1]), SystemClock("Asia/Shanghai"), free=lambda _: 0) as store:
        told, refused = [], 0
        for _ in range(40):
            try:
                told.append(str((await store.transact(lambda tx: tx.emit(DoorOpened(compartment=1)))).id))
            except StoreBusyError:
                refused += 1
        kept = [str(row.id) for row in await store.pending(1, 1000)]
        print(json.dumps([told, kept, refused]))

asyncio.run(main())
"""


@pytest.mark.parametrize("when", [12, 30])
def test_one_failed_fsync_is_never_tried_again(path: Path, when: int) -> None:
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync"]
    child = _run([*strace, "-e", f"inject=fdatasync:error=EIO:when={when}"], _ONE_EIO, path)
    assert child.returncode == 0, child.stderr
    told, kept, refused = json.loads(child.stdout)
    assert refused == 1
    assert kept == told
