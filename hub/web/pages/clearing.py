"""The morning's clearing list of every station."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from hub.services.people import Role
from hub.services.picture.clearing import clearing_list
from hub.web.render import render
from hub.web.visit import Visit, page


@page(Role.CLERK, Role.ADMIN)
async def show(visit: Visit) -> Response:
    """Show what waits to be taken out or looked into, in the order of the doors."""
    return render(visit, "clearing.html", {"rows": await clearing_list(visit.desk.engine, visit.now)})


routes = [Route("/clearing", show)]
