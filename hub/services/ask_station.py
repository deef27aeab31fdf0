"""A technician asks a station to take a compartment out of service or to return it: a row that dispatch signs."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contract.commands import CommandType
from hub.db.engine import writing
from hub.db.tables import commands, compartments
from hub.services.audit import record_user_action
from hub.services.refusals import RefusedError, UnknownSubjectError

WISHES = frozenset({CommandType.TAKE_OUT, CommandType.RETURN_TO_SERVICE})
LONGEST_REASON = 200


async def ask_station(
    engine: AsyncEngine, now: datetime, by: str, station: str, wish: str, number: int, reason: str
) -> str:
    """Return the command's id; a wish that still waits to be signed is not asked a second time.

    Raises:
        UnknownSubjectError: the station has no such compartment.
        RefusedError: the desk may not ask for this.
    """
    if wish not in WISHES:
        raise RefusedError("wish_unknown")
    params: dict[str, Any] = {"compartment": number}
    if wish == CommandType.TAKE_OUT:
        params["reason"] = reason.strip()[:LONGEST_REASON] or "desk"
    async with writing(engine) as connection:
        await _check_compartment(connection, station, number)
        waiting = await _waiting(connection, station, wish, number)
        if waiting is not None:
            return waiting
        jti = str(uuid4())
        row = {"jti": jti, "station": station, "type": wish, "params": json.dumps(params), "asked_by": by}
        await connection.execute(insert(commands).values(**row, asked_at=now, state="asked"))
        subject, body = f"{station}/{number}", {"jti": jti, **params}
        await record_user_action(connection, user=by, action=f"{wish}_asked", subject=subject, body=body, at=now)
        return jti


async def _check_compartment(connection: AsyncConnection, station: str, number: int) -> None:
    query = select(compartments.c.number).where(compartments.c.station == station, compartments.c.number == number)
    if await connection.scalar(query) is None:
        raise UnknownSubjectError("compartment_unknown")


async def _waiting(connection: AsyncConnection, station: str, wish: str, number: int) -> str | None:
    query = select(commands.c.jti, commands.c.params).where(
        commands.c.station == station, commands.c.type == wish, commands.c.state == "asked"
    )
    for row in await connection.execute(query):
        if json.loads(row.params).get("compartment") == number:
            return str(row.jti)
    return None
