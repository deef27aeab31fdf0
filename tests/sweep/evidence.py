"""What a run leaves behind: what people were told, the stores of the station, the hub's rows, what doors did."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hall.ledger import Told
from tests.sweep.hub_books import Row

STORE_TABLES = ("meta", "outbox", "outbox_past", "compartments", "visits", "grants", "codes", "slips", "documents")


@dataclass(frozen=True)
class StoreRows:
    """The rows of one copy of the station's store, and what SQLite says of the file."""

    tables: dict[str, list[Row]]
    integrity: str

    def meta(self, key: str) -> str:
        return next((str(row["value"]) for row in self.tables["meta"] if row["key"] == key), "")

    @property
    def written(self) -> list[dict[str, Any]]:
        """Every event that this store holds, as it goes on the wire, oldest epoch first."""
        return [json.loads(row["body"]) for table in ("outbox_past", "outbox") for row in self.tables[table]]

    @property
    def acknowledged(self) -> list[dict[str, Any]]:
        """Those of them that the hub had acknowledged to this store."""
        through = int(self.meta("acked_through") or 0)
        past = [json.loads(row["body"]) for row in self.tables["outbox_past"]]
        return past + [json.loads(row["body"]) for row in self.tables["outbox"] if row["seq"] <= through]


@dataclass(frozen=True)
class Evidence:
    """Everything about one run.

    `store` is the station's store as it stands at the end, `former` are copies of stores that were in force before it
    (or of a clone). `doors` is the simulator's door log of this run, `slips` the text on paper, `inside` the numbers of
    the compartments in which something lies. `rewound`: stores were put back or the hub was restored, so that numbers
    of an epoch may have been given up visibly. `cloned`: two stores of one name were at work at once.
    """

    station: str
    told: Sequence[Told]
    store: StoreRows
    hub: dict[str, list[Row]]
    doors: Sequence[dict[str, Any]]
    slips: str = ""
    inside: frozenset[int] = frozenset()
    former: Sequence[StoreRows] = field(default_factory=tuple)
    hub_integrity: str = "ok"
    rewound: bool = False
    cloned: bool = False

    @property
    def stores(self) -> list[StoreRows]:
        return [*self.former, self.store]


def read_store(file: Path) -> StoreRows:
    """Read a store that nobody has open."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        tables = {
            name: [dict(row) for row in connection.execute(f"select * from {name} order by {_order(name)}")]
            for name in STORE_TABLES
        }
        integrity = str(connection.execute("pragma integrity_check").fetchone()[0])
    return StoreRows(tables, integrity)


def copy_store(data_dir: Path, to: Path) -> Path:
    """Copy a stopped station's data directory, log included; return the copied store."""
    shutil.copytree(data_dir, to, dirs_exist_ok=True)
    return to / "station.db"


def _order(table: str) -> str:
    return {"outbox": "seq", "outbox_past": "position"}.get(table, "1")
