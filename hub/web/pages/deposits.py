"""Deposits: the lists, one deposit with its story, and the case that is made of it."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from contract.ids import read_receipt_number
from hub.core.cases import CASE_MAY_BE_MADE_OF
from hub.core.catalogue import CATALOGUE, SIZES
from hub.services.make_case import CaseDraft, make_case
from hub.services.people import Role
from hub.services.picture.cases import find_case
from hub.services.picture.deposits import GROUPS, find_deposit, list_deposits
from hub.services.picture.submissions import arrived_of, documents_of
from hub.services.picture.timeline import case_moments, timeline
from hub.services.refusals import UnknownSubjectError
from hub.web.forms import read_number
from hub.web.render import render
from hub.web.visit import Visit, number_in_path, page

DEEPEST_PAGE = 10_000


@page(Role.CLERK, Role.ADMIN)
async def show_list(visit: Visit) -> Response:
    """Show one group, or go to the deposit whose receipt number was typed."""
    query = visit.request.query_params
    typed = query.get("find", "")
    if typed:
        number = read_receipt_number(typed[:40])
        if number is not None and await find_deposit(visit.desk.engine, number) is not None:
            return RedirectResponse(f"/deposits/{quote(number, '')}", status_code=303)
    group = query.get("group", "waiting")
    group = group if group in GROUPS else "waiting"
    at = read_number(query.get("page", "0"), DEEPEST_PAGE) or 0
    rows, more = await list_deposits(visit.desk.engine, group, at)
    documents = await arrived_of(visit.desk.engine, [row.receipt_number for row in rows])
    values = {
        "documents": documents,
        "rows": rows,
        "more": more,
        "group": group,
        "groups": list(GROUPS),
        "at": at,
        "not_found": bool(typed),
    }
    return render(visit, "deposits.html", values)


@page(Role.CLERK, Role.ADMIN)
async def show(visit: Visit) -> Response:
    """Show a deposit, its story, and the form for its case."""
    engine = visit.desk.engine
    deposit = await find_deposit(engine, number_in_path(visit, "receipt_number"))
    if deposit is None:
        raise UnknownSubjectError("deposit_unknown")
    case = await find_case(engine, deposit.case_number) if deposit.case_number else None
    own = case_moments(case, ())[:1] if case is not None else []
    moments = await timeline(engine, [deposit.receipt_number], own)
    may_make = case is None and deposit.state in CASE_MAY_BE_MADE_OF and visit.person.is_any(Role.CLERK)
    documents = await documents_of(engine, visit.desk.files, deposit.receipt_number, deposit.manifest)
    story = {"deposit": deposit, "case": case, "moments": moments, "documents": documents}
    choices = {"may_make": may_make, "catalogue": CATALOGUE, "sizes": SIZES}
    return render(visit, "deposit.html", {**story, **choices})


@page(Role.CLERK)
async def make(visit: Visit) -> Response:
    """Make the case of a deposit and show it; a second wish shows the same case."""
    fields = await visit.form()
    receipt_number = number_in_path(visit, "receipt_number")
    draft = CaseDraft.read(fields.get("item", ""), fields.get("size", ""), fields.get("recipient", ""))
    number = await make_case(visit.desk.engine, visit.now, visit.person.name, receipt_number, draft)
    return RedirectResponse(f"/cases/{quote(number, '')}", status_code=303)


routes = [
    Route("/deposits", show_list),
    Route("/deposits/{receipt_number}", show),
    Route("/deposits/{receipt_number}/case", make, methods=["POST"]),
]
