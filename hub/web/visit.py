"""One request of one person: who it is, in which language, and what may be done with it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.clock import Clock
from hub.services.drawing.pages import PageDrawer
from hub.services.passwords import Passwords
from hub.services.people import People, Person, Role
from hub.services.sign_in import Login, SignIn
from hub.services.submission_files import SubmissionFiles
from hub.services.views import Views
from hub.web.forms import BadFormError, read_form
from hub.web.patience import Patience
from hub.web.texts import Language, say
from hub.web.viewers import Viewers

LANGUAGE_COOKIE = "nd_language"
EVERYONE = frozenset(Role)


class ForbiddenError(Exception):
    """The person may not see or do this; `key` names the sentence."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class Desk:
    """What every page works with."""

    engine: AsyncEngine
    clock: Clock
    viewers: Viewers
    passwords: Passwords
    sign_in: SignIn
    people: People
    files: SubmissionFiles
    drawer: PageDrawer
    views: Views
    secure: bool
    patience: Patience = field(default_factory=Patience)
    card_key: bytes | None = field(default=None, repr=False)

    @property
    def login_cookie(self) -> str:
        """Name of the cookie of a login; the prefix lets no other host set it."""
        return "__Host-nd_login" if self.secure else "nd_login"

    @property
    def door_cookie(self) -> str:
        """Name of the cookie that binds forms to a browser before anybody signed in."""
        return "__Host-nd_door" if self.secure else "nd_door"

    def set_cookie(self, response: Response, name: str, value: str) -> None:
        """Set a cookie that scripts and other sites never see; it ends with the browser."""
        response.set_cookie(name, value, httponly=True, samesite="strict", secure=self.secure, path="/")

    def drop_cookie(self, response: Response, name: str) -> None:
        """Take a cookie back."""
        response.delete_cookie(name, httponly=True, samesite="strict", secure=self.secure, path="/")


@dataclass(frozen=True)
class Visit:
    """A request, its login if there is one, its language and its moment."""

    request: Request
    desk: Desk
    login: Login | None
    language: Language
    now: datetime

    @classmethod
    async def begin(cls, request: Request) -> Visit:
        """Find out who asks."""
        desk: Desk = request.app.state.desk
        now = desk.clock.now()
        token = request.cookies.get(desk.login_cookie)
        login = await desk.sign_in.find(now, token) if token else None
        return cls(request, desk, login, _language(request), now)

    @classmethod
    def of_stranger(cls, request: Request) -> Visit:
        """Return the visit of somebody whom the database can't name just now."""
        desk: Desk = request.app.state.desk
        return cls(request, desk, None, _language(request), desk.clock.now())

    @property
    def person(self) -> Person:
        """The person who is signed in; pages behind `page` always have one."""
        if self.login is None:
            raise ForbiddenError("sign_in_first")
        return self.login.person

    @property
    def is_live(self) -> bool:
        """Whether only the live part of the page is asked for, by the page itself and not by the person."""
        return self.request.headers.get("hx-request") == "true" and self.request.method == "GET"

    @property
    def door(self) -> str:
        """The secret of a browser that is not signed in; empty when it has none yet."""
        return self.request.cookies.get(self.desk.door_cookie, "")

    @property
    def form_token(self) -> str:
        """What every form on this page must send back."""
        return self.login.form_token if self.login is not None else door_token(self.door)

    def say(self, key: str, **values: object) -> str:
        """Return a sentence in the visitor's language."""
        return say(self.language, key, **values)

    async def form(self) -> dict[str, str]:
        """Return the fields of the form that was sent, its token checked.

        Raises:
            BadFormError: not a form of ours.
            ForbiddenError: the token is not that of this login.
        """
        fields = await read_form(self.request)
        sent = fields.get("form_token", "")
        wanted = self.form_token
        if not wanted or not hmac.compare_digest(sent.encode(), wanted.encode()):
            raise ForbiddenError("form_old")
        return fields


def _language(request: Request) -> Language:
    return "en" if request.cookies.get(LANGUAGE_COOKIE) == "en" else "zh"


def door_token(door: str) -> str:
    """Return the form token of a browser that is not signed in."""
    return hashlib.sha256(f"form at the door {door}".encode()).hexdigest() if door else ""


def new_door() -> str:
    """Draw the secret of a browser that is not signed in."""
    return secrets.token_urlsafe(24)


Handler = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def page(*roles: Role) -> Callable[[Handler], Endpoint]:
    """Make an endpoint that only people with one of the roles reach (none named: everyone who is signed in)."""
    allowed = frozenset(roles) or EVERYONE

    def decorate(handler: Handler) -> Endpoint:
        @wraps(handler)
        async def endpoint(request: Request) -> Response:
            visit = await Visit.begin(request)
            if visit.login is None:
                return _to_sign_in(visit)
            if not visit.person.is_any(*allowed):
                raise ForbiddenError("not_your_role")
            if not visit.is_live:
                await visit.desk.sign_in.touch(visit.now, request.cookies[visit.desk.login_cookie], visit.login)
            return await handler(visit)

        return endpoint

    return decorate


def _to_sign_in(visit: Visit) -> Response:
    path = visit.request.url.path
    where = "/sign-in" if path == "/" else f"/sign-in?next={quote(path)}"
    if visit.is_live:
        # The person was away for half an hour: the page leaves by itself, with what it showed.
        return Response(status_code=401, headers={"hx-redirect": where})
    if visit.request.method != "GET":
        where = "/sign-in"
    return RedirectResponse(where, status_code=303)


def number_in_path(visit: Visit, name: str) -> str:
    """Return a text parameter of the path, short enough for any column.

    Raises:
        BadFormError: it is longer than any number of ours.
    """
    value = str(visit.request.path_params[name])
    if len(value) > 80:
        raise BadFormError(404)
    return value
