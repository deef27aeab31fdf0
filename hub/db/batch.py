"""Many rows in one statement: `unnest` of typed arrays through the driver on PostgreSQL, `executemany` on SQLite.

Rows are mappings with the same keys. On PostgreSQL nothing is done per row but putting values into lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, Protocol

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.engine import is_postgresql
from hub.db.types import UtcTime

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Statement:
    """What to do with rows of one table: `rows` are mappings with the same keys.

    `new`: insert those whose primary key (or other unique key) does not exist. `upsert`: insert, or update by the SQL
    expressions `update` (over `excluded` and the table's name; by default every column outside the key takes the new
    value). `edit`: update rows that exist, found by `keys`. `fill`: likewise, but only columns that are still null.
    """

    kind: Literal["new", "upsert", "edit", "fill"]
    table: Table
    rows: Sequence[Row]
    keys: tuple[str, ...] = ()
    update: tuple[tuple[str, str], ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self.rows[0])

    def for_postgresql(self) -> tuple[str, list[list[Any]]]:
        """Return one SQL text and its arrays, one for each column."""
        arrays = [[row[name] for row in self.rows] for name in self.names]
        if self.kind in ("edit", "fill"):
            return _update_sql(self.table, self.keys, self.names, self.kind == "fill"), arrays
        return _unnest_sql(self.table, self.names, self._clause()), arrays

    def for_sqlite(self) -> tuple[str, list[dict[str, Any]]]:
        """Return one SQL text and the parameters of each row."""
        return _sqlite_sql(self), [_for_sqlite(self.table, row) for row in self.rows]

    def _clause(self) -> str:
        return "ON CONFLICT DO NOTHING" if self.kind == "new" else _upsert_clause(self.table, self.names, self.update)


async def run(connection: AsyncConnection, statement: Statement) -> None:
    """Run the statement inside the connection's transaction; nothing without rows."""
    if not statement.rows:
        return
    if is_postgresql(connection):
        sql, arrays = statement.for_postgresql()
        await (await driver_of(connection)).execute(sql, *arrays)
    else:
        await connection.exec_driver_sql(*statement.for_sqlite())


async def insert_new(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows that do not exist yet."""
    await run(connection, Statement("new", table, rows))


async def upsert(
    connection: AsyncConnection, table: Table, rows: Sequence[Row], update: Mapping[str, str] | None = None
) -> None:
    """Insert the rows, or update those whose primary key exists."""
    pairs = tuple(update.items()) if update is not None else None
    await run(connection, Statement("upsert", table, rows, update=pairs))


async def update_rows(
    connection: AsyncConnection, table: Table, keys: Sequence[str], rows: Sequence[Row], *, fill: bool = False
) -> None:
    """Update rows that exist."""
    await run(connection, Statement("fill" if fill else "edit", table, rows, tuple(keys)))


def _sqlite_sql(statement: Statement) -> str:
    table, names, keys = statement.table, statement.names, statement.keys
    if statement.kind in ("edit", "fill"):
        value = "coalesce({0}, :{0})" if statement.kind == "fill" else ":{0}"
        sets = ", ".join(f"{name} = {value.format(name)}" for name in names if name not in keys)
        where = " AND ".join(f"{name} = :{name}" for name in keys)
        return f"UPDATE {table.name} SET {sets} WHERE {where}"  # noqa: S608 -- names of `tables.py`
    marks = ", ".join(f":{name}" for name in names)
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}) {statement._clause()}"  # noqa: S608 -- names of `tables.py`


@lru_cache(maxsize=512)
def _update_sql(table: Table, keys: tuple[str, ...], names: tuple[str, ...], fill: bool) -> str:
    sets = ", ".join(f"{n} = {f'coalesce(t.{n}, v.{n})' if fill else f'v.{n}'}" for n in names if n not in keys)
    arrays = ", ".join(f"${i}::{_array_type(table, name)}[]" for i, name in enumerate(names, 1))
    where = " AND ".join(f"t.{name} = v.{name}" for name in keys)
    return f"UPDATE {table.name} t SET {sets} FROM unnest({arrays}) AS v({', '.join(names)}) WHERE {where}"  # noqa: S608 -- names of `tables.py`


@lru_cache(maxsize=512)
def _upsert_clause(table: Table, names: tuple[str, ...], update: tuple[tuple[str, str], ...] | None) -> str:
    keys = [column.name for column in table.primary_key]
    pairs = update if update is not None else tuple((n, f"excluded.{n}") for n in names if n not in keys)
    if not pairs:
        return "ON CONFLICT DO NOTHING"
    sets = ", ".join(f"{name} = {expression}" for name, expression in pairs)
    return f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sets}"


@lru_cache(maxsize=512)
def _unnest_sql(table: Table, names: tuple[str, ...], clause: str) -> str:
    arrays = ", ".join(f"${i}::{_array_type(table, name)}[]" for i, name in enumerate(names, 1))
    return f"INSERT INTO {table.name} ({', '.join(names)}) SELECT * FROM unnest({arrays}) {clause}"  # noqa: S608 -- names of `tables.py`


def _array_type(table: Table, name: str) -> str:
    kind = table.c[name].type
    if isinstance(kind, BigInteger):
        return "bigint"
    if isinstance(kind, Integer):
        return "integer"
    if isinstance(kind, Boolean):
        return "boolean"
    if isinstance(kind, UtcTime):
        return "timestamptz"
    return "bytea" if isinstance(kind, LargeBinary) else "text"


class Driver(Protocol):
    """What we use of asyncpg's connection; its records are indexed by column name."""

    def is_in_transaction(self) -> bool:
        """Whether BEGIN was sent."""

    async def execute(self, query: str, *arguments: object) -> str:
        """Run one statement."""

    async def fetch(self, query: str, *arguments: object) -> list[Any]:
        """Run one query."""


async def driver_of(connection: AsyncConnection) -> Driver:
    """Return asyncpg's own connection inside the running transaction, for statements with arrays."""
    driver: Driver = (await connection.get_raw_connection()).driver_connection  # type: ignore[assignment]  # untyped
    if not driver.is_in_transaction():
        # SQLAlchemy's adapter begins lazily, at its own first statement; a statement past it would commit alone.
        await connection.exec_driver_sql("SELECT 1")
    return driver


@lru_cache(maxsize=256)
def _time_columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if isinstance(column.type, UtcTime))


def _for_sqlite(table: Table, row: Row) -> dict[str, Any]:
    """Write times as SQLAlchemy does on SQLite; nothing else needs a conversion."""
    values = dict(row)
    for name in _time_columns(table):
        at: datetime | None = values.get(name)
        if at is not None:
            values[name] = at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return values
