"""Rows as ingest would leave them, for tests of the desk."""

from __future__ import annotations

import json
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Row, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.ids import new_receipt_number
from hub.core.audit import USERS, AuditRow, Chain, first_wrong
from hub.core.catalogue import CATALOGUE
from hub.db.engine import reading, writing
from hub.db.tables import audit, compartments, deposits, epochs, events, stations
from hub.services.make_case import CaseDraft
from hub.services.passwords import Passwords

NOW = datetime(2026, 11, 24, 14, 3, tzinfo=UTC)  # 22:03 in Beijing
STATION = "dc-24h-01"
EPOCH = "0197c2a1-0000-4000-8000-000000000001"
# Hashes as cheap as argon2id allows: these tests try passwords hundreds of times.
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
DRAFT = CaseDraft(CATALOGUE[0], "s", "李*敏")


def cheap_passwords() -> Passwords:
    return Passwords(CHEAP)


async def put(engine: AsyncEngine, table: Table, *rows: dict[str, Any]) -> None:
    async with writing(engine) as connection:
        for row in rows:
            await connection.execute(insert(table).values(row))


async def rows_of(engine: AsyncEngine, table: Table) -> list[Row[Any]]:
    async with reading(engine) as connection:
        return list(await connection.execute(select(table)))


async def deeds(engine: AsyncEngine) -> list[tuple[str, str]]:
    """What the users' chain says, after checking that the chain holds."""
    async with reading(engine) as connection:
        found = list(await connection.execute(select(audit).where(audit.c.chain == USERS).order_by(audit.c.n)))
    links = [AuditRow(row.chain, row.n, row.kind, row.subject, row.digest, row.at, row.hash, row.body) for row in found]
    assert first_wrong(links, Chain(USERS)) is None
    bodies = [json.loads(row.body) for row in found]
    return [(body["user"], body["action"]) for body in bodies]


async def a_station(engine: AsyncEngine, station: str = STATION, **columns: object) -> None:
    row = {"station": station, "epoch": EPOCH, "online": True, "heard_at": NOW - timedelta(minutes=3), **columns}
    await put(engine, stations, row)


async def a_compartment(engine: AsyncEngine, number: int, **columns: object) -> None:
    values = {"size": "s", "allocation": "free", "door": "closed", "in_service": True, "at": NOW, **columns}
    await put(engine, compartments, {"station": STATION, "number": number, **values})


async def a_deposit(engine: AsyncEngine, state: str = "cleared", **columns: object) -> str:
    number = new_receipt_number(secrets.randbelow)
    values = {"station": STATION, "compartment": 12, "event": str(uuid.uuid4()), "has_phone": True, "made_at": NOW}
    await put(engine, deposits, {"receipt_number": number, "state": state, **values, **columns})
    return number


async def an_epoch(engine: AsyncEngine, epoch: str, number: int | None) -> None:
    await put(engine, epochs, {"station": STATION, "epoch": epoch, "number": number})


async def an_event(
    engine: AsyncEngine, seq: int, kind: str, data: dict[str, Any] | None = None, **columns: object
) -> None:
    fresh = {
        "station": STATION,
        "epoch": EPOCH,
        "id": str(uuid.uuid4()),
        "state": "done",
        "at": NOW + timedelta(seconds=seq),
        "clock": "synced",
        "boot": 7,
        "correlation": None,
        "subject": None,
        "compartment": None,
        "received_at": NOW + timedelta(seconds=seq),
    }
    body = json.dumps({"data": data or {}})
    await put(engine, events, {**fresh, "seq": seq, "type": kind, "body": body, **columns})
