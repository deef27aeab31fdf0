"""The SQLite file itself: opened, checked, rebuilt when malformed, and written in grouped commits.

Everything here runs in the store's one worker thread. There is exactly one connection to the file: SQLite before 3.51.3
can corrupt a WAL that is reset while a second connection checkpoints (the "WAL-reset bug" of its release notes), and
Debian and Python still ship older ones. Readers therefore queue with the writers.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from contract.events import DeviceFailed
from edge.clock import Clock
from edge.errors import ConfigError, StoreBusyError
from edge.store import salvage
from edge.store.lock import StoreLock
from edge.store.outbox import Author
from edge.store.room import Room
from edge.store.salvage import MalformedError
from edge.store.schema import NewerSchemaError, migrate
from edge.store.transaction import Transaction

log = logging.getLogger(__name__)

OLDEST_SQLITE = (3, 35, 0)
# A checkpoint costs two syncs and the commit after it a third (the log's new header), so an idle moment is used only
# once it is worth it; under unbroken load the log may not grow for ever (I7). Then it is overwritten from its start,
# which also spares the file system the journal entry of a growing file. A changed row is 1 to 3 pages of 4 KiB.
ROWS_WORTH_A_CHECKPOINT = 500
ROWS_UNTIL_CHECKPOINT = 2000
_DAY = 86_400.0
_LOST = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# After these the transaction is over for every work in it; anything else is the fault of one work.
_OF_THE_DISK = _LOST | {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}


@dataclass(slots=True)
class Job:
    """One unit of work and what became of it: `error`, or `value`."""

    work: Callable[[Transaction], object]
    writes: bool
    value: object = None
    error: Exception | None = None


class Database:
    """Owns the connection. A disk that refuses makes `run` answer with `StoreBusyError`; the next `run` opens anew."""

    def __init__(self, path: Path, clock: Clock, author: Author, room: Room, max_pages: int | None) -> None:
        self._path = path
        self._clock = clock
        self._author = author
        self._room = room
        self._max_pages = max_pages
        self._lock = StoreLock(path.with_suffix(".lock"))
        self._connection: sqlite3.Connection | None = None
        self._changes_at_checkpoint = 0
        self._history_due = 0.0
        self.last_seq = 0
        self.epoch = ""
        self.untidy = True

    def start(self) -> None:
        """Lock, open (rebuild what is malformed), and count this start in one transaction.

        Raises:
            ConfigError: another process has the store, SQLite is too old, or the file comes from a newer version.
            StoreBusyError: the disk refuses.
        """
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise ConfigError("python", "sqlite3", f"SQLite 3.35 or newer, not {sqlite3.sqlite_version}")
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock.acquire()
        boot = Job(self._boot, writes=True)
        try:
            self.run([boot])
        except Exception as error:  # noqa: BLE001  raised again below, once the lock is let go
            boot.error = error
        if boot.error is not None:
            self.close()
            raise boot.error
        self._room.replenish()

    def close(self) -> None:
        """Checkpoint, close and unlock; safe to call twice."""
        self._disconnect()
        self._lock.release()

    def run(self, jobs: Sequence[Job]) -> None:
        """Run all works in one transaction and commit once; each job holds its own outcome afterwards.

        A work that raises is rolled back alone. When the disk refuses, all jobs fail with `StoreBusyError`. After an
        I/O error nothing is tried again on the same connection: it is closed, and the next call opens and verifies.
        """
        try:
            self._run(self._connected(), jobs)
        except sqlite3.Error as error:
            log.exception("the store refused")
            self._give_back(error)
            for job in jobs:
                job.value, job.error = None, StoreBusyError(f"the store refused: {error}")

    def relieve(self) -> None:
        """Checkpoint in the middle of unbroken load, when the log has grown long."""
        self._checkpoint(ROWS_UNTIL_CHECKPOINT)

    def tidy(self) -> None:
        """Use an idle moment: prune a bite, move the log into the file, see whether the disk has room again."""
        prune = Job(self._prune, writes=True)
        self.run([prune])
        if prune.error is None:
            self._checkpoint(ROWS_WORTH_A_CHECKPOINT)
            self._room.replenish()
        self.untidy = bool(prune.value)

    def _run(self, connection: sqlite3.Connection, jobs: Sequence[Job]) -> None:
        writing = any(job.writes for job in jobs)
        connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
        transaction = Transaction(connection, self._author)
        if len(jobs) == 1:
            _attempt(connection, transaction, jobs[0])
            if jobs[0].error is not None:
                connection.execute("ROLLBACK")
                return
        else:
            for job in jobs:
                _attempt_apart(connection, transaction, job)
        last_seq, epoch = transaction.last_seq, transaction.meta("epoch")
        connection.execute("COMMIT")
        self.last_seq, self.untidy = last_seq, self.untidy or writing
        if epoch != self.epoch:
            self.epoch = epoch
            self._lock.remember(epoch)

    def _prune(self, transaction: Transaction) -> int:
        now, gone = self._clock.monotonic(), transaction.prune()
        if self._history_due <= now:
            forgotten = transaction.forget_history()
            # These tables are read whole, so once a day; at once again while there is more to forget.
            self._history_due = now if forgotten else now + _DAY
            gone += forgotten
        return gone

    def _boot(self, transaction: Transaction) -> None:
        transaction.count_boot()
        transaction.kill_grants()
        for throttle in transaction.throttles():
            transaction.save_throttle(throttle.restarted(self._clock.monotonic()))
        if transaction.meta("epoch"):
            transaction.emit_started()
        else:
            transaction.new_epoch("created")

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._open()
            self._changes_at_checkpoint = self._connection.total_changes
        return self._connection

    def _open(self) -> sqlite3.Connection:
        salvage.finish_interrupted(self._path)
        gone = self._lock.remembers_store and not _has_content(self._path)
        try:
            connection = self._rebuilt("gone") if gone else self._connect(self._path)
        except MalformedError as error:
            connection = self._rebuilt(str(error))
        self._verify_promises(connection)
        return connection

    def _connect(self, path: Path) -> sqlite3.Connection:
        # Made first by hand, because SQLite gives its log and index the mode of the file.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        salvage.sync_directory(path.parent)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
        try:
            _configure(connection, self._max_pages)
            migrate(connection)
        except NewerSchemaError as error:
            connection.close()
            raise ConfigError(str(path), "user_version", str(error)) from error
        except BaseException as error:
            connection.close()
            if isinstance(error, sqlite3.Error) and _primary(error) in _LOST:
                raise MalformedError(str(error)) from error
            raise
        return connection

    def _rebuilt(self, fault: str) -> sqlite3.Connection:
        aside = salvage.aside_name(self._path)
        log.critical("store %s is malformed (%s): moved to %s", self._path.name, fault, aside.name)
        salvage.discard_attempt(self._path)
        # A store that is gone gets its name back, empty: without it a half-built new one would be taken for complete.
        self._path.touch(mode=0o600)
        salvage.sync_directory(self._path.parent)
        fresh = self._connect(salvage.new_place(self._path))
        try:
            salvage.rebuild(self._path, fresh, self._author, f"{fault[:120]}; moved to {aside.name}")
        finally:
            fresh.close()
        salvage.move_aside(self._path, aside)
        salvage.take_place(self._path)
        return self._connect(self._path)

    def _verify_promises(self, connection: sqlite3.Connection) -> None:
        """After an I/O error: whatever was told to be committed must still be there, else it is said and renumbered."""
        transaction = Transaction(connection, self._author)
        if not self.epoch or transaction.meta("epoch") != self.epoch or transaction.last_seq >= self.last_seq:
            return
        log.critical("store %s lost committed rows", self._path.name)
        connection.execute("BEGIN IMMEDIATE")
        transaction.new_epoch("salvaged")
        transaction.emit(DeviceFailed(device="store", fault="the disk lost rows that it had confirmed"))
        connection.execute("COMMIT")

    def _give_back(self, error: sqlite3.Error) -> None:
        if _primary(error) == sqlite3.SQLITE_FULL:
            self._room.met_full_disk()
            if self._connection is not None and _rolled_back(self._connection):
                return
        self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _checkpoint(self, rows: int) -> None:
        connection = self._connection
        if connection is None or connection.total_changes - self._changes_at_checkpoint < rows:
            return
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            log.exception("checkpoint failed")
            self._give_back(error)
        else:
            self._changes_at_checkpoint = connection.total_changes


def _attempt(connection: sqlite3.Connection, transaction: Transaction, job: Job) -> None:
    if not job.writes:
        connection.execute("PRAGMA query_only = 1")
    try:
        job.value = job.work(transaction)
    except Exception as error:
        if isinstance(error, sqlite3.Error) and _primary(error) in _OF_THE_DISK:
            raise
        job.error = error
    finally:
        if not job.writes:
            connection.execute("PRAGMA query_only = 0")


def _attempt_apart(connection: sqlite3.Connection, transaction: Transaction, job: Job) -> None:
    connection.execute("SAVEPOINT work")
    _attempt(connection, transaction, job)
    if job.error is not None:
        connection.execute("ROLLBACK TO work")
    connection.execute("RELEASE work")


def _configure(connection: sqlite3.Connection, max_pages: int | None) -> None:
    connection.row_factory = sqlite3.Row
    if max_pages is not None:
        connection.execute(f"PRAGMA max_page_count = {max_pages}")
    connection.execute("PRAGMA journal_mode = WAL")
    # NORMAL loses committed rows on a power cut; FULL syncs the log at every commit.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA mmap_size = 0")
    connection.execute("PRAGMA foreign_keys = ON")
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise MalformedError(str(found))


def _has_content(path: Path) -> bool:
    # The log alone does not count: SQLite deletes one that has no database. A store that was ever used has a header.
    return path.exists() and path.stat().st_size > 0


def _primary(error: sqlite3.Error) -> int:
    """Return the primary result code; extended ones carry it in their low byte."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _rolled_back(connection: sqlite3.Connection) -> bool:
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except sqlite3.Error:
        return False
    return True
