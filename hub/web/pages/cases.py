"""Cases: the lists, one case with its story, and the certificate that is ready."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from sqlalchemy import Row
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.core.cases import LIES_THERE, MAY_BECOME_READY
from hub.services.ask_station import EXTENSION_DAYS, ask_about_item, wishes_about
from hub.services.mark_ready import PICKUP_DAYS, mark_ready
from hub.services.people import Role
from hub.services.picture.cases import GROUPS, find_case, list_cases, notices_of
from hub.services.picture.deposits import find_deposit
from hub.services.picture.station import free_compartments
from hub.services.picture.submissions import Documents, documents_of
from hub.services.picture.timeline import case_moments, timeline
from hub.services.refusals import UnknownSubjectError
from hub.services.who_collects import Claim, set_claim
from hub.web.forms import read_number
from hub.web.pages.deposits import DEEPEST_PAGE
from hub.web.render import render
from hub.web.visit import Visit, number_in_path, page

WISHES = {"new-code": "reissue_code", "extend": "extend_item", "withdraw": "withdraw_item"}


@page(Role.CLERK, Role.ADMIN)
async def show_list(visit: Visit) -> Response:
    """Show one group, or go to the case whose number was typed."""
    query = visit.request.query_params
    typed = "".join(query.get("find", "")[:80].split()).upper()
    if typed and await find_case(visit.desk.engine, typed) is not None:
        return RedirectResponse(f"/cases/{quote(typed, '')}", status_code=303)
    group = query.get("group", "made")
    group = group if group in GROUPS else "made"
    at = read_number(query.get("page", "0"), DEEPEST_PAGE) or 0
    rows, more = await list_cases(visit.desk.engine, group, at)
    values = {"rows": rows, "more": more, "group": group, "groups": list(GROUPS), "at": at, "not_found": bool(typed)}
    return render(visit, "cases.html", values)


@page(Role.CLERK, Role.ADMIN)
async def show(visit: Visit) -> Response:
    """Show a case, the story of deposit and case in one line, and the form for its certificate."""
    engine = visit.desk.engine
    case = await find_case(engine, number_in_path(visit, "number"))
    if case is None:
        raise UnknownSubjectError("case_unknown")
    notices = await notices_of(engine, case.case_number)
    moments = await timeline(engine, [case.receipt_number, case.case_number], case_moments(case, notices))
    deposit = await find_deposit(engine, case.receipt_number) if case.receipt_number else None
    values = {
        "case": case,
        "deposit": deposit,
        "documents": await _documents(visit, deposit),
        "moments": moments,
        "may_ready": case.state in MAY_BECOME_READY and visit.person.is_any(Role.CLERK),
        "free": await free_compartments(engine),
        "days": PICKUP_DAYS,
        "reads_cards": visit.desk.card_key is not None,
        "may_ask": case.state in LIES_THERE and visit.person.is_any(Role.CLERK),
        "wishes": await wishes_about(engine, case.case_number),
        "extension_days": EXTENSION_DAYS,
    }
    return render(visit, "case.html", values)


async def _documents(visit: Visit, deposit: Row[Any] | None) -> Documents:
    if deposit is None:
        return Documents()
    return await documents_of(visit.desk.engine, visit.desk.files, deposit.receipt_number, deposit.manifest)


@page(Role.CLERK)
async def ready(visit: Visit) -> Response:
    """The certificate is ready: its station may load it."""
    fields = await visit.form()
    number = number_in_path(visit, "number")
    days = read_number(fields.get("days", ""), 999) or 0
    await mark_ready(visit.desk.engine, visit.now, visit.person.name, number, fields.get("station", ""), days)
    return RedirectResponse(f"/cases/{quote(number, '')}", status_code=303)


@page(Role.CLERK)
async def ask(visit: Visit) -> Response:
    """Ask the station for a new code, a longer period, or to hand the item back to staff."""
    fields = await visit.form()
    number = number_in_path(visit, "number")
    wish = WISHES.get(str(visit.request.path_params["wish"]), "")
    days = read_number(fields.get("days", ""), 999) or 0
    await ask_about_item(visit.desk.engine, visit.now, visit.person.name, number, wish, days)
    return RedirectResponse(f"/cases/{quote(number, '')}", status_code=303)


@page(Role.CLERK)
async def claim(visit: Visit) -> Response:
    """Say who may collect the item by card, and whether a second factor is wanted."""
    fields = await visit.form()
    number = number_in_path(visit, "number")
    said = Claim.read(
        visit.desk.card_key,
        fields.get("own", ""),
        fields.get("others", ""),
        second_factor="second_factor" in fields,
        today=visit.now.date(),
    )
    await set_claim(visit.desk.engine, visit.now, visit.person.name, number, said)
    return RedirectResponse(f"/cases/{quote(number, '')}", status_code=303)


routes = [
    Route("/cases", show_list),
    Route("/cases/{number}", show),
    Route("/cases/{number}/ready", ready, methods=["POST"]),
    Route("/cases/{number}/claim", claim, methods=["POST"]),
    Route("/cases/{number}/item/{wish}", ask, methods=["POST"]),
]
