"""The waiting list: when a station's picture shows a free compartment, the next in line is told.

Then the phone is erased. A place ends with its night. An old picture calls nobody: only a
station that is online now is believed.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.core.waiting import CLAIM, Place, to_call
from hub.db.engine import reading, writing
from hub.db.tables import compartments, notifications, sealed, stations, waiting

KIND = "waiting_place"
PHONE = "phone_sealed"


async def call(engine: AsyncEngine, now: datetime) -> int:
    """End what is over, and make one message for each person whose turn it is; return how many were made."""
    async with reading(engine) as connection:
        if await connection.scalar(select(waiting.c.station).where(waiting.c.state != "expired").limit(1)) is None:
            return 0
    async with writing(engine) as connection:
        await _expire(connection, now)
        called = 0
        for station, rows in (await _in_line(connection)).items():
            free = await _free_sizes(connection, station)
            places = [
                Place(row.receipt_number, row.size, called=_claims(row, now)) for row in rows if _counts(row, now)
            ]
            turns = set(to_call(free, places))
            for row in rows:
                if row.receipt_number in turns:
                    await _make_message(connection, row, now)
                    called += 1
        return called


def _claims(row: Row[Any], now: datetime) -> bool:
    return row.called_at is not None and now - row.called_at < CLAIM


def _counts(row: Row[Any], now: datetime) -> bool:
    return row.state == "waiting" or _claims(row, now)


async def _in_line(connection: AsyncConnection) -> dict[str, list[Row[Any]]]:
    """Return the live places by station, in order; locked, so that two notify processes do not tell two persons."""
    w = waiting.c
    query = select(waiting).where(w.state != "expired").order_by(w.joined_at, w.receipt_number).with_for_update()
    line: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in await connection.execute(query):
        line[row.station].append(row)
    return line


async def _free_sizes(connection: AsyncConnection, station: str) -> list[str]:
    if not await connection.scalar(select(stations.c.online).where(stations.c.station == station)):
        return []
    c = compartments.c
    usable = (c.allocation == "free", c.door == "closed", c.in_service.is_not(False), c.size.is_not(None))
    return list(await connection.scalars(select(c.size).where(c.station == station, *usable)))


async def _make_message(connection: AsyncConnection, row: Row[Any], now: datetime) -> None:
    place = waiting.c.receipt_number == row.receipt_number
    await connection.execute(update(waiting).where(place).values(state="called", called_at=now))
    message = {
        "id": row.event, "kind": KIND, "station": row.station, "case_number": row.receipt_number,
        "due": row.expires_at, "state": "waiting", "tries": 0, "made_at": now, "next_at": now,
    }  # fmt: skip
    await connection.execute(notifications.insert().values(message))


async def _expire(connection: AsyncConnection, now: datetime) -> None:
    """End the places of nights that are over; the phones that were not used are erased."""
    w = waiting.c
    over = (await connection.execute(select(waiting).where(w.state != "expired", w.expires_at <= now))).all()
    for row in over:
        await connection.execute(update(waiting).where(w.receipt_number == row.receipt_number).values(state="expired"))
        await forget_phone(connection, row.station, row.event, now)


async def forget_phone(connection: AsyncConnection, station: str, event: str, now: datetime) -> None:
    """Erase the sealed phone of a place: its one message is sent, or never will be."""
    s = sealed.c
    phone = update(sealed).where(s.station == station, s.event == event, s.field == PHONE)
    await connection.execute(phone.values(jwe=None, erased_at=now))
