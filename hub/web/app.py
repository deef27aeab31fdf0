"""The hub desk as one ASGI application; `hub/app.py` mounts it and gives it engine, clock and change feed."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from hub.clock import Clock
from hub.config import WebConfig
from hub.core.case_numbers import CaseNumbersExhaustedError
from hub.db.changes import ChangeFeed
from hub.db.engine import is_away
from hub.services.drawing.pages import PageDrawer
from hub.services.passwords import Passwords
from hub.services.people import People
from hub.services.refusals import RefusedError, UnknownSubjectError
from hub.services.sign_in import SignIn
from hub.services.submission_files import SubmissionFiles
from hub.services.views import Views
from hub.web.forms import BadFormError
from hub.web.guard import BodyTooLargeError, Guard, Names
from hub.web.pages import (
    audit,
    cases,
    clearing,
    deposits,
    documents,
    overview,
    papers,
    sign_in,
    stations,
    tasks,
    verify,
)
from hub.web.pages.sign_in import own_path
from hub.web.pages.stream import stream_routes
from hub.web.render import render
from hub.web.viewers import Viewers
from hub.web.visit import Desk, ForbiddenError, Visit

log = logging.getLogger(__name__)
STATIC = Path(__file__).parent / "static"


def create_web(
    engine: AsyncEngine, config: WebConfig, clock: Clock, changes: ChangeFeed, files: SubmissionFiles
) -> Starlette:
    """Make the desk's pages; nothing is opened or read yet."""
    pages = (sign_in, overview, stations, deposits, documents, cases, clearing, papers, tasks, audit, verify)
    routes = [route for module in pages for route in module.routes]
    static = Mount("/static", StaticFiles(directory=STATIC), name="static")
    app = Starlette(
        routes=[*routes, *stream_routes, static],
        middleware=[Middleware(Guard, names=Names.of(config))],
        exception_handlers={
            HTTPException: _http_error,
            RefusedError: _refused,
            ForbiddenError: _forbidden,
            BadFormError: _bad_form,
            BodyTooLargeError: _too_large,
            CaseNumbersExhaustedError: _exhausted,
            DBAPIError: _database,
            Exception: _bug,
        },
    )
    passwords = Passwords()
    app.state.desk = Desk(
        engine=engine,
        clock=clock,
        viewers=Viewers(changes),
        passwords=passwords,
        sign_in=SignIn(engine, passwords),
        people=People(engine, passwords),
        secure=config.tls_cert is not None,
        card_key=config.card_key,
        files=files,
        drawer=PageDrawer(),
        views=Views(engine),
    )
    return app


async def problem(request: Request, status: int, key: str) -> Response:
    """Say in plain words what went wrong; never how the inside looks."""
    try:
        visit = await Visit.begin(request)
    except (DBAPIError, OSError):
        # Without the database nobody is signed in, but the sentence still comes.
        visit = Visit.of_stranger(request)
    return render(
        visit, "problem.html", {"problem": key, "shown_status": status, "back": _page_before(request)}, status
    )


def _page_before(request: Request) -> str | None:
    """The page of ours whose form was refused."""
    before = urlsplit(request.headers.get("referer", ""))
    own = before.netloc == request.headers.get("host") and request.method == "POST"
    return own_path(f"{before.path}?{before.query}" if before.query else before.path) if own else None


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    key = {404: "problem_404", 405: "problem_405"}.get(status, "problem_400")
    return await problem(request, status, key)


async def _refused(request: Request, error: Exception) -> Response:
    key = error.key if isinstance(error, RefusedError) else "problem_500"
    return await problem(request, 404 if isinstance(error, UnknownSubjectError) else 422, key)


async def _forbidden(request: Request, error: Exception) -> Response:
    return await problem(request, 403, error.key if isinstance(error, ForbiddenError) else "problem_500")


async def _bad_form(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, BadFormError) else 400
    return await problem(request, status, "problem_404" if status == 404 else "problem_400")


async def _too_large(request: Request, error: Exception) -> Response:
    return await problem(request, 413, "problem_413")


async def _exhausted(request: Request, error: Exception) -> Response:
    log.error("case numbers exhausted: %s", error)
    return await problem(request, 503, "numbers_exhausted")


async def _database(request: Request, error: Exception) -> Response:
    if not is_away(error):
        raise error
    log.warning("database away (%s)", type(error).__name__)
    return await problem(request, 503, "problem_database")


async def _bug(request: Request, error: Exception) -> Response:
    return await problem(request, 500, "problem_500")
