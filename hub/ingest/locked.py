"""The rows of stations and their epochs, held under the station's row lock for one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.core.audit import Chain
from hub.db.batch import insert_new, update_rows, upsert
from hub.db.tables import epochs, hub_meta, stations

FRESH_STATION = {"epochs_seen": 0, "audit_n": 0, "audit_head": "0" * 64, "online": False, "parked_tries": 0}


@dataclass
class EpochRow:
    """One store of one station: how far it is committed and projected, and its newest birth."""

    station: str
    epoch: str
    number: int | None = None
    started: bool = False
    through: int = 0
    through_id: str | None = None
    seen: int = 0
    projected: int = 0
    boot: int | None = None
    conn: int | None = None
    online: bool = False
    presence: str | None = None
    renewed_for: int = 0


@dataclass
class StationRow:
    """One station as this transaction leaves it."""

    station: str
    epoch: str | None
    epochs_seen: int
    chain: Chain
    heard_at: datetime | None = None
    forked_at: datetime | None = None
    cloned_at: datetime | None = None
    parked_epoch: str | None = None
    parked_seq: int | None = None
    parked_reason: str | None = None
    parked_tries: int = 0
    parked_at: datetime | None = None
    promoted: EpochRow | None = field(default=None)  # became the station's epoch in this transaction
    tried: tuple[str, int] | None = None  # the event before which it was parked, while that is tried again

    @property
    def parked(self) -> bool:
        """Whether projection stands still before an event."""
        return self.parked_epoch is not None

    def park(self, epoch: str, seq: int, reason: str, now: datetime) -> None:
        """Stand still before this event; counts the tries of the same one."""
        self.parked_tries = self.parked_tries + 1 if self.tried == (epoch, seq) else 1
        self.parked_epoch, self.parked_seq, self.parked_reason, self.parked_at = epoch, seq, reason[:500], now

    def try_again(self) -> None:
        """Let projection run once more from where it stood still."""
        if self.parked_epoch is not None and self.parked_seq is not None:
            self.tried = (self.parked_epoch, self.parked_seq)
        self.parked_epoch = None

    def unpark(self) -> None:
        """Go on."""
        self.parked_epoch = self.parked_seq = self.parked_reason = self.parked_at = None
        self.parked_tries = 0


class Locked:
    """Stations whose rows are locked until the transaction ends, and the epochs that it touches."""

    def __init__(self, rows: dict[str, StationRow], ledger: str, busy: set[str]) -> None:
        self.stations, self.ledger, self.busy = rows, ledger, busy
        self.epochs: dict[tuple[str, str], EpochRow] = {}

    async def load_epochs(self, connection: AsyncConnection, pairs: Iterable[tuple[str, str]]) -> None:
        """Read the epochs, and make provisional ones for those that do not exist; keeps what was read before."""
        wanted = [pair for pair in dict.fromkeys(pairs) if pair not in self.epochs]
        if not wanted:
            return
        query = select(epochs).where(tuple_(epochs.c.station, epochs.c.epoch).in_(wanted))
        for row in await connection.execute(query):
            self.epochs[row.station, row.epoch] = EpochRow(**row._mapping)
        for pair in wanted:
            self.epochs.setdefault(pair, EpochRow(*pair))

    def number(self, row: EpochRow) -> None:
        """Make `row` the newest epoch of its station."""
        station = self.stations[row.station]
        station.epochs_seen += 1
        row.number = station.epochs_seen
        station.epoch, station.promoted = row.epoch, row

    async def save(self, connection: AsyncConnection) -> None:
        """Write everything back."""
        await upsert(connection, epochs, [vars(row) for _, row in sorted(self.epochs.items())])
        rows = [
            {
                "station": row.station, "epoch": row.epoch, "epochs_seen": row.epochs_seen, "audit_n": row.chain.n,
                "audit_head": row.chain.head, "heard_at": row.heard_at, "forked_at": row.forked_at,
                "cloned_at": row.cloned_at,
                "parked_epoch": row.parked_epoch, "parked_seq": row.parked_seq, "parked_reason": row.parked_reason,
                "parked_tries": row.parked_tries, "parked_at": row.parked_at,
            }
            for _, row in sorted(self.stations.items())
        ]  # fmt: skip
        await update_rows(connection, stations, ["station"], rows)


async def lock_stations(connection: AsyncConnection, names: Iterable[str], *, wait: bool = True) -> Locked:
    """Lock the stations' rows in the order of their names; unknown ones are registered.

    Without `wait`, stations that another process holds are left out and named in `busy`.
    """
    wanted = sorted(set(names))
    rows = await _select(connection, wanted, skip_locked=not wait)
    missing = [name for name in wanted if name not in rows]
    busy = await _existing(connection, missing) if missing and not wait else set()
    fresh = [name for name in missing if name not in busy]
    if fresh:
        await insert_new(connection, stations, [{"station": name, **FRESH_STATION} for name in fresh])
        rows |= await _select(connection, fresh, skip_locked=False)
    ledger = await connection.scalar(select(hub_meta.c.value).where(hub_meta.c.name == "ledger"))
    return Locked(rows, str(ledger), busy)


async def _existing(connection: AsyncConnection, names: list[str]) -> set[str]:
    query = select(stations.c.station).where(stations.c.station.in_(names))
    return {row.station for row in await connection.execute(query)}


async def _select(connection: AsyncConnection, names: list[str], *, skip_locked: bool) -> dict[str, StationRow]:
    s = stations.c
    query = (
        select(
            s.station, s.epoch, s.epochs_seen, s.audit_n, s.audit_head, s.heard_at, s.forked_at, s.cloned_at,
            s.parked_epoch,
            s.parked_seq, s.parked_reason, s.parked_tries, s.parked_at,
        )
        .where(s.station.in_(names)).order_by(s.station).with_for_update(skip_locked=skip_locked)
    )  # fmt: skip
    return {
        row.station: StationRow(
            row.station, row.epoch, row.epochs_seen, Chain(row.station, row.audit_n, row.audit_head), row.heard_at,
            row.forked_at, row.cloned_at, row.parked_epoch, row.parked_seq, row.parked_reason, row.parked_tries,
            row.parked_at,
        )
        for row in await connection.execute(query)
    }  # fmt: skip
