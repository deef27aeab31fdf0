"""Small things that all tables share: the connection, and how values become columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

T = TypeVar("T")
Value = str | int | float | bytes | None


class Rows:
    """Base of the parts of a `Transaction`: one connection, inside one transaction."""

    def __init__(self, connection: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now

    def _one(self, sql: str, *values: Value) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def _all(self, sql: str, *values: Value) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def _put(self, table: str, **columns: Value) -> None:
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        # Table and column names come from this package alone, values are bound.
        sql = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
        self._connection.execute(sql, tuple(columns.values()))


def text(value: UUID | datetime | None) -> str | None:
    """Write an id or a time as its column."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime) else str(value)


def optional(read: Callable[[str], T], column: str | None) -> T | None:
    """Read a column that may be NULL."""
    return None if column is None else read(column)


def added(row: sqlite3.Row, name: str) -> Any:  # noqa: ANN401  whatever the column holds
    """Read a column that came with a later version: a salvage reads files of older ones, where it is None."""
    return row[name] if name in row.keys() else None  # noqa: SIM118  a Row's own `in` looks at values
