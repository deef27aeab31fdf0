"""Write merged changes: one statement for all rows that agree in table, rule and columns."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.batch import Statement, run
from hub.ingest.changes import Change, Rule, merged


async def write_changes(connection: AsyncConnection, changes: Iterable[Change]) -> None:
    """Merge the changes and write them."""
    for statement in statements(changes):
        await run(connection, statement)


def statements(changes: Iterable[Change]) -> list[Statement]:
    """Return what writes the merged changes. Pure."""
    ordered = sorted(merged(changes), key=_kind)
    return [_statement(list(rows)) for _, rows in groupby(ordered, key=_kind)]


def _kind(change: Change) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    return (change.table.name, change.rule, tuple(sorted(change.values)), tuple(sorted(change.fresh)))


def _statement(changes: list[Change]) -> Statement:
    first = changes[0]
    table, columns = first.table, sorted(set(first.values) - set(first.key))
    if first.rule in (Rule.EDIT, Rule.FILL_EDIT):
        kind: Literal["edit", "fill"] = "edit" if first.rule is Rule.EDIT else "fill"
        return Statement(kind, table, [_row(change, columns, ()) for change in changes], tuple(first.key))
    rows = [_row(change, columns, sorted(set(first.fresh) - set(first.values))) for change in changes]
    if first.rule is Rule.NEW:
        return Statement("new", table, rows)
    return Statement("upsert", table, rows, update=tuple((name, _expression(first, name)) for name in columns))


def _row(change: Change, columns: list[str], fresh: Iterable[str]) -> dict[str, Any]:
    row = dict(change.key)
    for name in columns:
        row[name] = change.values[name]
    for name in fresh:
        row[name] = change.fresh[name]
    return row


def _expression(change: Change, name: str) -> str:
    table = change.table.name
    if change.rule is Rule.PICTURE:
        told = f"{table}.state_at IS NULL OR excluded.at >= {table}.state_at"
        return f"CASE WHEN {told} THEN excluded.{name} ELSE {table}.{name} END"
    if change.rule is Rule.OPEN and name == "opened_at":
        return f"CASE WHEN {table}.closed_at IS NULL THEN {table}.{name} ELSE excluded.{name} END"
    if change.rule is Rule.FILL:
        return f"coalesce({table}.{name}, excluded.{name})"
    return f"excluded.{name}"
