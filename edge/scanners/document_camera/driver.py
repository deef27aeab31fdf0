"""The document camera as the services know it, over a worker process that is watched, killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from edge.errors import CameraFailedError, PagesRefusedError
from edge.links.messages import Message
from edge.ports import Capture, DocumentCamera, Joining, Page, Preview
from edge.scanners.document_camera.wanted import Wanted
from edge.scanners.document_camera.worker_codec import pages_from_parts, pages_to_parts
from edge.scanners.document_camera.worker_process import WorkerProcess, running_worker
from edge.sections import Section

# Python, OpenCV and a camera that settles; a slow machine needs most of it for the first two.
START_SECONDS = 12.0
WORK_SECONDS = 20.0
BACK_OFF_SECONDS = (0.2, 1.0, 2.0, 5.0, 10.0)
_log = logging.getLogger(__name__)


class Settings(Section):
    """What must not drift: focus and exposure in UVC's own numbers. Without them the camera does as it likes."""

    fps: Annotated[float, Field(strict=False, gt=0, le=60)] = 15.0
    settle_frames: Annotated[int, Field(ge=0, le=100)] = 5
    focus: Annotated[float, Field(strict=False)] | None = None
    exposure: Annotated[float, Field(strict=False)] | None = None
    deskew: bool = True


@dataclass
class _Life:
    worker: WorkerProcess
    answers: dict[int, asyncio.Future[Message]]


class WatchedCamera(DocumentCamera):
    """One camera. While started, a worker that fails is replaced, each time after a longer pause."""

    def __init__(self, name: str, wanted: Wanted, calibration_dir: Path) -> None:
        self.name, self._wanted, self._calibration_dir = name, wanted, calibration_dir
        self._numbers, self._ids = itertools.count(1), itertools.count(1)
        self._newest: Preview | None = None
        self._thumbnails: tuple[bytes, ...] = ()
        self._opening = asyncio.Lock()
        self._failed: CameraFailedError | None = None
        self._news = asyncio.Condition()
        self._captures: asyncio.Queue[Capture] = asyncio.Queue()
        self._life: _Life | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look; raises as `preview`."""
        async with self._opening:
            if self._task is None:
                self._task = asyncio.create_task(self._live_for_ever())
        try:
            try:
                await self._until_news(0)
            except CameraFailedError as error:
                if not error.mends_itself:
                    raise
                # Some cameras answer only the second time after they were left alone.
                await self._until_tried_again()
        except CameraFailedError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Kill the worker: what it saw is gone with it."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._newest, self._failed, self._thumbnails = None, None, ()
        self._captures = asyncio.Queue()

    async def check(self) -> None:
        """Look at the camera itself; a camera has one reader, so whoever starts meanwhile waits."""
        async with self._opening:
            if self._task is not None:
                await self._until_news(self._newest.number if self._newest else 0)
                return
            async with running_worker() as worker:
                await self._open(worker)
                await worker.say(Message("check", {"id": 0}))
                _raise_fault(await self._checked(worker))

    async def compare_with(self, thumbnails: Sequence[bytes]) -> None:
        """Flag later pages that look like one of these; a new worker is told again."""
        if self._task is None:
            return
        self._thumbnails = tuple(thumbnails)
        if self._life is not None:
            await self._life.worker.say(Message("compare_with", {}, self._thumbnails))

    async def preview(self, after: int) -> Preview:
        """Return the newest picture with a number above `after`."""
        return await self._until_news(after)

    async def recovered(self) -> None:
        """Wait until it works (again), as it does at once unless it has failed."""
        async with self._news:
            await self._news.wait_for(lambda: self._failed is None)

    async def next_capture(self) -> Capture:
        """Wait for a sheet to lie still."""
        waiting = asyncio.create_task(self._captures.get())
        failing = asyncio.create_task(self._until_failed())
        try:
            await asyncio.wait({waiting, failing}, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                return waiting.result()
            raise failing.result()
        finally:
            waiting.cancel()
            failing.cancel()

    async def capture(self) -> Capture:
        """Capture what lies there now."""
        return _capture(await self._ask("capture", {}))

    async def turn(self, page: Page, quarters: int) -> Page:
        """Turn a page; needs no camera, only a worker."""
        facts, blobs = pages_to_parts([page])
        message = await self._ask_anyhow("turn", {"quarters": quarters, "pages": facts}, blobs)
        return pages_from_parts(message.facts["pages"], message.blobs)[0]

    async def join(self, pages: Sequence[Page], how: Joining) -> bytes:
        """Make a document; needs no camera, only a worker."""
        facts, blobs = pages_to_parts(pages)
        message = await self._ask_anyhow("join", {"how": how, "pages": facts}, blobs)
        if message.kind == "refused":
            raise PagesRefusedError
        return message.blobs[0]

    async def _ask_anyhow(self, kind: str, facts: dict[str, Any], blobs: tuple[bytes, ...]) -> Message:
        """Ask for what needs no camera: pages that were captured before can be handed in whatever becomes of it."""
        if self._life is not None:
            with contextlib.suppress(CameraFailedError):
                return await self._ask(kind, facts, blobs)
        async with running_worker() as worker:
            await worker.say(Message(kind, {"id": 0, **facts}, blobs))
            return await worker.hear(START_SECONDS + WORK_SECONDS)

    async def _ask(self, kind: str, facts: dict[str, Any], blobs: tuple[bytes, ...] = ()) -> Message:
        number = next(self._ids)
        message = Message(kind, {"id": number, **facts}, blobs)
        life = self._life
        if life is None:
            raise self._failed or CameraFailedError("gone")
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        life.answers[number] = future
        await life.worker.say(message)
        try:
            async with asyncio.timeout(WORK_SECONDS):
                return await future
        except TimeoutError as error:
            raise CameraFailedError("hung") from error
        finally:
            life.answers.pop(number, None)

    async def _live_for_ever(self) -> None:
        tries = 0
        while True:
            before = self._newest
            try:
                await self._live()
            except CameraFailedError as error:
                tries = 0 if self._newest is not before else tries + 1
                _log.warning("%s: %s, try %d", self.name, error, tries + 1)
                await self._tell(failed=error)
            await asyncio.sleep(BACK_OFF_SECONDS[min(tries, len(BACK_OFF_SECONDS) - 1)])

    async def _live(self) -> None:
        async with running_worker() as worker:
            self._life = _Life(worker, {})
            try:
                await self._open(worker)
                await worker.say(Message("compare_with", {}, self._thumbnails))
                await self._take(await worker.hear(START_SECONDS + self._wanted.deadline_seconds))
                while True:
                    # Longer than the worker's own: a stale frame is silence too, and the worker knows the reason.
                    await self._take(await worker.hear(self._wanted.deadline_seconds + 0.5))
            except (KeyError, TypeError, ValueError) as error:
                raise CameraFailedError("gone") from error
            finally:
                self._end_life(self._life)

    def _end_life(self, life: _Life) -> None:
        self._life = None
        for future in life.answers.values():
            if not future.done():
                future.set_exception(CameraFailedError("gone"))

    async def _open(self, worker: WorkerProcess) -> None:
        facts = {"wanted": asdict(self._wanted), "calibration_dir": str(self._calibration_dir)}
        await worker.say(Message("open", facts))

    async def _checked(self, worker: WorkerProcess) -> Message:
        """The answer to `check` among the pictures that come before it."""
        deadline = START_SECONDS + self._wanted.deadline_seconds
        while (message := await worker.hear(deadline)).kind not in ("checked", "failed"):
            deadline = self._wanted.deadline_seconds + 0.5
        return message

    async def _take(self, message: Message) -> None:
        _raise_failure(message)
        if message.kind == "preview":
            outlines = tuple(tuple((x, y) for x, y in outline) for outline in message.facts["outlines"])
            preview = Preview(message.blobs[0], outlines, message.facts["hint"], next(self._numbers))
            await self._tell(newest=preview)
        elif (number := message.facts.get("id")) is None:
            capture = _capture(message)
            if capture.pages:
                self._captures.put_nowait(capture)
        elif self._life and (future := self._life.answers.get(number)) and not future.done():
            future.set_result(message)

    async def _tell(self, newest: Preview | None = None, failed: CameraFailedError | None = None) -> None:
        async with self._news:
            self._newest, self._failed = newest or self._newest, failed
            self._news.notify_all()

    async def _until_news(self, after: int) -> Preview:
        allowed = self._wanted.deadline_seconds + START_SECONDS
        try:
            async with asyncio.timeout(allowed), self._news:
                await self._news.wait_for(lambda: self._failed or (self._newest and self._newest.number > after))
        except TimeoutError as error:
            raise CameraFailedError("hung") from error
        if self._failed is not None:
            raise CameraFailedError(self._failed.reason)
        assert self._newest is not None
        return self._newest

    async def _until_tried_again(self) -> None:
        async with self._news:
            first = self._failed
            await self._news.wait_for(lambda: self._failed is not first)
        if self._failed is not None:
            raise CameraFailedError(self._failed.reason)

    async def _until_failed(self) -> CameraFailedError:
        async with self._news:
            await self._news.wait_for(lambda: self._failed)
        assert self._failed is not None
        return CameraFailedError(self._failed.reason)


def _capture(message: Message) -> Capture:
    return Capture(message.facts["verdict"], pages_from_parts(message.facts["pages"], message.blobs))


def _raise_failure(message: Message) -> None:
    if message.kind == "failed":
        if message.facts["detail"]:
            _log.warning("the camera's process: %s", message.facts["detail"])
        raise CameraFailedError(message.facts["reason"])


def _raise_fault(message: Message) -> None:
    _raise_failure(message)
    if message.facts["fault"] is not None:
        raise CameraFailedError(message.facts["fault"])
