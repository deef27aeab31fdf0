"""Messages whose envelope cannot be read: kept once by their hash, with a counter, and not without bound."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.envelope import BATCH_BYTES
from contract.ids import StationId
from contract.topics import station_of
from hub.db.batch import upsert
from hub.db.tables import quarantine

ROWS_A_STATION = 1000
OVERFLOW = "0" * 64
"""Instead of a hash: the row that counts what came after a station's share was full."""
NOBODY = "?"
"""Instead of a station: topics that name none."""

_STATION: TypeAdapter[str] = TypeAdapter(StationId)


@dataclass(frozen=True)
class Poison:
    """A message that is to be kept as it is."""

    topic: str
    payload: bytes
    reason: str


async def keep(connection: AsyncConnection, poison: Poison, now: datetime) -> None:
    """Keep the message, or count it when it was kept before."""
    station = _owner(poison.topic)
    sha256 = hashlib.sha256(poison.payload).hexdigest()
    q = quarantine.c
    known = await connection.scalar(select(q.count).where(q.station == station, q.sha256 == sha256))
    payload, reason = poison.payload[:BATCH_BYTES], poison.reason
    if known is None:
        rows = await connection.scalar(select(func.count()).where(q.station == station))
        if (rows or 0) >= ROWS_A_STATION:
            sha256, payload, reason = OVERFLOW, b"", f"more than {ROWS_A_STATION} different messages"
    row = {
        "sha256": sha256, "station": station, "topic": _text(poison.topic), "payload": payload, "reason": reason,
        "count": 1, "first_at": now, "last_at": now,
    }  # fmt: skip
    again = {"count": "quarantine.count + 1", "last_at": "excluded.last_at"}
    await upsert(connection, quarantine, [row], again)


def _owner(topic: str) -> str:
    try:
        return _STATION.validate_python(station_of(topic))
    except ValidationError:
        return NOBODY


def _text(topic: str) -> str:
    return topic.replace("\0", "?")[:256]
