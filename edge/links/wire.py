"""Links over serial lines and TCP: an inbox that the transport fills, and writes that are complete or an error."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from typing import Protocol, Self
from urllib.parse import urlsplit

import serial
import serial_asyncio_fast

from edge.errors import LinkError
from edge.links.identity import device_path
from edge.links.printer_port import PrinterPort
from edge.ports import ByteLink

# A peer that babbles must not fill the memory; no conversation needs more than a few hundred bytes.
_INBOX_BYTES = 65536
# A frame of a few bytes leaves in milliseconds; a device that takes none for this long has stopped.
_WRITE_SECONDS = 2.0
_CONNECT_SECONDS = 3.0


class OpenLink(ByteLink, Protocol):
    """A link as its owner sees it: it can also be closed and watched."""

    async def arrived(self) -> None:
        """Return once bytes wait to be read, or the wire is gone."""

    async def closed(self) -> None:
        """Return once the wire is gone, by unplugging or by `close`."""

    async def close(self) -> None:
        """Close the wire; idempotent."""


class _Inbox(asyncio.Protocol):
    """What arrived and was not read, and whether the transport still takes and brings bytes."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.arrived = asyncio.Event()
        self.gone = asyncio.Event()
        self.drained = asyncio.Event()
        self.drained.set()
        self.reason = "closed"

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        del self.buffer[:-_INBOX_BYTES]
        self.arrived.set()

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self.drained.clear()

    def resume_writing(self) -> None:
        self.drained.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.reason = str(exc) if exc else "closed"
        self.gone.set()
        self.arrived.set()
        self.drained.set()

    def take(self, size: int) -> bytes:
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        if not self.buffer and not self.gone.is_set():
            self.arrived.clear()
        return data


class WireLink:
    """A `ByteLink` over an asyncio transport; once broken it stays broken and says why."""

    def __init__(self, name: str, transport: asyncio.Transport, inbox: _Inbox) -> None:
        self._name, self._transport, self._inbox = name, transport, inbox
        # `drained` then means that the kernel has every byte, not merely that a buffer is small.
        transport.set_write_buffer_limits(high=0)

    @property
    def is_open(self) -> bool:
        """Whether the wire is there now."""
        return not self._inbox.gone.is_set() and not self._transport.is_closing()

    async def write(self, data: bytes) -> None:
        """Hand all bytes to the kernel.

        Raises:
            LinkError: the wire is gone, or did not take the bytes within two seconds (it is closed then).
        """
        self._require_open()
        self._transport.write(data)
        try:
            async with asyncio.timeout(_WRITE_SECONDS):
                await self._inbox.drained.wait()
        except TimeoutError as error:
            self._abort()
            raise LinkError(f"{self._name}: takes no bytes") from error
        self._require_open()

    async def read(self, size: int, deadline: float) -> bytes:
        """Return up to `size` bytes, or `b""` after `deadline` seconds of silence.

        Raises:
            LinkError: the wire is gone and everything that came before was read.
        """
        if not self._inbox.buffer:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(deadline):
                    await self._inbox.arrived.wait()
        data = self._inbox.take(size)
        if not data:
            self._require_open()
        return data

    async def discard_input(self) -> bytes:
        """Throw away what has arrived, what the kernel holds included, and return it."""
        # Two passes of the loop: one polls the file, the next has run the transport's reader.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return self._inbox.take(_INBOX_BYTES)

    async def arrived(self) -> None:
        """Return once bytes wait to be read, or the wire is gone."""
        await self._inbox.arrived.wait()

    async def closed(self) -> None:
        """Return once the wire is gone."""
        await self._inbox.gone.wait()

    async def close(self) -> None:
        """Close the wire; idempotent."""
        self._abort()
        await self._inbox.gone.wait()

    def _abort(self) -> None:
        # The serial transport fails in the background when it is aborted twice.
        if not self._transport.is_closing():
            self._transport.abort()

    def _require_open(self) -> None:
        if not self.is_open:
            raise LinkError(f"{self._name}: {self._inbox.reason}")


class _SerialTransport(serial_asyncio_fast.SerialTransport):
    """The library's, which after a full wire goes on watching it with nothing to write: an error for each pass of the
    loop, and no rest for the processor, until it is closed."""

    def _write_ready(self) -> None:
        super()._write_ready()
        if not self._write_buffer:
            self._remove_writer()


class SerialLink(WireLink):
    """8N1 on a device path, opened exclusively: two programs on one bus would read each other's answers."""

    @classmethod
    async def open(cls, path: str, baud: int) -> Self:
        """Open the device.

        Raises:
            LinkError: no such device, no permission, or another program holds it.
        """
        loop, inbox = asyncio.get_running_loop(), _Inbox()
        try:
            port = serial.serial_for_url(path, baudrate=baud, exclusive=True)
            transport = _SerialTransport(loop, inbox, port)
        except OSError as error:
            raise LinkError(f"{path}: {error}") from error
        # The transport starts to read in the loop's next pass; `discard_input` counts on that.
        await asyncio.sleep(0)
        return cls(path, transport, inbox)


class TcpLink(WireLink):
    """A serial server's raw TCP port."""

    @classmethod
    async def open(cls, host: str, port: int) -> Self:
        """Connect within three seconds.

        Raises:
            LinkError: nobody listens there, or the network does not answer.
        """
        name = f"{host}:{port}"
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                transport, inbox = await loop.create_connection(_Inbox, host, port)
        except (OSError, TimeoutError) as error:
            raise LinkError(f"{name}: {error or 'no connection'}") from error
        _notice_dead_peer(transport.get_extra_info("socket"))
        return cls(name, transport, inbox)


def _notice_dead_peer(sock: socket.socket) -> None:
    """Let the kernel break a connection whose serial server lost its power, after about ten seconds."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 4)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)


def _is_serial(path: str) -> bool:
    """Whether a path is a terminal line; also where that cannot be told, because its own error says more."""
    try:
        file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return not path.startswith("/dev/usb/lp")
    try:
        return os.isatty(file)
    finally:
        os.close(file)


async def open_link(port: str, baud: int) -> OpenLink:
    """Open a station file's `port`: a device path, `usb:VID:PID:SERIAL`, or `socket://host:port` of a serial server.

    A path that is no serial line, as `/dev/usb/lp0`, is opened as a printer's own file. A serial server has its own
    speed: `baud` means nothing there, nor to such a printer. Which device a name stands for is found out anew at each
    opening.

    Raises:
        LinkError: it cannot be opened now.
    """
    if not port.startswith("socket://"):
        path = await device_path(port)
        return await (SerialLink.open(path, baud) if _is_serial(path) else PrinterPort.open(path))
    parts = urlsplit(port)
    return await TcpLink.open(parts.hostname or "", parts.port or 0)
