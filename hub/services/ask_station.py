"""Somebody at the desk asks a station for something: a row that dispatch signs, and that the station may refuse.

A test unlock or an emergency release is asked for as well, and moves nothing unless a person has armed service mode at
the station (for a release, two have signed there).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contract.commands import CommandType
from hub.core.cases import LIES_THERE
from hub.core.times import pickup_due
from hub.db.engine import reading, writing
from hub.db.tables import cases, commands, compartments, stations
from hub.services.audit import record_user_action
from hub.services.refusals import RefusedError, UnknownSubjectError

DOOR_WISHES = frozenset(
    {
        CommandType.TAKE_OUT,
        CommandType.RETURN_TO_SERVICE,
        CommandType.TEST_UNLOCK,
        CommandType.EMERGENCY_RELEASE,
    }
)
DEVICE_WISHES = frozenset({CommandType.SELF_TEST, CommandType.TEST_PRINT})
ITEM_WISHES = frozenset({CommandType.REISSUE_CODE, CommandType.WITHDRAW_ITEM, CommandType.EXTEND_ITEM})
WISHES = DOOR_WISHES | DEVICE_WISHES | ITEM_WISHES
LONGEST_REASON = 200
EXTENSION_DAYS = (1, 3, 7)
NEWEST = 10


@dataclass(frozen=True)
class Wish:
    """A command as it will be signed; `subject` is how the audit names what it is about."""

    station: str
    kind: str
    params: dict[str, Any]
    subject: str


async def ask_station(
    engine: AsyncEngine, now: datetime, by: str, station: str, wish: str, number: int, reason: str
) -> str:
    """Ask something about one compartment and return the command's id.

    A wish that still waits to be signed is not asked a second time.

    Raises:
        UnknownSubjectError: the station has no such compartment.
        RefusedError: the desk may not ask for this, or an emergency release has no reason.
    """
    if wish not in DOOR_WISHES:
        raise RefusedError("wish_unknown")
    params: dict[str, Any] = {"compartment": number}
    why = reason.strip()[:LONGEST_REASON]
    if wish == CommandType.EMERGENCY_RELEASE and not why:
        raise RefusedError("reason_needed")
    if wish in (CommandType.TAKE_OUT, CommandType.EMERGENCY_RELEASE):
        params["reason"] = why or "desk"
    async with writing(engine) as connection:
        await _check_compartment(connection, station, number)
        return await _ask(connection, now, by, Wish(station, wish, params, f"{station}/{number}"))


async def ask_devices(engine: AsyncEngine, now: datetime, by: str, station: str, wish: str) -> str:
    """Ask a station to test its devices or its printer, and return the command's id.

    Raises:
        UnknownSubjectError: there is no such station.
        RefusedError: the desk may not ask for this.
    """
    if wish not in DEVICE_WISHES:
        raise RefusedError("wish_unknown")
    async with writing(engine) as connection:
        if await connection.scalar(select(stations.c.station).where(stations.c.station == station)) is None:
            raise UnknownSubjectError("station_unknown")
        return await _ask(connection, now, by, Wish(station, wish, {}, station))


async def ask_about_item(
    engine: AsyncEngine, now: datetime, by: str, case_number: str, wish: str, days: int = 0
) -> str:
    """Ask the station where a case's item lies for a new code, a longer period (`days`), or to withdraw it.

    Raises:
        UnknownSubjectError: there is no such case.
        RefusedError: its item lies nowhere, or the desk may not ask for this.
    """
    if wish not in ITEM_WISHES:
        raise RefusedError("wish_unknown")
    if wish == CommandType.EXTEND_ITEM and days not in EXTENSION_DAYS:
        raise RefusedError("period_unknown")
    async with writing(engine) as connection:
        case = (await connection.execute(select(cases).where(cases.c.case_number == case_number))).one_or_none()
        if case is None:
            raise UnknownSubjectError("case_unknown")
        if case.state not in LIES_THERE or case.station is None or case.compartment is None:
            raise RefusedError("item_not_there")
        params: dict[str, Any] = {"compartment": case.compartment, "case_number": case_number}
        if wish == CommandType.EXTEND_ITEM:
            params["due"] = pickup_due(max(now, case.due or now), days).isoformat()
        return await _ask(connection, now, by, Wish(case.station, wish, params, case_number))


async def wishes_about(engine: AsyncEngine, case_number: str) -> list[Row[Any]]:
    """Return what was asked of stations about a case's item, newest first."""
    about = select(commands).where(
        commands.c.type.in_([wish.value for wish in ITEM_WISHES]),
        commands.c.params.contains(case_number, autoescape=True),
    )
    async with reading(engine) as connection:
        return list(await connection.execute(about.order_by(commands.c.asked_at.desc()).limit(NEWEST)))


async def _ask(connection: AsyncConnection, now: datetime, by: str, wish: Wish) -> str:
    text = json.dumps(wish.params, sort_keys=True)
    waiting = await _waiting(connection, wish, text)
    if waiting is not None:
        return waiting
    jti = str(uuid4())
    row = {"jti": jti, "station": wish.station, "type": wish.kind, "params": text, "asked_by": by}
    await connection.execute(insert(commands).values(**row, asked_at=now, state="asked"))
    body = {"jti": jti, **wish.params}
    await record_user_action(connection, user=by, action=f"{wish.kind}_asked", subject=wish.subject, body=body, at=now)
    return jti


async def _check_compartment(connection: AsyncConnection, station: str, number: int) -> None:
    query = select(compartments.c.number).where(compartments.c.station == station, compartments.c.number == number)
    if await connection.scalar(query) is None:
        raise UnknownSubjectError("compartment_unknown")


async def _waiting(connection: AsyncConnection, wish: Wish, params: str) -> str | None:
    query = select(commands.c.jti).where(
        commands.c.station == wish.station,
        commands.c.type == wish.kind,
        commands.c.state == "asked",
        commands.c.params == params,
    )
    found = await connection.scalar(query)
    return None if found is None else str(found)
