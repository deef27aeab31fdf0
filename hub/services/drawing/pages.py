"""Pages of documents as pictures, for people at the desk: each drawn by a process of its own.

Nothing is kept: neither here nor on a disk. Two are drawn at once, so that a desk full of viewers leaves a core to the
rest of the hub; small pictures one after the other, so that nobody's page waits for a strip of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import hub

DEADLINE_S = 15.0
AT_ONCE = 2
LARGEST_ANSWER, LONGEST_LINE = 24 * 1024 * 1024, 200
WIDTHS = {"thumbnail": 160, "page": 1240, "large": 2480}
TURNS = (0, 90, 180, 270)
DRAWABLE = frozenset({"application/pdf", "image/jpeg", "image/png", "image/tiff"})
_REMEMBERED = 5000
_MODULE = "hub.services.drawing.worker"

Reason = Literal["broken", "encrypted", "no_page", "too_slow"]
_REASONS: dict[str, Reason] = {"broken": "broken", "encrypted": "encrypted", "no_page": "no_page"}


@dataclass(frozen=True, slots=True)
class Job:
    """Which page, how wide (of an upright A4), turned clockwise by how many degrees."""

    page: int
    width: int
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page, and how many the document has."""

    jpeg: bytes = field(repr=False)
    pages: int


class UndrawableError(Exception):
    """This page cannot be drawn; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class PageDrawer:
    """Draws, a few pages at once."""

    def __init__(self) -> None:
        self._pages, self._small = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(1)
        self._counted: dict[str, int] = {}

    async def draw(self, content: AsyncIterator[bytes], job: Job) -> Drawn:
        """Draw one page of a content; it is read while the worker takes it.

        Raises:
            UndrawableError: the worker refused, died or was too slow.
        """
        async with self._small if job.width <= WIDTHS["thumbnail"] else self._pages:
            try:
                async with asyncio.timeout(DEADLINE_S), _worker() as process:
                    answer = await _ask(process, content, job)
            except TimeoutError as error:
                raise UndrawableError("too_slow") from error
        return _read(answer)

    async def count(self, sha256: str, content: AsyncIterator[bytes]) -> int | None:
        """Return how many pages a content has, whatever anybody said of it; None when it cannot be drawn."""
        if sha256 not in self._counted:
            try:
                drawn = await self.draw(content, Job(1, WIDTHS["thumbnail"]))
            except UndrawableError:
                return None
            if len(self._counted) >= _REMEMBERED:
                self._counted.clear()
            self._counted[sha256] = drawn.pages
        return self._counted[sha256]


@contextlib.asynccontextmanager
async def _worker() -> AsyncIterator[asyncio.subprocess.Process]:
    """Start one; it is dead at the end, whatever it hangs in."""
    root = str(Path(hub.__file__).parent.parent)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-B", "-m", _MODULE,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True, cwd="/", env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": root},
    )  # fmt: skip
    try:
        yield process
        await process.wait()
    finally:
        if process.returncode is None:
            # Not `process.kill()`, which would reap what asyncio's own watcher waits for.
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())


async def _ask(process: asyncio.subprocess.Process, content: AsyncIterator[bytes], job: Job) -> bytes:
    assert process.stdin is not None and process.stdout is not None  # noqa: PT018 - both were asked for together
    hearing = asyncio.ensure_future(_hear(process.stdout))
    try:
        # A worker that died takes nothing more; its silence tells.
        with contextlib.suppress(ConnectionError):
            process.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
            async for piece in content:
                process.stdin.write(piece)
                await process.stdin.drain()
            process.stdin.close()
        return await hearing
    finally:
        hearing.cancel()


async def _hear(stdout: asyncio.StreamReader) -> bytes:
    heard = bytearray()
    while piece := await stdout.read(1 << 18):
        heard += piece
        if len(heard) > LARGEST_ANSWER:
            raise UndrawableError("broken")
    return bytes(heard)


def _read(answer: bytes) -> Drawn:
    """Believe nothing of it but that it is a picture of a kind that browsers only show."""
    line = answer[:LONGEST_LINE].partition(b"\n")[0]
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise UndrawableError("broken")
    if "refused" in said:
        raise UndrawableError(_REASONS.get(str(said["refused"]), "broken"))
    pages, jpeg = said.get("pages"), answer[len(line) + 1 :]
    if not isinstance(pages, int) or not 1 <= pages < 10_000 or not jpeg.startswith(b"\xff\xd8\xff"):
        raise UndrawableError("broken")
    return Drawn(jpeg, pages)
