"""One life of the drive's worker, seen from the agent: started, asked through pipes, killed with all its children."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

import edge
from edge.errors import DriveGoneError
from edge.links.messages import Decoder, Message, NoMessageError, encode

# Python, the libraries and a drive that spins up; then what the worker allows itself.
LIST_SECONDS = 20.0
FETCH_SECONDS = 40.0
_ENDS_WITHIN_S = 2.0
_CHUNK = 1 << 18
_log = logging.getLogger(__name__)


class WorkerGoneError(Exception):
    """The worker ended, or talks nonsense."""


class DriveWorker:
    """A running worker: it lists once, then answers one question at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018 - both were asked for together
        self._stdin, self._stdout = process.stdin, process.stdout
        self.pid = process.pid
        self._gone = False
        self._decoder, self._heard = Decoder(), list[Message]()
        self._ids, self._waiting = itertools.count(1), dict[int, asyncio.Future[Message]]()

    async def open(self, device: Path) -> Message:
        """Have it open the drive, and return what it says of it.

        Raises:
            WorkerGoneError: it ended, or hangs.
        """
        await self._say(Message("open", {"device": str(device)}))
        try:
            async with asyncio.timeout(LIST_SECONDS):
                return await self._hear()
        except TimeoutError as error:
            raise WorkerGoneError from error

    async def ask(self, kind: str, **facts: Any) -> Message:  # noqa: ANN401 - plain JSON of any kind
        """Ask, and return the answer.

        Raises:
            DriveGoneError: the worker ended, or the drive does not answer.
        """
        if self._gone:
            raise DriveGoneError
        number = next(self._ids)
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                await self._say(Message(kind, {"id": number, **facts}))
                return await future
        except TimeoutError as error:
            kill(self.pid)
            raise DriveGoneError from error
        finally:
            self._waiting.pop(number, None)

    async def pass_answers_on(self) -> NoReturn:
        """Give each answer to who asked, until the worker is gone.

        Raises:
            WorkerGoneError: always; whoever waits is told that the drive is gone.
        """
        try:
            while True:
                message = await self._hear()
                future = self._waiting.get(int(message.facts.get("id", 0)))
                if future is not None and not future.done():
                    future.set_result(message)
        finally:
            self._gone = True
            for each in self._waiting.values():
                if not each.done():
                    each.set_exception(DriveGoneError())

    async def _say(self, message: Message) -> None:
        # A worker that is dead is noticed by its silence.
        with contextlib.suppress(ConnectionError):
            self._stdin.write(encode(message))
            await self._stdin.drain()

    async def _hear(self) -> Message:
        try:
            while not self._heard:
                data = await self._stdout.read(_CHUNK)
                if not data:
                    raise WorkerGoneError
                self._heard += self._decoder.feed(data)
        except NoMessageError as error:
            raise WorkerGoneError from error
        return self._heard.pop(0)


def kill(pid: int) -> None:
    """Kill the worker and the child that works for it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


@asynccontextmanager
async def running_worker() -> AsyncIterator[DriveWorker]:
    """Start a worker; it is dead when the `async with` ends.

    Isolated from the environment, so that nothing but this package is run; no file of ours is open in it. What it
    writes to its error stream could hold a file's content, so nobody reads it.
    """
    root = str(Path(edge.__file__).parent.parent)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-B", "-c",
        f"import sys; sys.path.insert(0, {root!r}); from edge.scanners.usb_drive.worker import main; main()",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True, env={}, cwd="/",
    )  # fmt: skip
    try:
        yield DriveWorker(process)
    finally:
        kill(process.pid)
        await asyncio.shield(_reap(process))


async def _reap(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(_ENDS_WITHIN_S):
            await process.wait()
    except TimeoutError:
        # In the kernel, waiting for a drive that does not answer: it dies when the drive is pulled.
        _log.warning("the worker of the drive is dying still")
