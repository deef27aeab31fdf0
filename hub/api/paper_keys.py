"""`GET /paper-keys`: the published list of keys that issue papers, for everybody who checks papers by themselves."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.problems import problem
from hub.clock import Clock
from hub.db.engine import is_away
from hub.services.issuing_keys import key_list

# A revocation reaches everybody behind a cache within this.
_FRESH = "public, max-age=300"


class PaperKeys:
    """Serves the list; nothing of it is secret."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [Route("/paper-keys", self.get, methods=["GET"])]

    async def get(self, _request: Request) -> Response:
        """Answer 200 with `IssuingKeyList` as JSON, 503 while the database is away."""
        try:
            keys = await key_list(self._engine, self._clock.now())
        except Exception as error:
            if not is_away(error):
                raise
            return problem(503, "暂时无法查询", "The database is away; try again.")
        return Response(keys.to_bytes(), media_type="application/json", headers={"Cache-Control": _FRESH})
