"""Presence: which birth or will is believed. UUIDs have no order, so epochs are numbered as their starts are committed.

- A birth or will older than `(boot, conn)` of its epoch is late and ignored; a will counts only for exactly that pair.
- A superseded epoch never wins; one that comes online is a clone of the station or an old store put back: alarm.
- A birth with an unknown epoch is provisional: remembered with its epoch, shown when that epoch's start is committed,
  or at once while the station has none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.state import Presence
from hub.db.tables import stations
from hub.ingest.locked import EpochRow, StationRow
from hub.ingest.nul import holds_nul


class Verdict(StrEnum):
    """What a presence message means for the picture."""

    SHOWN = "shown"
    PROVISIONAL = "provisional"
    LATE = "late"
    SUPERSEDED = "superseded"


def judge(station: StationRow, row: EpochRow, message: Presence) -> Verdict:
    """Decide whether the message counts. Pure."""
    known = (row.boot if row.boot is not None else -1, row.conn if row.conn is not None else -1)
    told = (message.boot, message.conn)
    if told < known or (not message.online and told != known):
        return Verdict.LATE
    if station.epoch is None or station.epoch == row.epoch:
        return Verdict.SHOWN
    return Verdict.PROVISIONAL if row.number is None else Verdict.SUPERSEDED


def remember(row: EpochRow, message: Presence) -> None:
    """Keep the newest birth or will with its epoch."""
    row.boot, row.conn, row.online = message.boot, message.conn, message.online
    row.presence = message.to_bytes().decode()


@dataclass(frozen=True)
class Shown:
    """The columns of the station's row that a believed presence fills."""

    values: dict[str, Any]

    @classmethod
    def of(cls, message: Presence) -> Shown:
        """Return what the desk shows of the message."""
        return cls(
            {
                "online": message.online, "boot": message.boot, "conn": message.conn,
                "software": message.software[:200], "config_version": message.config[:200],
                "simulated": json.dumps(list(message.simulated)), "presence_at": _utc(message.at),
            }
        )  # fmt: skip


def _utc(at: datetime) -> datetime | None:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return None


async def show(connection: AsyncConnection, station: str, message: Presence) -> None:
    """Write a believed presence into the station's row."""
    await connection.execute(update(stations).where(stations.c.station == station).values(**Shown.of(message).values))


async def promote(connection: AsyncConnection, row: EpochRow) -> None:
    """The epoch became its station's newest: what was provisional is shown now."""
    if row.presence is None:
        # Boot and connection of the epoch before mean nothing any more; whether it is online, the next birth tells.
        cleared = update(stations).where(stations.c.station == row.station).values(boot=None, conn=None)
        await connection.execute(cleared)
        return
    await show(connection, row.station, Presence.model_validate_json(row.presence))


def read_presence(payload: bytes) -> Presence | None:
    """Return the message, or None when it is none (or holds a NUL, which PostgreSQL cannot store)."""
    try:
        return None if holds_nul(payload.decode()) else Presence.model_validate_json(payload)
    except (UnicodeDecodeError, ValidationError):
        return None
