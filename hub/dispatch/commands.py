"""Sign and send the commands that were asked for: short-lived, never retained, six a minute for each station.

A row is marked after the broker took the command. A crash between the two sends it again under the same `jti`, which a
station carries out at most once. What could not be sent within its lifetime is never sent: an hour later nobody wants
that door to open.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc.jwk import OKPKey
from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.commands import COMMAND_TYP, COMMANDS_A_MINUTE, DOOR_LIFETIME_S, Command, CommandClaims
from contract.session import MqttSession
from contract.signing import sign
from contract.topics import commands as commands_topic
from hub.db.engine import reading, writing
from hub.db.tables import commands, stations

JOSE = "application/jose"
LIFETIME = timedelta(seconds=DOOR_LIFETIME_S)
ANSWER_GRACE = timedelta(seconds=10)
MINUTE = timedelta(minutes=1)
AT_ONCE = 50


class Commands:
    """Sends rows of state `asked`, oldest first."""

    def __init__(self, engine: AsyncEngine, session: MqttSession, key: OKPKey) -> None:
        self._engine, self._session, self._key = engine, session, key

    async def send(self, now: datetime) -> int:
        """Send what may be sent now; return how many.

        Raises:
            SessionError: no broker; tried again by the next call.
        """
        sent = 0
        for row in await self._asked():
            if now - row.asked_at >= LIFETIME:
                await self._mark(row.jti, "asked", state="expired", answer="not sent in time")
            elif await self._sent_lately(row.station, now) < COMMANDS_A_MINUTE:
                await self._send(row, now)
                sent += 1
        return sent

    async def expire(self, now: datetime) -> None:
        """Close what got no answer; an answer that comes later still counts."""
        overdue = update(commands).where(commands.c.state == "sent", commands.c.expires_at < now - ANSWER_GRACE)
        async with reading(self._engine) as connection:
            waiting = await connection.scalar(select(func.count()).where(commands.c.state == "sent"))
        if waiting:
            async with writing(self._engine) as connection:
                await connection.execute(overdue.values(state="expired"))

    async def _asked(self) -> list[Row[Any]]:
        joined = commands.outerjoin(stations, stations.c.station == commands.c.station)
        query = (
            select(commands, stations.c.epoch.label("epoch"))
            .select_from(joined)
            .where(commands.c.state == "asked")
            .order_by(commands.c.asked_at)
            .limit(AT_ONCE)
        )
        async with reading(self._engine) as connection:
            return list(await connection.execute(query))

    async def _sent_lately(self, station: str, now: datetime) -> int:
        lately = select(func.count()).where(commands.c.station == station, commands.c.sent_at > now - MINUTE)
        async with reading(self._engine) as connection:
            return await connection.scalar(lately) or 0

    async def _send(self, row: Row[Any], now: datetime) -> None:
        token = sign_command(row, self._key, now)
        topic = commands_topic(row.station)
        await self._session.publish(topic, token.encode(), expiry_s=DOOR_LIFETIME_S, content_type=JOSE)
        await self._mark(row.jti, "asked", state="sent", sent_at=now, expires_at=now + LIFETIME)

    async def _mark(self, jti: str, before: str, **values: object) -> None:
        change = update(commands).where(commands.c.jti == jti, commands.c.state == before)
        async with writing(self._engine) as connection:
            await connection.execute(change.values(**values))


def sign_command(row: Row[Any], key: OKPKey, now: datetime) -> str:
    """Return the compact JWS of an asked command, valid from now for a minute."""
    issued = int(now.timestamp())
    claims = CommandClaims(
        jti=UUID(row.jti),
        iss=str(key.kid),
        aud=row.station,
        iat=issued,
        nbf=issued,
        exp=issued + DOOR_LIFETIME_S,
        epoch=UUID(row.epoch) if row.epoch else None,
        cmd=Command(type=row.type, params=json.loads(row.params)),
    )
    return sign(claims.to_bytes(), key, typ=COMMAND_TYP)
