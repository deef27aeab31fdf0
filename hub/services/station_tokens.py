"""Which stations may fetch their documents by HTTP: a token per station, of which the hub keeps the SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Row, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.ids import StationId
from hub.db.engine import reading, writing
from hub.db.tables import station_tokens, stations
from hub.services.audit import record_user_action
from hub.services.mark_ready import ask_documents
from hub.services.refusals import RefusedError

_STATION: TypeAdapter[str] = TypeAdapter(StationId)


async def give_token(engine: AsyncEngine, now: datetime, by: str, station: str) -> str:
    """Return a new token of the station; an older one stops working. Its first documents are asked for as well.

    Raises:
        RefusedError: that is no station id.
    """
    try:
        _STATION.validate_python(station)
    except ValidationError:
        raise RefusedError("station_id_odd") from None
    token = secrets.token_urlsafe(32)
    values = {"token_sha256": hashlib.sha256(token.encode()).hexdigest(), "made_at": now}
    async with writing(engine) as connection:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        row = dialect.insert(station_tokens).values(station=station, **values)
        await connection.execute(row.on_conflict_do_update(index_elements=[station_tokens.c.station], set_=values))
        for kind in ("staff", "expected", "print"):
            await ask_documents(connection, now, kind, [station])
        await record_user_action(connection, user=by, action="station_token_given", subject=station, body={}, at=now)
    return token


async def known_stations(engine: AsyncEngine) -> list[Row[Any]]:
    """Return every station that has a token or was ever heard, with when."""
    names = select(station_tokens.c.station).union(select(stations.c.station)).subquery()
    query = (
        select(names.c.station, station_tokens.c.made_at, stations.c.online, stations.c.heard_at)
        .select_from(names)
        .outerjoin(station_tokens, station_tokens.c.station == names.c.station)
        .outerjoin(stations, stations.c.station == names.c.station)
        .order_by(names.c.station)
    )
    async with reading(engine) as connection:
        return list(await connection.execute(query))
