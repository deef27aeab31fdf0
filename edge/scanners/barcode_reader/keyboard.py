"""`BarcodeReader` for a scanner that plays a keyboard: its device is grabbed, so that no key reaches the browser.

Without a library: an event device is a file, and one ioctl takes it for this program alone (`EVIOCGRAB`).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from edge.errors import LinkError
from edge.scanners.barcode_reader.keys import EVENT, KeyParser

_EVIOCGRAB = 0x40044590
_CHUNK = 64 * EVENT.size


class Settings(BaseModel):
    """What is set per keyboard."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    forget_ms: Annotated[int, Field(ge=50, le=10000)] = 1000
    """Keys that ENTER does not follow within this time are no code."""


def grab_keyboard(handle: int) -> None:
    """Take an event device for this program alone; raises `OSError`."""
    fcntl.ioctl(handle, _EVIOCGRAB, 1)


class KeyboardCodeReader:
    """One keyboard. It stays grabbed between two waits; what is typed then is thrown away."""

    def __init__(self, name: str, path: str, settings: Settings, grab: Callable[[int], None] = grab_keyboard) -> None:
        self.name = name
        self._path, self._settings, self._grab = path, settings, grab
        self._handle: int | None = None
        self._waited_for = False

    def open(self) -> None:
        """Open and grab the device if it is not.

        Raises:
            LinkError: no such device, no permission, or another program holds it.
        """
        if self._handle is not None:
            return
        try:
            handle = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise LinkError(f"{self.name}: {error.strerror}") from error
        try:
            self._grab(handle)
        except OSError as error:
            os.close(handle)
            raise LinkError(f"{self.name}: cannot be grabbed: {error.strerror}") from error
        self._handle = handle

    def close(self) -> None:
        """Give the device back; idempotent."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    async def check(self) -> None:
        """Look whether the device is there and ours; see `edge.ports.BarcodeReader`."""
        if not self._waited_for:
            self.open()
            self._drain()

    async def wait_for_code(self, deadline: float) -> str | None:
        """Return the next code; see `edge.ports.BarcodeReader`."""
        self._waited_for = True
        try:
            return await self._wait_for_code(deadline)
        finally:
            self._waited_for = False

    async def _wait_for_code(self, deadline: float) -> str | None:
        self.open()
        self._drain()
        parser, give_up = KeyParser(), _now() + deadline
        while (left := give_up - _now()) > 0:
            data = await self._read(min(left, self._settings.forget_ms / 1000) if parser.begun else left)
            if codes := parser.feed(data):
                return codes[0]
            if not data:
                parser.forget()
        return None

    def _drain(self) -> None:
        while self._take():
            pass

    async def _read(self, wait: float) -> bytes:
        """Return what was typed, `b""` after `wait` seconds without a key."""
        assert self._handle is not None
        loop, handle, typed = asyncio.get_running_loop(), self._handle, asyncio.Event()
        loop.add_reader(handle, typed.set)
        try:
            async with asyncio.timeout(wait):
                await typed.wait()
        except TimeoutError:
            return b""
        finally:
            loop.remove_reader(handle)
        return self._take()

    def _take(self) -> bytes:
        """Read what waits; a device that is gone says so by an error, or by its end."""
        assert self._handle is not None
        try:
            if data := os.read(self._handle, _CHUNK):
                return data
        except BlockingIOError:
            return b""
        except OSError as error:
            self.close()
            raise LinkError(f"{self.name}: {error.strerror}") from error
        self.close()
        raise LinkError(f"{self.name}: gone")


def _now() -> float:
    return asyncio.get_running_loop().time()
