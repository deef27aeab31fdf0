"""Signing in and out, and the language of the pages."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.services.people import Person
from hub.web.render import render
from hub.web.visit import LANGUAGE_COOKIE, Visit, door_token, new_door


async def show(request: Request) -> Response:
    """The form; a browser without a secret gets one, so that the form is bound to it."""
    visit = await Visit.begin(request)
    if visit.login is not None:
        return RedirectResponse("/", status_code=303)
    return _form(visit, failed=False, where=own_path(visit.request.query_params.get("next", "/")))


def _form(visit: Visit, *, failed: bool, where: str) -> Response:
    door = visit.door or new_door()
    values = {"door_form_token": door_token(door), "failed": failed, "where": where}
    response = render(visit, "sign_in.html", values, 401 if failed else 200)
    if not visit.door:
        visit.desk.set_cookie(response, visit.desk.door_cookie, door)
    return response


async def enter(request: Request) -> Response:
    """Check name and password; the answer never says which of them was wrong, or whether the name exists."""
    visit = await Visit.begin(request)
    fields = await visit.form()
    name, password = fields.get("name", "").strip()[:64], fields.get("password", "")
    token = await visit.desk.sign_in.sign_in(visit.now, name, password)
    if token is None:
        return _form(visit, failed=True, where=own_path(fields.get("next", "/")))
    response = RedirectResponse(own_path(fields.get("next", "/")), status_code=303)
    visit.desk.set_cookie(response, visit.desk.login_cookie, token)
    visit.desk.drop_cookie(response, visit.desk.door_cookie)
    return response


async def leave(request: Request) -> Response:
    """End the login."""
    visit = await Visit.begin(request)
    await visit.form()
    response = RedirectResponse("/sign-in", status_code=303)
    if visit.login is not None:
        await _end(visit, visit.login.person)
        visit.desk.drop_cookie(response, visit.desk.login_cookie)
    return response


async def _end(visit: Visit, person: Person) -> None:
    await visit.desk.sign_in.sign_out(visit.now, visit.request.cookies[visit.desk.login_cookie], person)


async def choose_language(request: Request) -> Response:
    """Keep the language in the browser and go back to where the person was."""
    visit = await Visit.begin(request)
    fields = await visit.form()
    response = RedirectResponse(own_path(fields.get("next", "/")), status_code=303)
    visit.desk.set_cookie(response, LANGUAGE_COOKIE, "en" if fields.get("language") == "en" else "zh")
    return response


def own_path(path: str) -> str:
    """Return a path on this site; anything that could lead elsewhere becomes the first page."""
    harmless = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if harmless and path.isprintable() and path.isascii() else "/"


routes = [
    Route("/sign-in", show),
    Route("/sign-in", enter, methods=["POST"]),
    Route("/sign-out", leave, methods=["POST"]),
    Route("/language", choose_language, methods=["POST"]),
]
