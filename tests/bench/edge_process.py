"""A real edge process (`python -m edge run`) with a stopwatch, and a store filled as years of service would fill it."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from contract.commands import CommandType
from contract.events import DoorClosed
from contract.state import Ack
from edge.clock import ShiftedClock
from edge.store.inbox import CommandRecord
from edge.store.unit_of_work import Store, Transaction
from hall.processes import ROOT, environment, python

READY_WITHIN_S = 60.0
ROWS_A_COMMIT = 2000
# Old, but younger than what the store forgets after seven days.
AGE_S = 3 * 86_400


class EdgeProcess:
    """One station's process; its log is `log`."""

    def __init__(self, station_file: Path, log: Path) -> None:
        self._station_file, self._log = station_file, log
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> float:
        """Start it and return the seconds from the start of the process to its word `ready`."""
        began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                python("edge", "run", "--station", str(self._station_file)),
                cwd=ROOT,
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("ready "), f"the edge said {line!r}:\n{self._log.read_text()[-2000:]}"
        return time.monotonic() - began

    def stop(self) -> None:
        """End it as an operator does."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(15)
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text()


def memory_mib(pid: int) -> dict[str, float]:
    """`VmRSS` and `VmHWM` (its highest) of a process in MiB, from /proc."""
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) / 1024 for words in lines if words[0] in ("VmRSS:", "VmHWM:")}


def children_of(pid: int) -> list[int]:
    """The helper processes of a process: its direct children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@dataclass(frozen=True)
class Filled:
    """What a hub that acknowledged all of it would know."""

    ledger: UUID
    epoch: UUID
    numbers: dict[int, UUID]


async def fill_store(path: Path, shift_file: Path, *, events: int, commands: int) -> Filled:
    """Write `events` acknowledged events and `commands` finished commands, all three days old."""
    with _shifted(shift_file):
        async with await Store.open(path, ShiftedClock("Asia/Shanghai", shift_file), software="bench") as store:
            started = (await store.pending(0, 1))[0]
            numbers = {started.seq: started.id}
            for first in range(0, events, ROWS_A_COMMIT):
                numbers |= await store.transact(partial(_emit_many, min(ROWS_A_COMMIT, events - first)))
            await store.transact(partial(_remember_commands, commands))
            epoch, last, ledger = (await store.identity()).epoch, max(numbers), uuid4()
            await store.accept_ack(Ack(ledger=ledger, epoch=epoch, through=last, through_id=numbers[last], seen=last))
    return Filled(ledger, epoch, numbers)


@contextlib.contextmanager
def _shifted(shift_file: Path) -> Iterator[None]:
    shift_file.parent.mkdir(parents=True, exist_ok=True)
    shift_file.write_text(f"{-AGE_S}\n")
    try:
        yield
    finally:
        shift_file.unlink()


def _emit_many(count: int, tx: Transaction) -> dict[int, UUID]:
    events = [tx.emit(DoorClosed(compartment=1)) for _ in range(count)]
    return {event.seq: event.id for event in events}


def _remember_commands(count: int, tx: Transaction) -> None:
    for _ in range(count):
        tx.save_command(CommandRecord(uuid4(), CommandType.TAKE_OUT, "done", "done"))
