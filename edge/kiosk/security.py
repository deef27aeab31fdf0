"""What stands before every request: the right host, the right origin, a token bound to the session, and quiet headers.

A page of another site (or of another port of this machine) that is open in some browser must not reach the kiosk: it
cannot send our host name by accident (DNS rebinding), cannot send our origin, and cannot read the token. GET changes
nothing, so nothing but POST needs the token.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "nd_kiosk"
FIELD = "token"
BODY_BYTES = 4096
FORM_FIELDS = 12
_SESSION_BYTES = 32

HEADERS = {
    "content-security-policy": "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' blob:",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "object-src 'none'",
        )
    ),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class RefusedError(Exception):
    """The request is not one of ours; `status` and a key of `texts.py`."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


Refuse = Callable[[Scope, RefusedError], Response]
"""Makes the page of a refusal; given by the app, which knows the templates."""


class Tokens:
    """Session ids and their form tokens; the secret lives as long as the process."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def new_session(self) -> str:
        """Draw a session id for a browser that came without one."""
        return secrets.token_urlsafe(_SESSION_BYTES)

    def token(self, session: str) -> str:
        """Return the form token that belongs to a session."""
        return hmac.new(self._secret, session.encode(), sha256).hexdigest()

    def fits(self, session: str | None, token: str) -> bool:
        """Compare in constant time; a missing session never fits."""
        return session is not None and hmac.compare_digest(self.token(session).encode(), token.encode())


class Gate:
    """ASGI middleware around the whole kiosk.

    `origin` is the kiosk's own, such as `http://127.0.0.1:8101`. For a POST the body (at most `BODY_BYTES`,
    form-encoded) is read here and left in `scope["state"]["form"]`, the session's token in `scope["state"]["token"]`.
    `refuse` makes the page for a refusal.
    """

    def __init__(self, app: ASGIApp, *, origin: str, tokens: Tokens, refuse: Refuse) -> None:
        self._app, self._origin, self._tokens, self._refuse = app, origin, tokens, refuse
        self._host = origin.split("://", 1)[1]
        self._secure = origin.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then hand on with the session prepared."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        session = _session(headers)
        known = session or self._tokens.new_session()
        state = scope.setdefault("state", {})
        state["token"] = self._tokens.token(known)
        answer = self._dressed(send, None if session else known)
        try:
            self._check_host(headers)
            if scope["method"] not in {"GET", "HEAD"}:
                state["form"] = await self._checked_form(scope, headers, session, receive)
        except RefusedError as refusal:
            await self._refuse(scope, refusal)(scope, receive, answer)
            return
        await self._app(scope, receive, answer)

    def _check_host(self, headers: Headers) -> None:
        if headers.getlist("host") != [self._host]:
            raise RefusedError(421, "error_host")

    async def _checked_form(
        self, scope: Scope, headers: Headers, session: str | None, receive: Receive
    ) -> dict[str, str]:
        if scope["method"] != "POST":
            raise RefusedError(405, "error_not_found")
        self._check_origin(headers)
        form = _parse(await _body(headers, receive))
        if not self._tokens.fits(session, form.pop(FIELD, "")):
            raise RefusedError(403, "error_old_page")
        return form

    def _check_origin(self, headers: Headers) -> None:
        """Our own origin, said by `Origin` or, where the referrer policy makes browsers send `null`, by Fetch Metadata.

        Both are written by the browser and cannot be set by a page. Where both speak, both must agree.
        """
        origins, sites = headers.getlist("origin"), headers.getlist("sec-fetch-site")
        said_ours = origins == [self._origin]
        if not said_ours and origins not in ([], ["null"]):
            raise RefusedError(403, "error_origin")
        if sites and sites != ["same-origin"]:
            raise RefusedError(403, "error_origin")
        if not said_ours and not sites:
            raise RefusedError(403, "error_origin")

    def _dressed(self, send: Send, new_session: str | None) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if new_session is not None:
                    headers.append("set-cookie", self._cookie(new_session))
            await send(message)

        return dressed

    def _cookie(self, session: str) -> str:
        return f"{COOKIE}={session}; Path=/; HttpOnly; SameSite=Strict{'; Secure' if self._secure else ''}"


def _session(headers: Headers) -> str | None:
    cookies = SimpleCookie()
    try:
        cookies.load(headers.get("cookie", ""))
    except CookieError:
        return None
    return cookies[COOKIE].value if COOKIE in cookies and cookies[COOKIE].value else None


async def _body(headers: Headers, receive: Receive) -> bytes:
    if headers.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise RefusedError(415, "error_bad_form")
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedError(400, "error_bad_form")
        body += message.get("body", b"")
        if len(body) > BODY_BYTES:
            raise RefusedError(413, "error_too_large")
        more = message.get("more_body", False)
    return bytes(body)


def _parse(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qs(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=FORM_FIELDS,
        )
    except ValueError as error:
        raise RefusedError(400, "error_bad_form") from error
    if any(len(values) > 1 for values in fields.values()):
        raise RefusedError(400, "error_bad_form")
    return {name: values[0] for name, values in fields.items()}
