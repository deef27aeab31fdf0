"""The control socket of simulated devices: one JSON object a line in, one JSON answer a line out."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

Request = dict[str, Any]
Answer = dict[str, Any]


class RefusedError(Exception):
    """A request that cannot be carried out; its text goes back as `error`."""


class ControlServer:
    """Serves `do`; the request `{"do": "watch"}` turns its connection into a stream of `state` at every change."""

    def __init__(self, path: Path, do: Callable[[Request], Answer], state: Callable[[], Answer]) -> None:
        self._path, self._do, self._state = path, do, state
        self._watchers: set[asyncio.Event] = set()
        self._serving: set[asyncio.Task[None]] = set()

    def changed(self) -> None:
        """Tell the watchers that the state is another one."""
        for watcher in self._watchers:
            watcher.set()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen for the body of the `async with`, then break all connections and remove the socket."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._accept, self._path)
        self._path.chmod(0o600)
        try:
            yield
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)
            self._path.unlink(missing_ok=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            while line := await reader.readline():
                request = _parse(line)
                if request.get("do") == "watch":
                    await self._stream(writer)
                await _send(writer, self._answer(request))

    def _answer(self, request: Request) -> Answer:
        try:
            return {"ok": True, **self._do(request)}
        except RefusedError as refusal:
            return {"ok": False, "error": str(refusal)}

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        changed = asyncio.Event()
        self._watchers.add(changed)
        try:
            while True:
                changed.clear()
                await _send(writer, {"ok": True, **self._state()})
                await changed.wait()
        finally:
            self._watchers.discard(changed)


def _parse(line: bytes) -> Request:
    try:
        request = json.loads(line)
    except ValueError:
        return {}
    return request if isinstance(request, dict) else {}


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> None:
    writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
    await writer.drain()
