"""Motion JPEG over HTTP: `multipart/x-mixed-replace`, one JPEG a part; the newest whole one wins.

A small reader over a blocking socket of its own, because every wait of it is bounded. Parts are told apart by their
Content-Length, which each camera of this kind that we know sends; a part without one ends the stream.
"""

from __future__ import annotations

import select
import socket
from urllib.parse import urlsplit

from edge.scanners.document_camera.source import Shot, SourceGoneError

LONGEST_HEAD = 16 * 1024
LONGEST_FRAME = 32 * 1024 * 1024
_CHUNK = 1 << 16


class MjpegSource:
    """One connection to a camera; one that is silent for `timeout` seconds hangs."""

    lives = True

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise SourceGoneError("not http")
        self._buffer = bytearray()
        try:
            self._socket = socket.create_connection((parts.hostname, parts.port or 80), timeout)
        except OSError as error:
            raise SourceGoneError("no connection") from error
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        request = f"GET {path} HTTP/1.0\r\nHost: {parts.netloc.rpartition('@')[2]}\r\n\r\n"
        try:
            self._socket.sendall(request.encode("ascii"))
            head = self._head()
        except SourceGoneError:
            self.close()
            raise
        except (OSError, UnicodeError) as error:
            self.close()
            raise SourceGoneError("no answer") from error
        if not head.startswith(b"http/1.") or b" 200 " not in head.split(b"\r\n", 1)[0] + b" ":
            self.close()
            raise SourceGoneError("the answer is not 200")

    def newest(self) -> Shot:
        """Return the newest whole frame that has arrived, waiting for one if none has."""
        frame = self._part()
        while self._more_waits():
            frame = self._part()
        return Shot(frame)

    def check(self) -> None:
        """A network camera says nothing of its focus: what it shows must do (UNCONFIRMED)."""

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _part(self) -> bytes:
        head = self._head()
        while b"content-length:" not in head and not head.strip(b"-\r\n"):
            head = self._head()  # an empty line before the boundary
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.strip() == b"content-length" and value.strip().isdigit() and len(value) < 12:
                return self._exactly(int(value))
        raise SourceGoneError("a part without its length")

    def _head(self) -> bytes:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > LONGEST_HEAD:
                raise SourceGoneError("a head without end")
            self._receive()
        head = bytes(self._buffer[:end]).lower()
        del self._buffer[: end + 4]
        return head

    def _exactly(self, length: int) -> bytes:
        if length > LONGEST_FRAME:
            raise SourceGoneError("a frame too long")
        while len(self._buffer) < length:
            self._receive()
        frame = bytes(self._buffer[:length])
        del self._buffer[:length]
        return frame

    def _receive(self) -> None:
        try:
            data = self._socket.recv(_CHUNK)
        except TimeoutError as error:
            raise SourceGoneError("silence", "hung") from error
        except OSError as error:
            raise SourceGoneError("the connection broke") from error
        if not data:
            raise SourceGoneError("the camera hung up")
        self._buffer += data

    def _more_waits(self) -> bool:
        # Half a frame counts as well: finishing it takes a moment, and it is newer than what we have.
        return len(self._buffer) > 2 or bool(select.select([self._socket], [], [], 0)[0])
