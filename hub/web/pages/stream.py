"""`/changes`: one stream per open page, which says only that there is something new."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.web.visit import Visit

LOOK_AGAIN_S = 20.0
"""How often a quiet stream asks whether its person is still signed in."""


async def follow(request: Request) -> Response:
    """Tell the page whenever the database moved on; end with the login."""
    visit = await Visit.begin(request)
    events = _end() if visit.login is None else events_of(visit)
    return EventSourceResponse(events, ping=15, headers={"x-accel-buffering": "no"})


async def events_of(visit: Visit) -> AsyncIterator[ServerSentEvent]:
    """Yield what one page is told."""
    seen = visit.request.query_params.get("seen", "")[:64]
    checked = visit.desk.clock.monotonic()
    async for moved in visit.desk.viewers.follow(seen, LOOK_AGAIN_S):
        if visit.desk.clock.monotonic() - checked >= LOOK_AGAIN_S:
            checked = visit.desk.clock.monotonic()
            if (await Visit.begin(visit.request)).login is None:
                async for last in _end():
                    yield last
                return
        if moved:
            yield ServerSentEvent(event="changed", data="")


async def _end() -> AsyncIterator[ServerSentEvent]:
    """The page asks for its live part once more, and that answer sends it to the sign-in page."""
    yield ServerSentEvent(event="changed", data="ended")


stream_routes = [Route("/changes", follow)]
