"""The audit chains, for admins."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from hub.core.audit import USERS
from hub.services.people import Role
from hub.services.picture.audit import audit_chains, audit_rows
from hub.web.forms import read_number
from hub.web.pages.deposits import DEEPEST_PAGE
from hub.web.render import render
from hub.web.visit import Visit, page


@page(Role.ADMIN)
async def show(visit: Visit) -> Response:
    """Show the newest rows of one chain."""
    query = visit.request.query_params
    chains = await audit_chains(visit.desk.engine)
    chain = query.get("chain", USERS)[:64]
    at = read_number(query.get("page", "0"), DEEPEST_PAGE) or 0
    rows, more = await audit_rows(visit.desk.engine, chain, at)
    shown = [(row, _details(row.body)) for row in rows]
    return render(visit, "audit.html", {"chains": chains, "chain": chain, "rows": shown, "more": more, "at": at})


def _details(body: str | None) -> list[tuple[str, Any]]:
    """What a user's action decided, without what the columns say already."""
    if body is None:
        return []
    found = json.loads(body)
    return [(key, value) for key, value in found.items() if key not in {"user", "action", "subject"}]


routes = [Route("/audit", show)]
