"""Many rows in one statement: `unnest` of typed arrays through the driver on PostgreSQL, `executemany` on SQLite.

Rows are mappings with the same keys. On PostgreSQL nothing is done per row but putting values into lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.engine import is_postgresql
from hub.db.types import UtcTime

Row = Mapping[str, Any]


async def insert_new(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose primary key (or other unique key) does not exist yet."""
    if not rows:
        return
    names = tuple(rows[0])
    if is_postgresql(connection):
        await _unnest(connection, table, names, rows, "ON CONFLICT DO NOTHING")
    else:
        await connection.execute(insert(table).prefix_with("OR IGNORE"), [dict(row) for row in rows])


async def upsert(
    connection: AsyncConnection, table: Table, rows: Sequence[Row], update: Mapping[str, str] | None = None
) -> None:
    """Insert the rows, or update those whose primary key exists.

    `update` maps columns to SQL expressions over `excluded` and the table's name; by default every column outside the
    key takes the new value.
    """
    if not rows:
        return
    names = tuple(rows[0])
    clause = _conflict_clause(table, names, tuple(update.items()) if update is not None else None)
    if is_postgresql(connection):
        await _unnest(connection, table, names, rows, clause)
        return
    marks = ", ".join(f":{name}" for name in names)
    sql = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}) {clause}"  # noqa: S608 -- names of `tables.py`
    await connection.exec_driver_sql(sql, [_for_sqlite(table, row) for row in rows])


async def update_rows(
    connection: AsyncConnection, table: Table, keys: Sequence[str], rows: Sequence[Row], *, fill: bool = False
) -> None:
    """Update rows that exist, found by the columns `keys`; with `fill` only columns that are still null."""
    if not rows:
        return
    names = tuple(rows[0])
    if is_postgresql(connection):
        driver = await driver_of(connection)
        arrays = [[row[name] for row in rows] for name in names]
        await driver.execute(_update_sql(table, tuple(keys), names, fill), *arrays)
        return
    sets = ", ".join(f"{n} = {f'coalesce({n}, :{n})' if fill else f':{n}'}" for n in names if n not in keys)
    where = " AND ".join(f"{name} = :{name}" for name in keys)
    sql = f"UPDATE {table.name} SET {sets} WHERE {where}"  # noqa: S608 -- names of `tables.py`
    await connection.exec_driver_sql(sql, [_for_sqlite(table, row) for row in rows])


@lru_cache(maxsize=512)
def _update_sql(table: Table, keys: tuple[str, ...], names: tuple[str, ...], fill: bool) -> str:
    sets = ", ".join(f"{n} = {f'coalesce(t.{n}, v.{n})' if fill else f'v.{n}'}" for n in names if n not in keys)
    arrays = ", ".join(f"${i}::{_array_type(table, name)}[]" for i, name in enumerate(names, 1))
    where = " AND ".join(f"t.{name} = v.{name}" for name in keys)
    return f"UPDATE {table.name} t SET {sets} FROM unnest({arrays}) AS v({', '.join(names)}) WHERE {where}"  # noqa: S608 -- names of `tables.py`


@lru_cache(maxsize=512)
def _conflict_clause(table: Table, names: tuple[str, ...], update: tuple[tuple[str, str], ...] | None) -> str:
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


async def _unnest(
    connection: AsyncConnection, table: Table, names: tuple[str, ...], rows: Sequence[Row], clause: str
) -> None:
    driver = await driver_of(connection)
    arrays = [[row[name] for row in rows] for name in names]
    await driver.execute(_unnest_sql(table, names, clause), *arrays)


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
