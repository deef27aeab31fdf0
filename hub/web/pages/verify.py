"""What a paper is worth, for everybody: no login, no cookie, nobody's name. `/v?code=`, or the link of a QR code."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from contract.paper_codes import LONGEST_TEXT
from hub.services.paper_codes import worth_of
from hub.web.patience import PER_SECOND
from hub.web.render import render
from hub.web.visit import Visit


async def show(request: Request) -> Response:
    """The form, and what is known of the code that was sent with it."""
    visit = _visitor(request)
    code = str(request.path_params.get("code") or request.query_params.get("code", "")).strip()
    values: dict[str, object] = {
        "code": code[:LONGEST_TEXT],
        "worth": None,
        "other": _other(visit, code[:LONGEST_TEXT]),
    }
    if not code:
        return render(visit, "verify.html", {**values, "busy": False})
    address = request.client.host if request.client is not None else ""
    if not visit.desk.patience.allows(address, visit.desk.clock.monotonic()):
        return _busy(visit, values)
    worth = await worth_of(visit.desk.engine, code, visit.now)
    return render(visit, "verify.html", {**values, "worth": worth, "busy": False})


def _busy(visit: Visit, values: dict[str, object]) -> Response:
    response = render(visit, "verify.html", {**values, "busy": True}, 429)
    response.headers["retry-after"] = str(round(1 / PER_SECOND))
    return response


def _visitor(request: Request) -> Visit:
    visit = Visit.of_stranger(request)
    wished = request.query_params.get("lang")
    if wished == "en":
        return replace(visit, language="en")
    return replace(visit, language="zh") if wished == "zh" else visit


def _other(visit: Visit, code: str) -> str:
    asked = {"lang": "zh" if visit.language == "en" else "en"} | ({"code": code} if code else {})
    return f"/v?{urlencode(asked)}"


async def capital(_request: Request) -> Response:
    """`/V` is what a link in capitals leads to."""
    return RedirectResponse("/v", status_code=303)


routes = [Route("/v", show), Route("/v/{code:path}", show), Route("/V/{code:path}", show), Route("/V", capital)]
