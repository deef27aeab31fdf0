"""The first page: stations as last known, what waits, what is wrong."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from hub.services.picture.overview import overview
from hub.web.render import render
from hub.web.visit import Visit, page


@page()
async def show(visit: Visit) -> Response:
    """Show the whole desk at a glance."""
    desk = visit.desk
    found = await (
        desk.viewers.answer("overview", lambda: overview(desk.engine)) if visit.is_live else overview(desk.engine)
    )
    return render(visit, "overview.html", {"overview": found})


routes = [Route("/", show)]
