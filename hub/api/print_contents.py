"""What a station prints, by hash: `GET /print-contents/{sha256}` with the station's bearer token."""

from __future__ import annotations

import re

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.problems import problem
from hub.api.station_of import no_token, station_of
from hub.services.print_orders import PaperSeal, content_for

_SHA256 = re.compile(r"[0-9a-f]{64}")


class PrintContents:
    """Serves a content to the station of its order, until the paper is out; for everybody else it does not exist."""

    def __init__(self, engine: AsyncEngine, seal: PaperSeal) -> None:
        self._engine, self._seal = engine, seal

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [Route("/print-contents/{sha256}", self.get, methods=["GET"])]

    async def get(self, request: Request) -> Response:
        """Answer 200 with the bytes, 401 without a valid token, 404 for what is not this station's."""
        station = await station_of(self._engine, request)
        if station is None:
            return no_token()
        sha256 = request.path_params["sha256"]
        found = await content_for(self._engine, self._seal, station, sha256) if _SHA256.fullmatch(sha256) else None
        if found is None:
            return problem(404, "没有此内容", "This station has no such content.")
        return Response(found, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})
