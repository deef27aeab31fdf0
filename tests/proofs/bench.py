"""A whole station in virtual time: real store, services, buses and drivers over simulated boards that outlive it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from edge.links.bus import SharedBus
from edge.links.wire import OpenLink
from edge.lockers.registry import open_boards
from edge.printers.receipt.driver import EscposTextPrinter
from edge.printers.receipt.driver import Settings as PrinterSettings
from edge.services.station import Station
from edge.store.papers import StoredDocument
from edge.store.room import TIGHT_BYTES
from edge.store.unit_of_work import Store, Transaction
from tests.proofs.cabinet import PRINTER, STATION_FILE, Cabinet, Layout
from tests.proofs.oracle import Judge
from tests.proofs.virtual_time import VirtualClock, VirtualLoop, finish
from tests.unit.edge.services.night import BADGE, CODE_KEY, PIN, PIN_HASH, GlassSealer

T = TypeVar("T")
# Stores of tests lie where a sync costs nothing; that syncs hold is shown by the sweeps.
_MEMORY = Path("/dev/shm")


class WatchedStore(Store):
    """The real store. Time stands still while it works, unless the disk is busy; each commit is shown to the judge."""

    busy_s = 0.0
    loop: VirtualLoop
    judge: Judge

    async def _submit(self, work: Callable[[Transaction], object], *, writes: bool) -> object:
        if self.busy_s:
            await asyncio.sleep(self.busy_s)
        with self.loop.standing_still():
            return await super()._submit(work, writes=writes)

    def _committed(self, last_seq: int, epoch: str) -> None:
        super()._committed(last_seq, epoch)
        if hasattr(self, "judge"):
            self.judge.committed()


class Bench:
    """One station's life: `start`, `crash`, and whatever people and the world do meanwhile."""

    def __init__(self, layout: Layout) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop)
        self.folder = Path(tempfile.mkdtemp(prefix="nightdesk-", dir=_MEMORY if _MEMORY.is_dir() else None))
        self.judge = Judge(self.folder / "station.db", self.loop.time)
        self.cabinet = Cabinet(layout)
        self.cabinet.on_pulse, self.judge.look = self._pulse, self._look
        self.store: WatchedStore
        self.station: Station
        self.busy_s = 0.0
        self._stack = AsyncExitStack()
        self._running: asyncio.Task[None] | None = None
        self._seen = 0

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one act to its end."""
        return self.loop.run_until_complete(work)

    def act(self, deed: Callable[[], object]) -> None:
        """Do something to the steel while the loop runs."""

        async def done() -> None:
            deed()

        self.do(done())

    def close(self) -> None:
        """End everything and forget it."""
        self.do(self.crash())
        finish(self.loop)
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- the edge ---------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the edge as its process does."""
        self.clock.boot()
        self._stack = stack = AsyncExitStack()
        with self.loop.standing_still():
            self.store = await WatchedStore.open(self.folder / "station.db", self.clock, free=lambda _: TIGHT_BYTES + 1)
        self.store.loop, self.store.judge, self.store.busy_s = self.loop, self.judge, self.busy_s
        stack.push_async_callback(self._close_store)
        self.judge.committed()
        boards = await stack.enter_async_context(open_boards(STATION_FILE, self.cabinet.boards, opener=self._open))
        bus = await stack.enter_async_context(SharedBus(PRINTER, 9600, quiet=0.01, late=0.5, opener=self._open))
        self.judge.boot = (await self.store.identity()).boot
        self.station = Station(
            self.store, boards, EscposTextPrinter(PRINTER, PrinterSettings(), bus), self.cabinet.fitted, self.clock,
            GlassSealer(), boot=self.judge.boot, code_key=CODE_KEY, names=("政务大厅", "Hall"),
        )  # fmt: skip
        await self.station.start()
        self._running = asyncio.create_task(self.station.run())
        self._running.add_done_callback(self._ended)

    async def crash(self) -> None:
        """Stop the edge as it stands; doors, boards and paper stay."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await running
        await self._stack.aclose()
        self._stack = AsyncExitStack()

    async def _close_store(self) -> None:
        with self.loop.standing_still():
            await self.store.close()

    def busy(self, seconds: float) -> None:
        """Let the disk take so long for everything from now on."""
        self.busy_s = self.store.busy_s = seconds

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task is self._running:
            self.judge.problems.append(f"{self.loop.time():.3f}: the station ended by itself: {task.exception()!r}")

    # -- the world --------------------------------------------------------------------------------------------------

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    async def beats(self, count: int) -> None:
        """Let the loop go round so often, and no time pass: a crash may come between any two steps of anything."""
        for _ in range(count):
            await asyncio.sleep(0)

    async def until(self, condition: Callable[[], object], seconds: float) -> bool:
        """Wait until a condition holds; whether it did in time."""
        give_up = self.loop.time() + seconds
        while not condition() and self.loop.time() < give_up:  # noqa: ASYNC110  conditions of many kinds, no events
            await asyncio.sleep(0.05)
        return bool(condition())

    async def unplug(self, board: str) -> None:
        """Take a board's adapter away."""
        await self.cabinet.wires[board].unplug()

    async def power_cut(self, seconds: float) -> None:
        """Cut the power of everything for a while: boards and edge die, doors stay."""
        for wire in self.cabinet.wires.values():
            await wire.unplug()
        await self.crash()
        await asyncio.sleep(seconds)
        for wire in self.cabinet.wires.values():
            wire.plug()
        await self.start()

    def stick(self, number: int, leaf: str | None) -> None:
        """Let a sensor say the same for ever, or the truth again."""
        assert leaf in (None, "open", "closed")
        self.cabinet.door(number).stuck_sensor = leaf  # type: ignore[assignment]  # one of the three, asserted above
        self.judge.sensor(number, stuck_open=leaf == "open")

    def _look(self) -> None:
        """Tell the judge what doors did since it last asked."""
        for happening in self.cabinet.record[self._seen :]:
            if happening.what == "door":
                self.judge.door_moved(happening)
        self._seen = len(self.cabinet.record)

    def _pulse(self, number: int) -> None:
        door = self.cabinet.door(number) if number in self.cabinet.contents else None
        self.judge.pulse(number, sensed_open=door is not None and door.sensed == "open")

    async def _open(self, port: str, baud: int) -> OpenLink:
        name = port if port == PRINTER else port.replace("port-", "b")
        return await self.cabinet.wires[name].open(port, baud)

    # -- documents --------------------------------------------------------------------------------------------------

    async def give_documents(self, cases: Sequence[str]) -> None:
        """Put in force a member of staff with all rights and the cases to load."""
        member = {"badge": BADGE, "name": "李*敏", "pin": PIN_HASH, "rights": ["load", "clear", "service"]}
        listed = [{"case_number": case, "title": "通行证", "size": "s", "recipient_mask": "张*"} for case in cases]
        bodies: dict[str, dict[str, object]] = {
            "staff": {"staff": [member | {"valid_until": "2099-01-01T00:00:00+08:00"}]},
            "expected": {"cases": listed},
        }

        def work(tx: Transaction) -> None:
            for kind, body in bodies.items():
                tx.save_document(StoredDocument(kind, 1, "0" * 64, _token(body)))

        await self.store.transact(work)


def _token(body: dict[str, object]) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"body": body}).encode()).decode().rstrip("=")
    return f"e30.{payload}.AA"


__all__ = ["BADGE", "PIN", "Bench", "WatchedStore"]
