"""Which station speaks: by its bearer token, of which the hub knows the SHA-256."""

from __future__ import annotations

import hashlib

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response

from hub.api.problems import problem
from hub.db.engine import reading
from hub.db.tables import station_tokens


async def station_of(engine: AsyncEngine, request: Request) -> str | None:
    """Return the station whose token came with the request, or None."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    # Found by hash: comparing takes the same time whatever of the token is right.
    digest = hashlib.sha256(token.strip().encode()).hexdigest()
    query = select(station_tokens.c.station).where(station_tokens.c.token_sha256 == digest)
    async with reading(engine) as connection:
        return await connection.scalar(query)


def no_token() -> Response:
    """Return the answer to a request without a valid token."""
    return problem(401, "缺少或无效的站点令牌", "A valid station token is needed.", authenticate=True)
