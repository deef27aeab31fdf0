"""A link over a device file that is no serial line: a printer of the USB printer class, `/dev/usb/lp0` (kernel usblp).

The kernel lets one program open it (EBUSY for a second), hands bytes over as they are and knows no speed; status bytes
come on the same file. Facts on hardware, §4.1.
"""

from __future__ import annotations

import asyncio
import errno
import os
import select
from typing import Self

from edge.errors import LinkError

_INBOX_BYTES = 65536
_WRITE_SECONDS = 2.0
# A printer that answers a read with nothing would otherwise be asked again without rest.
_REST_SECONDS = 0.02
_CHUNK = 4096


class PrinterPort:
    """A `ByteLink` over a file descriptor that can be polled; once broken it stays broken and says why."""

    def __init__(self, name: str, file: int) -> None:
        self._name, self._file = name, file
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._news, self._gone, self._writable = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._reason = "closed"
        self._listen()

    @classmethod
    async def open(cls, path: str) -> Self:
        """Open the device.

        Raises:
            LinkError: no such device, no permission, or another program holds it.
        """
        try:
            return cls(path, os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY))
        except OSError as error:
            raise LinkError(f"{path}: {error.strerror}") from error

    @property
    def is_open(self) -> bool:
        """Whether the device is there now."""
        return not self._gone.is_set()

    async def write(self, data: bytes) -> None:
        """Hand all bytes to the kernel.

        Raises:
            LinkError: the device is gone, or took no byte for two seconds (it is closed then).
        """
        rest = memoryview(data)
        while rest:
            self._require_open()
            try:
                rest = rest[os.write(self._file, rest) :]
            except BlockingIOError:
                await self._until_writable()
            except OSError as error:
                self._break(error.strerror or "gone")

    async def read(self, size: int, deadline: float) -> bytes:
        """Return up to `size` bytes, or `b""` after `deadline` seconds of silence.

        Raises:
            LinkError: the device is gone and everything that came before was read.
        """
        if not self._buffer:
            self._require_open()
            try:
                async with asyncio.timeout(deadline):
                    await self._news.wait()
            except TimeoutError:
                return b""
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        if not self._buffer and self.is_open:
            self._news.clear()
        if not data:
            self._require_open()
        return data

    async def discard_input(self) -> bytes:
        """Throw away what has arrived, what the kernel holds included, and return it."""
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        data = bytes(self._buffer)
        self._buffer.clear()
        if self.is_open:
            self._news.clear()
        return data

    async def arrived(self) -> None:
        """Return once bytes wait to be read, or the device is gone."""
        await self._news.wait()

    async def closed(self) -> None:
        """Return once the device is gone."""
        await self._gone.wait()

    async def close(self) -> None:
        """Close the device; idempotent."""
        self._break("closed")

    async def _until_writable(self) -> None:
        self._writable.clear()
        self._loop.add_writer(self._file, self._writable.set)
        try:
            async with asyncio.timeout(_WRITE_SECONDS):
                await self._writable.wait()
        except TimeoutError as error:
            self._break("takes no bytes")
            raise LinkError(f"{self._name}: takes no bytes") from error
        finally:
            if self.is_open:
                self._loop.remove_writer(self._file)

    def _listen(self) -> None:
        if self.is_open:
            self._loop.add_reader(self._file, self._take)

    def _take(self) -> None:
        try:
            data = os.read(self._file, _CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self._break("gone" if error.errno in (errno.EIO, errno.ENODEV) else error.strerror or "gone")
            return
        if not data and self._hung_up():
            self._break("gone")
            return
        if not data:
            self._loop.remove_reader(self._file)
            self._loop.call_later(_REST_SECONDS, self._listen)
            return
        self._buffer += data
        del self._buffer[:-_INBOX_BYTES]
        self._news.set()

    def _hung_up(self) -> bool:
        asked = select.poll()
        asked.register(self._file, 0)
        return bool(asked.poll(0))

    def _break(self, reason: str) -> None:
        if self._gone.is_set():
            return
        self._reason = reason
        self._loop.remove_reader(self._file)
        self._loop.remove_writer(self._file)
        os.close(self._file)
        for event in (self._gone, self._news, self._writable):
            event.set()

    def _require_open(self) -> None:
        if not self.is_open:
            raise LinkError(f"{self._name}: {self._reason}")
