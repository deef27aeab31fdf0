"""The store's public face: units of work that are durable when they return, and the uplink's view of the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, cast
from uuid import UUID

from edge.clock import Clock
from edge.errors import BugError
from edge.store.database import Database, Job
from edge.store.outbox import AckLike, AckResult, Author, Identity, Origin, OutboxRow
from edge.store.room import Room, free_bytes
from edge.store.transaction import Transaction
from edge.store.worker import Order, Worker

__all__ = ["AckResult", "Identity", "OutboxRow", "Store", "Transaction"]

T = TypeVar("T")


class Store:
    """One station's state in one SQLite file, with one writer. Made by `Store.open`, closed by `close` or `async with`.

    A work is plain code over a `Transaction`: no await, no I/O, quick. It runs in the store's thread, so it must touch
    nothing but its transaction and values that nobody else changes meanwhile. Works that wait at the same time share a
    commit. When a call returns, its work is on the disk, or it raised and nothing of it is.
    """

    def __init__(self, database: Database, room: Room) -> None:
        self._room = room
        self._worker = Worker(database, self._committed)
        self._last_seq = 0
        self._epoch = ""
        self._grown = asyncio.Event()

    @classmethod
    async def open(
        cls,
        path: Path,
        clock: Clock,
        *,
        software: str = "",
        simulated: tuple[str, ...] = (),
        free: Callable[[Path], int] = free_bytes,
        max_pages: int | None = None,
    ) -> Self:
        """Open (or make) the store at `path` and commit this start: boot counted, live grants dead, lock-outs in full.

        That commit also emits `station_started` with `software` and `simulated`. `free` tells the free bytes of a
        directory; `max_pages` bounds the file (tests of a full disk).

        Raises:
            ConfigError: another process has the store, or SQLite or the file does not fit this program.
            StoreBusyError: the disk refuses.
        """
        room = Room(path.with_suffix(".reserve"), free)
        author = Author(clock.now, lambda: clock.synced, software, simulated)
        store = cls(Database(path, clock, author, room, max_pages), room)
        await store._worker.start()
        return store

    async def close(self) -> None:
        """Finish what is queued, checkpoint and close; safe to call twice."""
        await self._worker.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one transaction and return its value once that is committed and synced.

        A work that raises is rolled back alone and its error raised here. A cancelled caller does not stop its work.

        Raises:
            StoreBusyError: the disk is full or failed, and nothing was told to be done; read again before deciding.
        """
        return cast(T, await self._submit(work, writes=True))

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run `work`, which may only read, on a committed state.

        Raises:
            StoreBusyError: the disk failed.
        """
        return cast(T, await self._submit(work, writes=False))

    def require_room(self) -> None:
        """Ask before taking paper; pickups and clearings need not ask.

        Raises:
            StoreBusyError: the disk is nearly full.
        """
        self._room.require()

    async def pending(self, after_seq: int, limit: int) -> list[OutboxRow]:
        """Return up to `limit` unacknowledged rows above `after_seq`, in order of their numbers."""
        return await self.read(lambda transaction: transaction.pending(after_seq, limit))

    async def accept_ack(self, ack: AckLike) -> AckResult:
        """Take an acknowledgement of the hub (contract `Ack`); see `AckOutcome` for what follows from it."""
        return await self.transact(lambda transaction: transaction.accept_ack(ack))

    async def new_epoch(self, origin: Origin = "fork") -> UUID:
        """Number all unacknowledged rows anew under a new epoch and return it."""
        return await self.transact(lambda transaction: transaction.new_epoch(origin))

    async def identity(self) -> Identity:
        """Return what a birth says."""
        return await self.read(lambda transaction: transaction.identity())

    async def count_connection(self) -> int:
        """Count a connection durably; call before CONNECT."""
        return await self.transact(lambda transaction: transaction.count_connection())

    @property
    def last_seq(self) -> int:
        """Newest committed number."""
        return self._last_seq

    async def wait_appended(self, epoch: UUID, after_seq: int) -> None:
        """Return as soon as the epoch is another one or a number above `after_seq` is committed."""
        while self._epoch == str(epoch) and self._last_seq <= after_seq:
            self._grown.clear()
            await self._grown.wait()

    def _committed(self, last_seq: int, epoch: str) -> None:
        self._last_seq, self._epoch = last_seq, epoch
        self._grown.set()

    async def _submit(self, work: Callable[[Transaction], object], *, writes: bool) -> object:
        if not self._worker.running:
            raise BugError("the store is closed")
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._worker.submit(Order(Job(work, writes), future))
        return await future
