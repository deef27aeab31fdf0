"""A malformed store is moved aside, and what can be read of it goes on in a new one; never silently empty.

Order, so that a power cut in the middle loses nothing: the new store is built complete beside the broken one, the
broken files are renamed, the new one takes their place. As long as the store's own name is there, nothing new counts.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import count
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from contract.envelope import Event
from contract.events import DeviceFailed
from edge.store.blanks import blank_of
from edge.store.compartments import compartment_of
from edge.store.file_rows import file_row_of
from edge.store.guessing import claim_of, code_of, throttle_of
from edge.store.outbox import Author
from edge.store.schema import TABLES
from edge.store.transaction import Transaction
from edge.store.trolley import trolley_item_of
from edge.store.visits import grant_of, visit_of
from edge.store.waiting import waiting_place_of

SUFFIXES = ("", "-wal", "-shm")
_NUMBERS = ("boot", "conn", "acked_through")
_IDS = ("epoch", "previous_epoch", "ledger")


class MalformedError(Exception):
    """The file is no sound database, or is not there although it was."""


def new_place(path: Path) -> Path:
    """Name the file in which the new store is built."""
    return path.with_name(path.name + ".salvaged")


def finish_interrupted(path: Path) -> None:
    """Put a completely built new store in its place, if the power was cut between the renames."""
    if not path.exists() and new_place(path).exists():
        # The broken file's log may still lie here; SQLite would replay it into the new one.
        move_aside(path, _broken(path, _unused(path) - 1))
        take_place(path)


def discard_attempt(path: Path) -> None:
    """Remove what an earlier attempt left half-built."""
    for suffix in SUFFIXES:
        Path(f"{new_place(path)}{suffix}").unlink(missing_ok=True)


def take_place(path: Path) -> None:
    """Give the new store its name, durably."""
    new_place(path).rename(path)
    sync_directory(path.parent)


def aside_name(path: Path) -> Path:
    """Return the first unused `<name>.broken-<n>`."""
    return _broken(path, _unused(path))


def _broken(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.broken-{number}")


def _unused(path: Path) -> int:
    return next(number for number in count(1) if not _broken(path, number).exists())


def move_aside(path: Path, aside: Path) -> None:
    """Rename the broken file and then its log, durably; they stay for a person to look at.

    In this order, because from the first rename on the new store counts, and before it the broken one needs its log.
    """
    for suffix in SUFFIXES:
        source = Path(f"{path}{suffix}")
        if source.exists():
            source.rename(f"{aside}{suffix}")
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make renames and new names in it durable."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def rebuild(broken: Path, fresh: sqlite3.Connection, author: Author, fault: str) -> None:
    """Copy every readable row into the new store, open a new epoch there and raise the alarm, in one transaction."""
    fresh.execute("BEGIN IMMEDIATE")
    # An empty file is not even opened: SQLite would delete the log beside it, which a person may still want to see.
    if broken.stat().st_size > 0:
        with closing(sqlite3.connect(broken, isolation_level=None)) as source:
            source.row_factory = sqlite3.Row
            for table in TABLES:
                _copy(source, fresh, table)
    transaction = Transaction(fresh, author)
    transaction.new_epoch("salvaged")
    transaction.emit(DeviceFailed(device="store", fault=fault))
    transaction.distrust_compartments()
    fresh.execute("COMMIT")
    # The renames that follow take the file alone, so everything has to be in it.
    fresh.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _copy(source: sqlite3.Connection, fresh: sqlite3.Connection, table: str) -> None:
    columns = [(row[1], row[5]) for row in fresh.execute(f"PRAGMA table_info({table})")]
    key = next(name for name, in_key in columns if in_key)
    check = _CHECKS.get(table, dict)
    for row in _readable(source, table, key):
        names = [name for name, _ in columns if name in row.keys()]  # noqa: SIM118  a Row's own `in` looks at values
        marks = ", ".join("?" * len(names))
        try:
            check(row)
            # Names come from our own schema.
            sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
            fresh.execute(sql, tuple(row[name] for name in names))
        except (ValueError, TypeError, IndexError, AttributeError, sqlite3.IntegrityError):
            # One unreadable row is a loss that the alarm already tells of; the others still count.
            continue


def _readable(source: sqlite3.Connection, table: str, key: str) -> list[sqlite3.Row]:
    """Read from both ends up to the damage."""
    rows: dict[object, sqlite3.Row] = {}
    for direction in ("ASC", "DESC"):
        try:
            # Names come from our own schema.
            for row in source.execute(f"SELECT * FROM {table} ORDER BY {key} {direction}"):  # noqa: S608
                rows.setdefault(row[key], row)
        except (sqlite3.DatabaseError, IndexError):
            continue
    return list(rows.values())


def _check_event(row: sqlite3.Row) -> None:
    try:
        event = Event.model_validate_json(row["body"])
    except ValidationError as error:
        raise ValueError("not an event") from error
    if not bytes(row["body"]).startswith(b'{"seq":') or event.id != UUID(row["id"]):
        raise ValueError("not an event of ours")


def _check_meta(row: sqlite3.Row) -> None:
    if row["key"] in _NUMBERS:
        int(row["value"])
    if row["key"] in _IDS and row["value"]:
        UUID(row["value"])


_CHECKS: Mapping[str, Callable[[sqlite3.Row], object]] = {
    "meta": _check_meta,
    "outbox": _check_event,
    "outbox_past": _check_event,
    "compartments": compartment_of,
    "visits": visit_of,
    "grants": grant_of,
    "codes": code_of,
    "claims": claim_of,
    "throttles": throttle_of,
    "waiting": waiting_place_of,
    "trolley": trolley_item_of,
    "files": file_row_of,
    "blanks": blank_of,
}
