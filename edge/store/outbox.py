"""The durable queue to the hub: gapless numbers within an epoch, acknowledged by the hub's commit alone.

A row holds the contract's event bytes from its commit on. The single exception is a new epoch: the number at the front
of the bytes (`{"seq":41,...`) is rewritten, nothing behind its comma is touched, and ids stay.
Source: contract of the wire, section 1 (Events, Ack, Duplicate or fork).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple, Protocol
from uuid import UUID, uuid4

from contract.envelope import Event
from contract.events import EventData, StationStarted
from edge.store.rows import Rows, optional

KEPT = timedelta(days=7)
PRUNED_AT_ONCE = 500

Origin = Literal["created", "fork", "salvaged"]


class AckLike(Protocol):
    """What is read of the contract's `Ack` (the store does not import that module)."""

    @property
    def ledger(self) -> UUID: ...  # noqa: D102  the fields of the wire, explained there
    @property
    def epoch(self) -> UUID: ...  # noqa: D102
    @property
    def through(self) -> int: ...  # noqa: D102
    @property
    def through_id(self) -> UUID | None: ...  # noqa: D102
    @property
    def fork(self) -> bool: ...  # noqa: D102


class OutboxRow(NamedTuple):
    """One event as it goes on the wire."""

    seq: int
    id: UUID
    body: bytes


class AckOutcome(StrEnum):
    """What an acknowledgement did."""

    ACCEPTED = "accepted"
    OLD = "old"  # nothing new, of an epoch that is over, or not saying which row it means
    OFFERED_AGAIN = "offered_again"  # a new ledger: send everything that is pending from the start
    NEW_EPOCH = "new_epoch"  # fork, or a hub that misses what is pruned here: all numbers changed


class AckResult(NamedTuple):
    """The outcome, how many rows this ack marked, and where the station stands now."""

    outcome: AckOutcome
    marked: int
    acked_through: int
    last_seq: int
    epoch: UUID


@dataclass(frozen=True, slots=True)
class Identity:
    """What a birth says: which store, which start, which connection, and how far it got."""

    epoch: UUID
    boot: int
    conn: int
    last_seq: int
    acked_through: int
    ledger: UUID | None


@dataclass(frozen=True, slots=True)
class Author:
    """What every event of this process carries, and what `station_started` says."""

    now: Callable[[], datetime]
    synced: Callable[[], bool]
    software: str = ""
    simulated: tuple[str, ...] = ()


class Outbox(Rows):
    """Tables `outbox`, `acks`, `outbox_past` and the counters in `meta`."""

    def __init__(self, connection: sqlite3.Connection, author: Author) -> None:
        super().__init__(connection, author.now)
        self._author = author
        self._boot: int | None = None

    @property
    def boot(self) -> int:
        """Number of this start, from 1."""
        if self._boot is None:
            self._boot = self._number("boot")
        return self._boot

    @property
    def epoch(self) -> UUID:
        """Identity of this store's numbering."""
        return UUID(self._text("epoch"))

    @property
    def last_seq(self) -> int:
        """Newest number given in this epoch."""
        row = self._one("SELECT max(seq) FROM outbox")
        return 0 if row is None or row[0] is None else int(row[0])

    @property
    def acked_through(self) -> int:
        """Newest number of this epoch that the hub has committed without a gap."""
        return self._number("acked_through")

    def identity(self) -> Identity:
        """Return what a birth says."""
        return Identity(
            epoch=self.epoch,
            boot=self.boot,
            conn=self._number("conn"),
            last_seq=self.last_seq,
            acked_through=self.acked_through,
            ledger=self._ledger(),
        )

    def count_connection(self) -> int:
        """Count a connection that is about to be made; the number is durable before CONNECT."""
        conn = self._number("conn") + 1
        self._put("meta", key="conn", value=str(conn))
        return conn

    def count_boot(self) -> int:
        """Count a start; connections are counted from 1 again."""
        self._boot = self._number("boot") + 1
        self._put("meta", key="boot", value=str(self._boot))
        self._put("meta", key="conn", value="0")
        return self._boot

    def emit(self, data: EventData, correlation: UUID | None = None, event_id: UUID | None = None) -> Event:
        """Give an event the next number and keep it for the hub, within this transaction.

        `event_id` is for events whose sealed fields were made for that id; others get a fresh one.
        """
        return self._append(self.last_seq + 1, data, correlation, event_id)

    def pending(self, after_seq: int, limit: int) -> list[OutboxRow]:
        """Return up to `limit` rows that are not acknowledged, above `after_seq`, in order of their numbers."""
        above = max(after_seq, self.acked_through)
        rows = self._all("SELECT seq, id, body FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?", above, limit)
        return [OutboxRow(seq, UUID(id_), bytes(body)) for seq, id_, body in rows]

    def accept_ack(self, ack: AckLike) -> AckResult:
        """Mark what the hub has committed, if the ack is about these very rows; else see `AckOutcome`."""
        nameless = ack.through > 0 and ack.through_id is None
        if ack.epoch != self.epoch or (nameless and not ack.fork):
            return self._result(AckOutcome.OLD)
        if ack.fork or self._is_foreign(ack):
            self.new_epoch("fork")
            self._put("meta", key="ledger", value=str(ack.ledger))
            return self._result(AckOutcome.NEW_EPOCH)
        known = self._ledger()
        self._put("meta", key="ledger", value=str(ack.ledger))
        if known not in (None, ack.ledger):
            return self._offer_again(ack)
        if ack.through <= self.acked_through:
            return self._result(AckOutcome.OLD)
        return self._result(AckOutcome.ACCEPTED, self._mark(ack.through))

    def new_epoch(self, origin: Origin, *, everything: bool = False) -> UUID:
        """Number what is not acknowledged (or `everything` still held) anew from 2, behind a `station_started`."""
        previous = optional(UUID, self._text("epoch") or None)
        if everything:
            self._recall_past()
        else:
            self._retire_acknowledged()
            self._renumber(2)
        epoch = uuid4()
        for key, value in (("epoch", str(epoch)), ("epoch_origin", origin), ("acked_through", "0")):
            self._put("meta", key=key, value=value)
        self._put("meta", key="previous_epoch", value="" if previous is None else str(previous))
        self._connection.execute("DELETE FROM acks")
        self._append(1, self._started(), None, None)
        return epoch

    def emit_started(self) -> Event:
        """Say that the edge is up; within an epoch that has its first event already."""
        return self.emit(self._started())

    def prune(self) -> int:
        """Drop a small bite of rows acknowledged more than seven days ago; return how many.

        The last acknowledged row always stays: it is the counter, and the next ack is compared with it. A clock that
        nothing has set is no reason to forget.
        """
        if not self._author.synced():
            return 0
        limit = (self._now() - KEPT).isoformat()
        # Only the oldest are looked at, so that an idle moment stays short however much is kept.
        oldest = "SELECT through, at FROM acks ORDER BY through LIMIT ?"
        due = f"SELECT max(through) FROM ({oldest}) WHERE datetime(at) < datetime(?)"  # noqa: S608  our own text
        row = self._one(due, PRUNED_AT_ONCE, limit)
        through = min(int(row[0] or 0) if row else 0, self.acked_through - 1)
        bite = "DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE seq <= ? ORDER BY seq LIMIT ?)"
        gone = self._connection.execute(bite, (through, PRUNED_AT_ONCE)).rowcount
        self._connection.execute("DELETE FROM acks WHERE through < ?", (self._first_seq(),))
        past = """DELETE FROM outbox_past WHERE position IN (SELECT position FROM (SELECT position, acked_at
                  FROM outbox_past ORDER BY position LIMIT ?) WHERE datetime(acked_at) < datetime(?))"""
        return gone + self._connection.execute(past, (PRUNED_AT_ONCE, limit)).rowcount

    def _is_foreign(self, ack: AckLike) -> bool:
        """Whether the hub has counted what this store never wrote: numbers above the last, or another id at one."""
        if ack.through > self.last_seq:
            return True
        row = self._one("SELECT id FROM outbox WHERE seq = ?", ack.through)
        return row is not None and UUID(row[0]) != ack.through_id

    def _offer_again(self, ack: AckLike) -> AckResult:
        past = self._one("SELECT 1 FROM outbox_past LIMIT 1") is not None
        if past or ack.through + 1 < self._first_seq():
            # Rows of older epochs are held, or the hub lost what is pruned here and would wait for it for ever: both
            # heal under new numbers, because the hub knows events by their ids.
            self.new_epoch("fork", everything=True)
            return self._result(AckOutcome.NEW_EPOCH)
        self._connection.execute("DELETE FROM acks")
        self._put("meta", key="acked_through", value="0")
        return self._result(AckOutcome.OFFERED_AGAIN, self._mark(ack.through) if ack.through else 0)

    def _mark(self, through: int) -> int:
        marked = through - max(self.acked_through, self._first_seq() - 1)
        self._put("meta", key="acked_through", value=str(through))
        self._put("acks", through=through, at=self._now().isoformat())
        return marked

    def _retire_acknowledged(self) -> None:
        epoch, through, now = self._text("epoch"), self.acked_through, self._now().isoformat()
        self._connection.execute(
            """INSERT INTO outbox_past (epoch, seq, id, type, body, acked_at)
               SELECT ?, seq, id, type, body, coalesce((SELECT at FROM acks WHERE through >= seq
               ORDER BY through LIMIT 1), ?) FROM outbox WHERE seq <= ? ORDER BY seq""",
            (epoch, now, through),
        )
        self._connection.execute("DELETE FROM outbox WHERE seq <= ?", (through,))

    def _recall_past(self) -> None:
        """Put the rows of older epochs in front of the current ones."""
        row = self._one("SELECT count(*) FROM outbox_past")
        self._renumber(2 + (int(row[0]) if row else 0))
        self._connection.execute(
            """INSERT INTO outbox (seq, id, type, body)
               SELECT place, id, type, CAST('{"seq":' || place || substr(body, instr(body, X'2C')) AS BLOB) FROM
               (SELECT 1 + row_number() OVER (ORDER BY position) AS place, * FROM outbox_past)"""
        )
        self._connection.execute("DELETE FROM outbox_past")

    def _renumber(self, first: int) -> None:
        """Number all rows from `first` without a gap, also in the front of their bytes."""
        # Two steps through negative numbers, because a row must never meet its neighbour's old number.
        self._connection.execute(
            """UPDATE outbox SET seq = -place,
               body = CAST('{"seq":' || place || substr(body, instr(body, X'2C')) AS BLOB)
               FROM (SELECT seq AS old, row_number() OVER (ORDER BY seq) + ? AS place FROM outbox) WHERE seq = old""",
            (first - 1,),
        )
        self._connection.execute("UPDATE outbox SET seq = -seq")

    def _started(self) -> StationStarted:
        origin = self._text("epoch_origin")
        previous = optional(UUID, self._text("previous_epoch") or None)
        return StationStarted(
            software=self._author.software,
            epoch_origin="fork" if origin == "fork" else "salvaged" if origin == "salvaged" else "created",
            previous_epoch=previous,
            simulated=self._author.simulated,
        )

    def _append(self, seq: int, data: EventData, correlation: UUID | None, event_id: UUID | None) -> Event:
        event = Event(
            seq=seq,
            id=event_id or uuid4(),
            type=data.type,
            at=self._now(),
            clock="synced" if self._author.synced() else "unsynced",
            boot=self.boot,
            correlation=correlation,
            data=data.model_dump(mode="json", exclude_none=True),
        )
        self._connection.execute(
            "INSERT INTO outbox (seq, id, type, body) VALUES (?, ?, ?, ?)",
            (seq, str(event.id), event.type, event.to_bytes()),
        )
        return event

    def _first_seq(self) -> int:
        row = self._one("SELECT min(seq) FROM outbox")
        return 1 if row is None or row[0] is None else int(row[0])

    def _result(self, outcome: AckOutcome, marked: int = 0) -> AckResult:
        return AckResult(outcome, marked, self.acked_through, self.last_seq, self.epoch)

    def _ledger(self) -> UUID | None:
        return optional(UUID, self._text("ledger") or None)

    def _text(self, key: str) -> str:
        row = self._one("SELECT value FROM meta WHERE key = ?", key)
        return "" if row is None else str(row[0])

    def _number(self, key: str) -> int:
        return int(self._text(key) or 0)
