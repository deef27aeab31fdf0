"""A camera that speaks motion JPEG over HTTP as network cameras do, on loopback, with the faults that they have."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Literal

Fault = Literal["hang", "stale", "unplug", "other_size", "broken"]
_ANSWER = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=shot\r\n\r\n"


class HttpCameraSimulator:
    """Calls `take` for each frame while somebody listens, `fps` times a second.

    `fault`: `hang` keeps the connection and sends nothing, `stale` sends the same frame for ever, `unplug` refuses,
    `other_size` sends pictures of half the size, `broken` sends every second frame as bytes that are no picture.
    """

    def __init__(self, take: Callable[[], bytes], port: int = 0, fps: float = 10.0) -> None:
        self._take, self._every = take, 1 / fps
        self.fault: Fault | None = None
        self._closing = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; idempotent."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(5.0)
            client.recv(4096)
            if self.fault != "unplug":
                client.sendall(_ANSWER)
            frame, spoilt = b"", False
            while self.fault != "unplug" and not self._closing.is_set():
                begun = time.monotonic()
                if self.fault != "stale" or not frame:
                    frame, spoilt = self._take(), not spoilt
                    if self.fault == "other_size":
                        frame = _halved(frame)
                    elif self.fault == "broken" and spoilt:
                        frame = b"\xff\xd8 no picture" + frame[-9:]
                if self.fault != "hang":
                    head = f"--shot\r\nContent-Type: image/jpeg\r\nContent-Length: {len(frame)}\r\n\r\n"
                    client.sendall(head.encode() + frame + b"\r\n")
                self._closing.wait(max(0.0, begun + self._every - time.monotonic()))


def _halved(jpeg: bytes) -> bytes:
    import cv2  # noqa: PLC0415 - slow to import, and wanted for this one fault
    import numpy as np  # noqa: PLC0415 - as above

    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_REDUCED_COLOR_2)
    return b"" if picture is None else bytes(cv2.imencode(".jpg", picture)[1])
