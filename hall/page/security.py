"""What stands before every request of the world page: right host, right origin, a token bound to the browser's session.

A page of another site that is open in the visitor's browser must not open doors or kill processes here.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "nd_world"
FIELD = "token"
BODY_BYTES = 4096

HEADERS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class RefusedError(Exception):
    """The request is not from the world page; `status` is the HTTP status of the answer."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class Gate:
    """ASGI middleware around the whole page. Leaves `token` and, for a POST, `form` in `request.state`."""

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self._app, self._origin = app, origin
        self._host = origin.split("://", 1)[1]
        self._secret = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then hand on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        session = request.cookies.get(COOKIE)
        fresh = None if session else secrets.token_urlsafe(32)
        request.state.token = self._token(session or fresh or "")
        dressed = _dressed(send, fresh)
        try:
            self._check_host(request)
            if request.method not in {"GET", "HEAD"}:
                request.state.form = await self._checked_form(request, session)
        except RefusedError as refusal:
            await PlainTextResponse(f"{refusal}\n", refusal.status)(scope, receive, dressed)
            return
        await self._app(scope, receive, dressed)

    def _token(self, session: str) -> str:
        return hmac.new(self._secret, session.encode(), sha256).hexdigest()

    def _check_host(self, request: Request) -> None:
        if request.headers.getlist("host") != [self._host]:
            raise RefusedError(HTTPStatus.MISDIRECTED_REQUEST, "another host")

    async def _checked_form(self, request: Request, session: str | None) -> dict[str, str]:
        if request.method != "POST":
            raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "only GET and POST")
        if request.headers.getlist("origin") != [self._origin]:
            raise RefusedError(HTTPStatus.FORBIDDEN, "another origin")
        form = await _form(request)
        given = form.pop(FIELD, "")
        if session is None or not hmac.compare_digest(self._token(session).encode(), given.encode()):
            raise RefusedError(HTTPStatus.FORBIDDEN, "an old page: load it again")
        return form


async def _form(request: Request) -> dict[str, str]:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a form is expected")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too long")
    try:
        return {name: values[-1] for name, values in parse_qs(body.decode("ascii"), max_num_fields=12).items()}
    except ValueError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "no form") from error


def _dressed(send: Send, fresh_session: str | None) -> Send:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if fresh_session is not None:
                headers.append("set-cookie", f"{COOKIE}={fresh_session}; Path=/; HttpOnly; SameSite=Strict")
        await send(message)

    return dressed
