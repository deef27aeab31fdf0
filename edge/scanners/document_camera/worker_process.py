"""One life of the worker, seen from the agent: started, spoken to through pipes, killed without asking."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import edge
from edge.errors import CameraFailedError
from edge.links.messages import Decoder, Message, NoMessageError, encode

_MODULE = "edge.scanners.document_camera.worker"
_CHUNK = 1 << 18


class WorkerProcess:
    """A running worker. It is heard by one reader; anybody may speak."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018 - both were asked for together
        self._stdin, self._stdout = process.stdin, process.stdout
        self.pid = process.pid
        self._decoder = Decoder()
        self._heard: list[Message] = []

    async def say(self, message: Message) -> None:
        """Send a message; one that a dead worker doesn't get is noticed by its silence."""
        with contextlib.suppress(ConnectionError):
            self._stdin.write(encode(message))
            await self._stdin.drain()

    async def hear(self, deadline: float) -> Message:
        """Return the next message.

        Raises:
            CameraFailedError: `hung` after `deadline` seconds of silence, `gone` when the process ended.
        """
        try:
            async with asyncio.timeout(deadline):
                while not self._heard:
                    data = await self._stdout.read(_CHUNK)
                    if not data:
                        raise CameraFailedError("gone")
                    self._heard += self._decoder.feed(data)
        except TimeoutError as error:
            raise CameraFailedError("hung") from error
        except NoMessageError as error:
            raise CameraFailedError("gone") from error
        return self._heard.pop(0)


@asynccontextmanager
async def running_worker() -> AsyncIterator[WorkerProcess]:
    """Start a worker; it is dead when the `async with` ends, whatever it hangs in."""
    root = str(Path(edge.__file__).parent.parent)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-B", "-m", _MODULE,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": root, "OPENCV_LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    try:
        yield WorkerProcess(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.wait())
