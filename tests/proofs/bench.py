"""A whole station in virtual time: real store, services, buses and drivers over simulated boards that outlive it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from edge.links.bus import SharedBus
from edge.links.wire import OpenLink
from edge.lockers.registry import open_boards
from edge.printers.receipt.driver import EscposTextPrinter
from edge.printers.receipt.driver import Settings as PrinterSettings
from edge.services.station import Station
from edge.store.database import Database
from edge.store.papers import StoredDocument
from edge.store.room import TIGHT_BYTES, Room
from edge.store.unit_of_work import Store, Transaction
from edge.store.worker import Order, Worker
from tests.materials import kept_in
from tests.proofs.cabinet import PRINTER, STATION_FILE, Cabinet, Layout
from tests.proofs.oracle import Judge
from tests.proofs.virtual_time import VirtualClock, VirtualLoop, finish
from tests.unit.edge.services.night import BADGE, CODE_KEY, PIN, PIN_HASH, GlassSealer

T = TypeVar("T")
# Stores of tests lie where a sync costs nothing; that syncs hold is shown by the sweeps.
_MEMORY = Path("/dev/shm")


class WorkerAtOnce(Worker):
    """The store's worker without its thread, which would make each run another one; the database is the real one."""

    async def start(self) -> None:
        self._database.start()
        self.running = True
        self._on_commit(self._database.last_seq, self._database.epoch)

    async def stop(self) -> None:
        if self.running:
            self.running = False
            self._database.close()

    def submit(self, order: Order) -> None:
        self._database.run([order.job])
        asyncio.get_running_loop().call_soon(self._deliver, [order], self._database.last_seq, self._database.epoch)
        self._database.relieve()


class WatchedStore(Store):
    """The real store, at a disk that may be busy; each commit is shown to the judge."""

    def __init__(self, database: Database, room: Room) -> None:
        super().__init__(database, room)
        self._worker = WorkerAtOnce(database, self._committed)
        self.busy_s = 0.0
        self.judge: Judge | None = None

    async def _submit(self, work: Callable[[Transaction], object], *, writes: bool) -> object:
        if self.busy_s:
            await asyncio.sleep(self.busy_s)
        return await super()._submit(work, writes=writes)

    def _committed(self, last_seq: int, epoch: str) -> None:
        super()._committed(last_seq, epoch)
        if self.judge is not None:
            self.judge.committed()


class Bench:
    """One station's life: `start`, `crash`, and whatever people and the world do meanwhile."""

    def __init__(self, layout: Layout) -> None:
        self.loop = VirtualLoop()
        self.clock = VirtualClock(self.loop)
        self.folder = Path(tempfile.mkdtemp(prefix="nightdesk-", dir=_MEMORY if _MEMORY.is_dir() else None))
        self.database = self.folder / "station.db"
        self.judge = Judge(self.database, self.loop.time)
        self.cabinet = Cabinet(layout)
        self.cabinet.on_pulse, self.judge.look = self._pulse, self._look
        self.store: WatchedStore
        self.station: Station
        self.busy_s = 0.0
        self.up = False
        self._stack = AsyncExitStack()
        self._running: asyncio.Task[None] | None = None
        self._seen = 0
        self._random = random.Random(20261124)

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
        self.store = await WatchedStore.open(self.folder / "station.db", self.clock, free=lambda _: TIGHT_BYTES + 1)
        self.store.judge, self.store.busy_s = self.judge, self.busy_s
        stack.push_async_callback(self.store.close)
        self.judge.committed()
        boards = await stack.enter_async_context(open_boards(STATION_FILE, self.cabinet.boards, opener=self._open))
        bus = await stack.enter_async_context(SharedBus(PRINTER, 9600, quiet=0.01, late=0.5, opener=self._open))
        self.judge.boot = (await self.store.identity()).boot
        self.station = Station(
            self.store, boards, EscposTextPrinter(PRINTER, PrinterSettings(), bus), self.cabinet.fitted,
            kept_in(self.folder, self.store), self.clock, GlassSealer(),
            boot=self.judge.boot, code_key=CODE_KEY, names=("政务大厅", "Hall"),
            new_id=self._new_id, random_below=self._random.randrange,
        )  # fmt: skip
        await self.station.start()
        self._running = asyncio.create_task(self.station.run())
        self._running.add_done_callback(self._ended)
        self.up = True

    async def crash(self) -> None:
        """Stop the edge as it stands; doors, boards and paper stay."""
        self.up = False
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await running
        await self._stack.aclose()
        self._stack = AsyncExitStack()

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

    def _new_id(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)

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
