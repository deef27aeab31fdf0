"""`GET /health`: whether this process reaches its database and its broker."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from hub.db.engine import is_away, reading
from hub.db.tables import hub_meta


class Health:
    """Answers 200 when both are reachable, else 503; the body says which."""

    def __init__(self, engine: AsyncEngine, broker_connected: Callable[[], bool]) -> None:
        self._engine, self._broker_connected = engine, broker_connected

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [Route("/health", self.get, methods=["GET"])]

    async def get(self, _request: Request) -> JSONResponse:
        """Return `{"database": …, "broker": …}` as booleans."""
        state = {"database": await self._database(), "broker": self._broker_connected()}
        return JSONResponse(state, 200 if all(state.values()) else 503)

    async def _database(self) -> bool:
        try:
            async with reading(self._engine) as connection:
                return await connection.scalar(select(hub_meta.c.value).limit(1)) is not None
        except Exception as error:
            if not is_away(error):
                raise
            return False
