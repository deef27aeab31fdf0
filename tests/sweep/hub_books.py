"""The hub's database seen from outside, SQLite or PostgreSQL: plain SQL, plain rows, no code of the hub."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from hall.processes import until

Row = dict[str, Any]
Value = str | int | bool | datetime | None
BUSY_S = 20.0
AWAY_S = 90.0
_HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY}
_STARTING = (asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError)
# A station's id is spelt into queries; nothing else than such an id ever is.
_ID = re.compile(r"[a-z0-9-]{3,32}")
# How to find a station's rows in each table that the oracle reads.
TABLES = {
    "events": "station", "forks": "station", "epochs": "station", "stations": "station", "audit": "chain",
    "deposits": "station", "compartments": "station", "sealed": "station", "quarantine": "station",
    "tasks": "station", "cases": "station",
}  # fmt: skip


class Books(Protocol):
    """Where the hub keeps its records."""

    url: str

    async def rows(self, sql: str) -> list[Row]:
        """Return the rows of a query."""

    async def execute(self, sql: str, *values: Value) -> None:
        """Carry out one statement with `?` for each value, and commit."""


class SqliteBooks:
    """A SQLite file that a hub writes at the same time."""

    def __init__(self, file: Path) -> None:
        self.file, self.url = file, f"sqlite:///{file}"

    async def rows(self, sql: str) -> list[Row]:
        found: list[Row] = []

        def read(connection: sqlite3.Connection) -> None:
            connection.row_factory = sqlite3.Row
            found[:] = [dict(row) for row in connection.execute(sql)]

        await self._patiently("ro", read)
        return found

    async def execute(self, sql: str, *values: Value) -> None:
        plain = [_plain(value) for value in values]
        await self._patiently("rw", lambda connection: connection.execute(sql, plain))

    async def _patiently(self, mode: str, work: Callable[[sqlite3.Connection], object]) -> None:
        """Try until nobody holds the file. Never wait inside SQLite: whoever must let go may run in this very loop."""

        async def done() -> bool:
            try:
                opened = sqlite3.connect(f"file:{self.file}?mode={mode}", uri=True, timeout=0)
                with closing(opened) as connection, connection:
                    work(connection)
            except sqlite3.OperationalError as error:
                # Read-only: a hub that was killed left a journal; its next start rolls it back, not a reader.
                if error.sqlite_errorcode & 0xFF not in _HELD:
                    raise
                return False
            return True

        await until(done, BUSY_S, "the hub's database is free")


class PostgresBooks:
    """A PostgreSQL database."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def rows(self, sql: str) -> list[Row]:
        found: list[Row] = []

        async def read() -> bool:
            try:
                connection = await asyncpg.connect(self.url)
                try:
                    found[:] = [dict(row) for row in await connection.fetch(sql)]
                finally:
                    connection.terminate()
            except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, *_STARTING):
                return False
            return True

        await until(read, AWAY_S, "the hub's database is there")
        return found

    async def execute(self, sql: str, *values: Value) -> None:
        numbers = count(1)
        numbered = re.sub(r"\?", lambda _: f"${next(numbers)}", sql)
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(numbered, *values)
        finally:
            await connection.close()


async def station_rows(books: Books, station: str) -> dict[str, list[Row]]:
    """Return everything that the hub has on record about one station, table by table."""
    assert _ID.fullmatch(station)
    return {
        table: await books.rows(f"select * from {table} where {column} = '{station}'")
        for table, column in TABLES.items()
    }


def moment(value: object) -> datetime:
    """Return a stored time, aware, whichever database it comes from."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    assert isinstance(value, datetime)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _plain(value: Value) -> Value:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value


def of_type(rows: Sequence[Row], kind: str) -> list[Row]:
    """Return the events of one type."""
    return [row for row in rows if row["type"] == kind]
