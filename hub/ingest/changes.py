"""What a handler wants changed in the picture: plain values, so that handlers stay pure and writing happens in batches.

`Changes` merges the wishes of many events in their order: of one row there is one write, and the last word on each
column wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Table


class Rule(StrEnum):
    """How a change meets a row that exists."""

    PUT = "put"
    """Insert, or overwrite the named columns."""
    OPEN = "open"
    """Like PUT for a task: of one that is open, `opened_at` stays what it was."""
    PICTURE = "picture"
    """Like PUT, unless a newer retained picture of the station told the row already (`state_at`)."""
    EDIT = "edit"
    """Overwrite the named columns of a row that exists; the hub's own rows are never made by a station."""
    NEW = "new"
    """Insert, or leave what exists."""
    FILL = "fill"
    """Insert, or fill only what is still empty: later events have spoken already."""
    FILL_EDIT = "fill_edit"
    """Fill what is still empty in a row that exists."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row's change. `values` are what the event says; `fresh` are columns that only a new row takes."""

    table: Table
    rule: Rule
    key: Mapping[str, Any]
    values: Mapping[str, Any]
    fresh: Mapping[str, Any] = field(default_factory=dict)

    @property
    def row(self) -> tuple[str, Rule, tuple[Any, ...]]:
        """Which row in which family of rules: wishes that agree in this are merged, so that their order holds."""
        return (self.table.name, _FAMILY.get(self.rule, self.rule), tuple(self.key.values()))

    def then(self, later: Change) -> Change:
        """Return both as one, the later having the last word; a row that either would make is made."""
        rule = later.rule if self.rule in _EDITS else self.rule
        return replace(self, rule=rule, values={**self.values, **later.values}, fresh={**later.fresh, **self.fresh})


_FAMILY = {Rule.EDIT: Rule.PUT, Rule.OPEN: Rule.PUT, Rule.FILL_EDIT: Rule.FILL}
_EDITS = frozenset({Rule.EDIT, Rule.FILL_EDIT})


_LATE = {Rule.PUT: Rule.FILL, Rule.OPEN: Rule.FILL, Rule.PICTURE: Rule.FILL, Rule.EDIT: Rule.FILL_EDIT}


def belated(changes: Iterable[Change]) -> list[Change]:
    """Return the changes of an event that is understood only after later events of its subject were projected."""
    return [replace(change, rule=_LATE.get(change.rule, change.rule)) for change in changes]


def merged(changes: Iterable[Change]) -> list[Change]:
    """Return at most one change for each row and rule, in a fixed order of tables and rows.

    Two transactions that touch the same rows meet them in the same order, so they wait and do not deadlock.
    """
    rows: dict[tuple[str, Rule, tuple[Any, ...]], Change] = {}
    for change in changes:
        before = rows.get(change.row)
        rows[change.row] = change if before is None else before.then(change)
    return [rows[row] for row in sorted(rows, key=_order)]


def _order(row: tuple[str, Rule, tuple[Any, ...]]) -> tuple[str, str, str]:
    return (row[0], row[1], repr(row[2]))
