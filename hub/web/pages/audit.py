"""The audit chains, for admins."""

from __future__ import annotations

import json
from dataclasses import dataclass

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
    shown = [(row, _deed(row.body)) for row in rows]
    return render(visit, "audit.html", {"chains": chains, "chain": chain, "rows": shown, "more": more, "at": at})


@dataclass(frozen=True)
class Deed:
    """What a user did, as the chain keeps it."""

    user: str
    action: str
    subject: str
    details: list[tuple[str, object]]


def _deed(body: str | None) -> Deed | None:
    """Read a row of the users' chain; rows of stations hold only a digest."""
    if body is None:
        return None
    found = json.loads(body)
    named = {"user", "action", "subject"}
    details = [(key, _plain(value)) for key, value in found.items() if key not in named]
    return Deed(found["user"], found["action"], found["subject"], details)


def _plain(value: object) -> object:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else value


routes = [Route("/audit", show)]
