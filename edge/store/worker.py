"""The store's one thread: takes what is waiting, runs it as one group, hands the outcomes back to the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from edge.store.database import Database, Job

log = logging.getLogger(__name__)

# A group shares one commit; the bound keeps the wait of its first member short.
GROUP = 512
IDLE_SECONDS = 0.25
TIDY_SECONDS = 60.0


@dataclass(slots=True)
class Order:
    """A job and the future of its caller."""

    job: Job
    future: asyncio.Future[Any]


class Worker:
    """Runs orders against the database until told to stop. `on_commit` is called in the loop after each group."""

    def __init__(self, database: Database, on_commit: Callable[[int, str], None]) -> None:
        self._database = database
        self._on_commit = on_commit
        self._queue: SimpleQueue[Order | None] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped: asyncio.Future[None] | None = None
        self.running = False

    async def start(self) -> None:
        """Start the thread and open the database in it; raises what `Database.start` raises."""
        self._loop = asyncio.get_running_loop()
        self._stopped = self._loop.create_future()
        started = self._loop.create_future()
        self.running = True
        threading.Thread(target=self._serve, args=(started,), name="store", daemon=True).start()
        await started

    async def stop(self) -> None:
        """Finish what is queued, close the database, end the thread; safe to call twice."""
        if self._stopped is None:
            return
        if self.running:
            self.running = False
            self._queue.put(None)
        await asyncio.shield(self._stopped)

    def submit(self, order: Order) -> None:
        """Queue one order; its future is set in the loop after the commit."""
        self._queue.put(order)

    def _serve(self, started: asyncio.Future[None]) -> None:
        try:
            self._database.start()
        except Exception as error:  # noqa: BLE001  handed to whoever awaits the start
            self.running = False
            self._call(_settle, started, None, error)
            self._call(_settle, self._stopped, None, None)
            return
        self._call(self._on_commit, self._database.last_seq, self._database.epoch)
        self._call(_settle, started, None, None)
        while self._turn():
            pass
        self._database.close()
        self._call(_settle, self._stopped, None, None)

    def _turn(self) -> bool:
        """Serve one group, or use the silence; return whether to go on."""
        try:
            first = self._queue.get(timeout=IDLE_SECONDS if self._database.untidy else TIDY_SECONDS)
        except Empty:
            self._database.tidy()
            return True
        if first is None:
            return False
        orders, go_on = self._gather(first)
        self._database.run([order.job for order in orders])
        self._call(self._deliver, orders, self._database.last_seq, self._database.epoch)
        self._database.relieve()
        return go_on

    def _gather(self, first: Order) -> tuple[list[Order], bool]:
        orders = [first]
        with contextlib.suppress(Empty):
            while len(orders) < GROUP:
                order = self._queue.get_nowait()
                if order is None:
                    return orders, False
                orders.append(order)
        return orders, True

    def _deliver(self, orders: list[Order], last_seq: int, epoch: str) -> None:
        for order in orders:
            _settle(order.future, order.job.value, order.job.error)
        self._on_commit(last_seq, epoch)

    def _call(self, callback: Callable[..., None], *args: object) -> None:
        if self._loop is not None:
            # A loop that was closed under us has nobody left to tell.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(callback, *args)


def _settle(future: asyncio.Future[Any], value: object, error: Exception | None) -> None:
    if future.done():
        return  # its caller was cancelled; the work is committed all the same
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)
