"""The database engine: SQLite's pragmas, who may write, and what counts as "the database is away".

Every transaction takes SQLite's write lock at its start (`BEGIN IMMEDIATE`), so that a transaction which reads and then
writes never has to give up in the middle; `reading` is the exception that only reads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from hub.config import database_url

BUSY_MS = 15_000
# Below 3.51.3 a WAL reset can corrupt a database that several connections write (SQLite release notes).
WAL_IS_SAFE = (3, 51, 3)
_READ_ONLY = "nightdesk_reading"
# Connection, out of resources, shutdown, serialisation and deadlock, lock not available, a standby that only reads.
_POSTGRESQL_AWAY = ("08", "53", "57P", "40", "55P03", "25006")
_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL,
}  # fmt: skip


def make_engine(url: str) -> AsyncEngine:
    """Make an engine for a SQLite or PostgreSQL URL; nothing is opened yet."""
    parsed = make_url(database_url(url))
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            # SQLite's own URI form names the same file.
            Path(parsed.database.removeprefix("file:")).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(parsed, pool_size=8, hide_parameters=True)
        event.listen(engine.sync_engine, "do_connect", _sqlite_probe)
        event.listen(engine.sync_engine, "connect", _sqlite_pragmas)
        event.listen(engine.sync_engine, "begin", _sqlite_begin)
        return engine
    arguments = {"timeout": 5, "command_timeout": 30}
    return create_async_engine(parsed, pool_pre_ping=True, pool_size=8, connect_args=arguments, hide_parameters=True)


def _sqlite_probe(_dialect: object, _record: object, arguments: Sequence[Any], _options: object) -> None:
    # aiosqlite's thread outlives a failed opening and then speaks to a loop that may be closed: fail before it starts.
    sqlite3.connect(arguments[0]).close()


def _sqlite_pragmas(connection: DBAPIConnection, _record: object) -> None:
    driver: Any = connection
    driver.isolation_level = None  # transactions are begun by `_sqlite_begin`, not by the driver
    cursor = connection.cursor()
    if sqlite3.sqlite_version_info >= WAL_IS_SAFE:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
    else:
        cursor.execute("PRAGMA journal_mode=TRUNCATE")
        cursor.execute("PRAGMA synchronous=EXTRA")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One transaction that may write; committed at the end, rolled back by an exception."""
    async with engine.begin() as connection:
        yield connection


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One transaction that only reads; never waits for a writer longer than its commit."""
    async with engine.connect() as connection:
        yield await connection.execution_options(**{_READ_ONLY: True})


def is_postgresql(connection: AsyncConnection | AsyncEngine) -> bool:
    """Whether this is PostgreSQL (else SQLite)."""
    return connection.dialect.name == "postgresql"


def is_away(error: BaseException) -> bool:
    """Whether the error says that the database is unreachable, full, busy or changing hands: try the same later."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        causes = [error.orig, error.orig.__cause__ if error.orig is not None else None]
        return any(_says_away(cause) for cause in causes if cause is not None)
    return isinstance(error, PoolTimeoutError) or _says_away(error)


def _says_away(error: BaseException) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE_AWAY
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_POSTGRESQL_AWAY)
    return isinstance(error, OSError | TimeoutError | asyncpg.InterfaceError)
