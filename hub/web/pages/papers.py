"""Papers that stations print: what was ordered, how it stands, and taking an order back."""

from __future__ import annotations

import json
from uuid import UUID

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.services.people import Role
from hub.services.picture.papers import GROUPS, Paper, find_paper, list_papers
from hub.services.print_orders import withdraw_order
from hub.services.refusals import UnknownSubjectError
from hub.services.returned_papers import take_in_paper
from hub.web.forms import read_number
from hub.web.pages.deposits import DEEPEST_PAGE
from hub.web.render import render
from hub.web.visit import Visit, number_in_path, page

TAKES_BACK = frozenset({"ordered", "failed", "expired"})


@page()
async def show_list(visit: Visit) -> Response:
    """Show one group of orders, newest first."""
    query = visit.request.query_params
    group = query.get("group", "open")
    group = group if group in GROUPS else "open"
    at = read_number(query.get("page", "0"), DEEPEST_PAGE) or 0
    rows, more = await list_papers(visit.desk.engine, visit.now, at, group=group)
    return render(visit, "papers.html", {"rows": rows, "more": more, "group": group, "groups": GROUPS, "at": at})


@page()
async def show(visit: Visit) -> Response:
    """Show one order with the jobs by which its station printed it."""
    paper = await _paper(visit)
    may_take_back = paper.state in TAKES_BACK and visit.person.is_any(Role.CLERK)
    returned = json.loads(paper.order.returned)
    returns = [(number, number in returned) for number in json.loads(paper.order.returns)]
    return render(visit, "paper.html", {"paper": paper, "returns": returns, "may_take_back": may_take_back})


@page(Role.CLERK)
async def take_back(visit: Visit) -> Response:
    """Withdraw an order; a paper that is out stays out."""
    await visit.form()
    paper = await _paper(visit)
    await withdraw_order(visit.desk.engine, visit.now, visit.person.name, UUID(paper.order.order_id))
    return RedirectResponse(f"/papers/{paper.order.order_id}", status_code=303)


@page(Role.CLERK)
async def take_in(visit: Visit) -> Response:
    """An older paper was given back at the window."""
    fields = await visit.form()
    paper = await _paper(visit)
    order = UUID(paper.order.order_id)
    await take_in_paper(visit.desk.engine, visit.now, visit.person.name, order, fields.get("number", "")[:60])
    return RedirectResponse(f"/papers/{order}", status_code=303)


async def _paper(visit: Visit) -> Paper:
    try:
        order = UUID(number_in_path(visit, "order"))
    except ValueError:
        raise UnknownSubjectError("order_unknown") from None
    paper = await find_paper(visit.desk.engine, visit.now, order)
    if paper is None:
        raise UnknownSubjectError("order_unknown")
    return paper


routes = [
    Route("/papers", show_list),
    Route("/papers/{order}", show),
    Route("/papers/{order}/take-in", take_in, methods=["POST"]),
    Route("/papers/{order}/take-back", take_back, methods=["POST"]),
]
