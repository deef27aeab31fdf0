"""Reads the databases of a run from outside, with plain SQL and without taking part: what is really on record."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

Row = dict[str, Any]
# The hub's rollback journal locks readers out for the moment of a commit.
BUSY_S = 10.0


def rows(database: Path, sql: str, *parameters: str | int) -> list[Row]:
    """The rows of a query, by column name; none when the database does not exist yet."""
    if not database.exists():
        return []
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=BUSY_S)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, parameters)]


def one(database: Path, sql: str, *parameters: str | int) -> Row | None:
    """The first row of a query, or None."""
    return next(iter(rows(database, sql, *parameters)), None)


def value(database: Path, sql: str, *parameters: str | int) -> Any:  # noqa: ANN401 - whatever the column holds
    """The first column of the first row, or None."""
    row = one(database, sql, *parameters)
    return None if row is None else next(iter(row.values()))
