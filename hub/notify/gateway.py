"""Where text messages go. The log gateway is a file that a real gateway's operator would read; for demonstrations."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from hub.errors import GatewayError


class NotifyGateway(Protocol):
    """Takes one message; the same `key` is one message however often it is offered."""

    async def send(self, key: str, to: str, text: str, qr: str | None = None) -> None:
        """Return when the message was durably accepted, now or before.

        `qr` is what a gateway that can show pictures (an app's message, not a short message) draws as a QR code.

        Raises:
            GatewayError: not accepted; the same may succeed later.
        """


class LogGateway:
    """One JSON line for each message (`id`, `at`, `to`, `text`, perhaps `qr`), fsynced; only the file's owner reads it.

    The line's `id` is the key: a message whose line is already whole in the file is accepted without a second one. A
    line that a crash tore is no message.
    """

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self._path, self._now = path, now
        self._known: set[str] = set()
        self._read_to = 0

    async def send(self, key: str, to: str, text: str, qr: str | None = None) -> None:
        """Append the message unless it is there; raises GatewayError when the file cannot be written."""
        try:
            self._append(key, to, text, qr)
        except OSError as error:
            raise GatewayError(f"the log cannot be written: {error.strerror}") from error

    def _append(self, key: str, to: str, text: str, qr: str | None) -> None:
        new = not self._path.exists()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)  # another notify process may write the same file
            os.fchmod(file, 0o600)
            torn = self._catch_up(file)
            if key in self._known:
                return
            message = {"id": key, "at": self._now().isoformat(), "to": to, "text": text}
            line = json.dumps(message if qr is None else message | {"qr": qr}, ensure_ascii=False)
            _write_all(file, (("\n" if torn else "") + line + "\n").encode())
            os.fsync(file)
        finally:
            os.close(file)
        if new:
            _sync_folder(self._path.parent)

    def _catch_up(self, file: int) -> bool:
        """Learn the keys of lines that were appended since; return whether the last line is torn."""
        size = os.fstat(file).st_size
        if size < self._read_to:  # rotated
            self._known.clear()
            self._read_to = 0
        data = os.pread(file, size - self._read_to, self._read_to)
        whole, newline, rest = data.rpartition(b"\n")
        self._read_to += len(whole) + len(newline)
        for line in whole.splitlines():
            self._known.add(_key_of(line))
        return bool(rest)


def _key_of(line: bytes) -> str:
    try:
        return str(json.loads(line)["id"])
    except (ValueError, KeyError, TypeError):
        return ""


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _sync_folder(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
