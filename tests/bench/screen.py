"""The kiosk's browser for benches: the requests of the page and nothing around them, so that a tap leaves at once."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urlsplit

STEP_WITHIN_S = 20.0
_STEP = re.compile(rb'data-step="([a-z_0-9]+)"')
_VISIT = re.compile(rb'name="visit" value="([^"]+)"')
_TOKEN = re.compile(rb'name="token" value="([^"]+)"')
_COOKIE = re.compile(rb"set-cookie: ([^;]+);", re.IGNORECASE)
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Connection:
    """One kept connection, as a browser has several."""

    def __init__(self, host: str) -> None:
        self._host = host

    async def open(self) -> None:
        name, port = self._host.rsplit(":", 1)
        self.reader, self._writer = await asyncio.open_connection(name, int(port))

    def send(self, request: bytes) -> None:
        self._writer.write(request)

    async def head(self) -> bytes:
        return await self.reader.readuntil(b"\r\n\r\n")

    async def answer(self) -> tuple[bytes, bytes]:
        head = await self.head()
        length = _LENGTH.search(head)
        return head, await self.reader.readexactly(int(length[1]) if length else 0)

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


class Screen:
    """One page with its live stream: whenever the stream says so, the page is loaded again."""

    def __init__(self, origin: str) -> None:
        self._origin, self._host = origin, urlsplit(origin).netloc
        self._forms, self._live, self._reload = (Connection(self._host) for _ in range(3))
        self._cookie, self._token = b"", b""
        self._shown = asyncio.Condition()
        self._following: asyncio.Task[None] | None = None
        self.step, self.visit = "", ""

    async def __aenter__(self) -> Self:
        for connection in (self._forms, self._live, self._reload):
            await connection.open()
        await self._load(self._forms)
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait([self._following])
        for connection in (self._forms, self._live, self._reload):
            await connection.close()

    async def press(self, path: str, **fields: str) -> int:
        """Post a form and load the page that follows; returns CLOCK_MONOTONIC in ns of the moment before it left."""
        fields = {"token": self._token.decode(), **({"visit": self.visit} if self.visit else {}), **fields}
        body = urlencode(fields).encode()
        lines = [f"origin: {self._origin}", "content-type: application/x-www-form-urlencoded"]
        request = self._request(f"POST {path}", *lines, f"content-length: {len(body)}") + body
        at = time.monotonic_ns()
        self._forms.send(request)
        head, _ = await self._forms.answer()
        assert b" 303 " in head.split(b"\r\n", 1)[0], f"{path}: {head.decode()}"
        await self._load(self._forms)
        return at

    async def until(self, step: str) -> None:
        """Wait until the screen shows this step."""
        async with asyncio.timeout(STEP_WITHIN_S), self._shown:
            await self._shown.wait_for(lambda: self.step == step)

    def _request(self, what: str, *lines: str) -> bytes:
        more = [f"cookie: {self._cookie.decode()}"] if self._cookie else []
        return "\r\n".join([f"{what} HTTP/1.1", f"host: {self._host}", *more, *lines, "", ""]).encode()

    async def _load(self, connection: Connection) -> None:
        connection.send(self._request("GET /"))
        head, page = await connection.answer()
        if cookie := _COOKIE.search(head):
            self._cookie = cookie[1]
        step, visit, token = _STEP.search(page), _VISIT.search(page), _TOKEN.search(page)
        assert step, page.decode()[:500]
        assert token, page.decode()[:500]
        async with self._shown:
            self.step, self.visit, self._token = step[1].decode(), visit[1].decode() if visit else "", token[1]
            self._shown.notify_all()

    async def _follow(self) -> None:
        self._live.send(self._request("GET /live?after=0"))
        await self._live.head()
        while line := await self._live.reader.readline():
            if line.startswith(b"event: view"):
                await self._load(self._reload)
