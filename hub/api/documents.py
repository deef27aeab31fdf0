"""Signed documents for stations, by hash: `GET /station-documents/{sha256}` with the station's bearer token."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.problems import problem
from hub.api.station_of import no_token, station_of
from hub.db.engine import reading
from hub.db.tables import documents

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FOR_EVER = "private, max-age=31536000, immutable"


class StationDocuments:
    """Serves each document to its own station only; for everybody else it does not exist."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [Route("/station-documents/{sha256}", self.get, methods=["GET"])]

    async def get(self, request: Request) -> Response:
        """Answer 200 with the compact JWS, 401 without a valid token, 404 for what is not this station's."""
        station = await station_of(self._engine, request)
        if station is None:
            return no_token()
        sha256 = request.path_params["sha256"]
        token = await self._token(station, sha256) if _SHA256.fullmatch(sha256) else None
        if token is None:
            return problem(404, "没有此文件", "This station has no such document.")
        return Response(
            token, media_type="application/jose", headers={"Cache-Control": _FOR_EVER, "ETag": f'"{sha256}"'}
        )

    async def _token(self, station: str, sha256: str) -> str | None:
        d = documents.c
        query = select(d.token).where(d.sha256 == sha256, d.station == station)
        async with reading(self._engine) as connection:
            return await connection.scalar(query)
