"""The simulated printer on its wire: HTTP/1.1 on loopback or on a local socket, as much of it as IPP clients speak."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path
from typing import Any

from edge.links.simulator_control import Answer, RefusedError, Request
from edge.printers.licence.ipp import IppNonsenseError, decode, encode
from edge.printers.licence.simulator.device import Device, Tray
from edge.printers.licence.simulator.operations import PRINT_JOB, answer

_MOST_HEAD, _MOST_BODY = 16 << 10, 64 << 20
_BROKEN = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class SimulatedLicencePrinter:
    """A device that listens while it has power. `path` is a local socket; without one, a port of loopback."""

    def __init__(self, device: Device, path: Path | None = None, port: int = 0) -> None:
        self.device, self._path, self.port = device, path, port
        self._socket: socket.socket | None = None
        self._listening: asyncio.Task[None] | None = None
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def uri(self) -> str:
        """Where it is asked; on a local socket the host says nothing."""
        return f"ipp://127.0.0.1:{self.port}/ipp/print" if self._path is None else "ipp://localhost/ipp/print"

    def plug(self) -> None:
        """Give it power; raises OSError for an address that is taken."""
        if self._socket is not None:
            return
        if self._path is None:
            self._socket = socket.create_server(("127.0.0.1", self.port))
            self.port = self._socket.getsockname()[1]
        else:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.unlink(missing_ok=True)
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.bind(str(self._path))
            self._socket.listen()
        self._listening = asyncio.get_running_loop().create_task(self._listen(self._socket), name="licence-wire")
        self.device.power_on()
        self.device.wake()

    def unplug(self) -> None:
        """Take its power away in whatever it is doing: connections break, nobody listens."""
        self.device.power_off()
        if self._listening is not None:
            self._listening.cancel()
        if self._server is not None:
            self._server.close()
        elif self._socket is not None:
            self._socket.close()
        self._listening = self._server = self._socket = None
        for writer in list(self._writers):
            writer.transport.abort()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self.device.wake()

    async def _listen(self, listener: socket.socket) -> None:
        make = asyncio.start_server if self._path is None else asyncio.start_unix_server
        self._server = await make(self._accept, sock=listener)

    # The control socket's words

    def do(self, request: Request) -> None:
        """Change what is asked for: `moods`, `tray` (with what lies in it), `plugged`, `take` (true).

        Raises:
            RefusedError: what is wrong with the request.
        """
        moods = request.get("moods", {})
        if not isinstance(moods, dict):
            raise RefusedError("moods must be an object")
        try:
            for name, value in moods.items():
                self.device.moods.set(name, value)
            if "tray" in request:
                self._load(request)
        except ValueError as error:
            raise RefusedError(str(error)) from error
        if request.get("take") is True:
            self.device.take_output()
        if request.get("plugged") is False:
            self.unplug()
        elif request.get("plugged") is True:
            self.plug()
        self.device.wake()

    def state(self) -> Answer:
        """Return what a person sees of it."""
        device, moods = self.device, self.device.moods
        return {
            "plugged": self._socket is not None,
            "reasons": device.reasons(),
            "moods": {name: getattr(moods, name) for name in moods.__slots__},
            "trays": {
                name: {
                    "sheets": tray.sheets, "type": tray.type,
                    "width_mm": tray.width_um / 1000, "height_mm": tray.height_um / 1000,
                }
                for name, tray in device.trays.items()
            },
            "output": list(device.output),
            "jobs": [{"number": job.number, "name": job.name, "state": job.state} for job in device.jobs.values()],
        }  # fmt: skip

    def _load(self, request: dict[str, Any]) -> None:
        tray = self.device.trays.get(str(request["tray"]))
        if tray is None:
            raise ValueError(f"tray must be one of {', '.join(self.device.trays)}")
        sheets = request.get("sheets", tray.sheets)
        width, height = request.get("width_mm", tray.width_um / 1000), request.get("height_mm", tray.height_um / 1000)
        if not isinstance(sheets, int) or not isinstance(width, int | float) or not isinstance(height, int | float):
            raise RefusedError("sheets, width_mm and height_mm are numbers")
        kind = str(request.get("type", tray.type))
        self.device.trays[str(request["tray"])] = Tray(round(width * 1000), round(height * 1000), kind, sheets)

    # The wire

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with contextlib.suppress(*_BROKEN):
                while await self._converse(reader, writer):
                    pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(_CONTINUE)
        body = await _body(reader, headers)
        if not first.startswith("POST "):
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        else:
            try:
                question = decode(body)
            except IppNonsenseError:
                writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            else:
                answers = self.device.moods.answers
                if answers == "never":
                    await asyncio.Event().wait()
                said = encode(answer(self.device, question))
                if answers == "not_to_jobs" and question.code == PRINT_JOB:
                    await asyncio.Event().wait()
                self._say(writer, said, answers if question.code == PRINT_JOB else "whole")
        await writer.drain()
        return headers.get("connection", "").lower() != "close" and not writer.is_closing()

    def _say(self, writer: asyncio.StreamWriter, said: bytes, answers: str) -> None:
        if answers == "nonsense":
            said = b"\x02\x00" + bytes(len(said) // 2)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {len(said)}\r\n\r\n".encode()
        writer.write(head + (said[: len(said) // 2] if answers == "cut" else said))
        if answers == "cut":
            writer.close()


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        size = int(headers.get("content-length", "0"))
        if not 0 <= size <= _MOST_BODY:
            raise ValueError("a body of that size")
        return await reader.readexactly(size)
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        if len(body) + size > _MOST_BODY:
            raise ValueError("a body of that size")
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return body
