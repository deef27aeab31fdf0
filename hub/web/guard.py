"""What stands before every page: who may ask at all, how much, and what the browser may do with the answer.

A page that a visitor has open in another tab must not reach the desk: the name it asks for must be ours (Host), and a
form must come from our own page (Origin). Nothing here looks at the database.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.config import WebConfig, is_loopback

LARGEST_BODY = 64 * 1024
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


@dataclass(frozen=True)
class Names:
    """Under which names, and over which scheme, the desk is reached."""

    hosts: frozenset[str]
    scheme: str

    @classmethod
    def of(cls, config: WebConfig) -> Names:
        """Return the names that a configuration stands for."""
        loopback = LOOPBACK_NAMES if is_loopback(config.host) else frozenset[str]()
        named = {name.lower() for name in (config.host, *config.names)}
        return cls(loopback | named, "http" if config.tls_cert is None else "https")

    def knows(self, host: str) -> bool:
        """Whether a Host header (name, with or without a port) is one of ours."""
        name, _, port = host.lower().rpartition(":") if _has_port(host) else (host.lower(), "", "")
        return name in self.hosts and (not port or (port.isascii() and port.isdigit()))

    def origin(self, host: str) -> str:
        """Return the origin of our own pages under that Host header."""
        return f"{self.scheme}://{host.lower()}"


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]


class Refusal(PlainTextResponse):
    """A request that no page of ours sends; said in both languages, because no visit exists yet."""

    def __init__(self, status: int, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}\n", status_code=status, headers=HEADERS)


class Guard:
    """ASGI wrapper: refuses foreign hosts and origins and bodies over 64 KiB, adds the security headers."""

    def __init__(self, app: ASGIApp, names: Names) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refuse(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        limited = _Limited(receive)
        await self._app(scope, limited, _with_headers(send, is_static=scope["path"].startswith("/static/")))

    def _refuse(self, scope: Scope) -> Refusal | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._names.knows(hosts[0]):
            return Refusal(421, "此地址不属于本系统。", "This address does not belong to the hub.")
        if _has_control_characters(scope):
            return Refusal(400, "无法理解这个请求。", "This request can't be understood.")
        if scope["method"] in CHANGING and not self._own(headers, hosts[0]):
            return Refusal(403, "请求不是从本系统的页面发出的，已拒绝。", "Refused: not sent by a page of this hub.")
        if _too_long(headers):
            return Refusal(413, "提交的内容过大。", "Too much was sent.")
        return None

    def _own(self, headers: Headers, host: str) -> bool:
        origin = self._names.origin(host)
        return headers.getlist("origin") == [origin] and headers.get("sec-fetch-site", "same-origin") == "same-origin"


def _has_control_characters(scope: Scope) -> bool:
    """A NUL can't be stored as text, and no address of ours has a control character."""
    raw = scope.get("raw_path") or scope["path"].encode()
    return any(byte < 0x20 or byte == 0x7F for byte in unquote_to_bytes(raw) + unquote_to_bytes(scope["query_string"]))


def _too_long(headers: Headers) -> bool:
    length = headers.get("content-length", "0")
    return not (length.isascii() and length.isdigit()) or int(length[:20]) > LARGEST_BODY


class BodyTooLargeError(Exception):
    """More arrived than was announced or may be."""


class _Limited:
    """Counts what arrives, for bodies that don't announce their length."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._left = LARGEST_BODY

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise BodyTooLargeError
        return message


def _with_headers(send: Send, *, is_static: bool) -> Callable[[Message], Awaitable[None]]:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if is_static:
                headers["cache-control"] = "no-cache"  # kept, and asked for again by its tag
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
