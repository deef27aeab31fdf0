"""The part of the desk for the document camera: pages captured by themselves, their list, the document of them."""

from __future__ import annotations

import asyncio
from typing import Literal, Protocol

from contract.manifest import PageCheck
from edge.core.page_list import PageList
from edge.errors import CameraFailedError
from edge.ports import Capture, DocumentCamera, Joining, Page, Preview
from edge.services.changes import Changes
from edge.services.parts import Services
from edge.services.refusals import RefusedError
from edge.services.submission_view import CameraView, PageView
from edge.services.view import Message

CAMERA = "camera"
AGAIN_S = 2.0
PDF = "application/pdf"


class Counter(Protocol):
    """What the desk lends."""

    changes: Changes

    @property
    def form(self) -> str:
        """The form on the screen."""

    def show(self, form: Literal["materials", "camera"]) -> None:
        """Show another form."""

    def tell(self, message: Message) -> None:
        """Show a message."""


class DeskCamera:
    """What a citizen may do with pages. They live in memory and end with the form."""

    def __init__(self, counter: Counter, services: Services) -> None:
        self._desk, self._its = counter, services
        self._list = PageList()
        self._joining: Joining = "pages"
        self._failed = False

    @property
    def device(self) -> DocumentCamera:
        """The camera; raises `RefusedError` where there is none."""
        if self._its.camera is None:
            raise RefusedError("no_camera")
        return self._its.camera

    @property
    def watching(self) -> bool:
        """Whether captures are waited for."""
        return self._desk.form == "camera" and self._its.visits.active is None

    def view(self) -> CameraView:
        """Return the list as the page shows it."""
        pages = tuple(
            PageView(
                each.key,
                each.page.format,
                round(each.page.width_um / 1000),
                round(each.page.height_um / 1000),
                tuple(check.name for check in each.page.checks if not check.passed),
                len(each.page.codes),
            )
            for each in self._list.pages
        )
        return CameraView(pages, self._list.retaking, self._joining, failed=self._failed, full=self._list.full)

    def picture(self, key: int) -> bytes:
        """Return a page's small picture, empty when it is gone."""
        page = self._list.get(key)
        return b"" if page is None else page.thumbnail

    async def preview(self, after: int) -> Preview | None:
        """Return the next live picture; None when the form is another one, or the camera does not work."""
        if not self.watching:
            return None
        try:
            live = await self.device.preview(after)
        except CameraFailedError as error:
            await self._broken(error)
            return None
        if self._failed:
            self._failed = False
            await self._its.devices.recovered(CAMERA)
            self._desk.show("camera")
        return live

    async def open(self) -> None:
        """Begin to look; the form shows what is wrong when the camera does not work.

        Raises:
            RefusedError: there is no camera here.
        """
        device = self.device
        self._list, self._joining, self._failed = PageList(), "pages", False
        try:
            await device.start()
        except CameraFailedError as error:
            await self._broken(error)
            raise RefusedError("camera_failed") from error
        await self._its.devices.recovered(CAMERA)
        self._desk.show("camera")

    async def close(self) -> None:
        """Stop looking and forget all pages; safe to call at any time."""
        self._list = PageList()
        if self._its.camera is not None:
            await self._its.camera.stop()

    async def capture(self) -> None:
        """Capture now, without waiting for the sheet to lie still. Raises `RefusedError`."""
        if self.watching:
            try:
                self._take(await self.device.capture())
            except CameraFailedError as error:
                await self._broken(error)
                raise RefusedError("camera_failed") from error

    def join_as(self, how: Joining) -> None:
        """Make one page of each picture, or one A4 of a card's two sides."""
        if self.watching:
            self._joining = how
            self._desk.show("camera")

    def retake(self, key: int) -> None:
        """Have the next capture replace a page."""
        self._change(self._list.retake(key))

    def remove(self, key: int) -> None:
        """Take a page out."""
        self._change(self._list.remove(key))

    def move(self, key: int, by: int) -> None:
        """Move a page up or down."""
        self._change(self._list.move(key, by))

    async def turn(self, key: int) -> None:
        """Turn a page a quarter to the right. Raises `RefusedError`."""
        page = self._list.get(key)
        if page is None or not self.watching:
            return
        try:
            turned = await self.device.turn(page, 1)
        except CameraFailedError as error:
            await self._broken(error)
            raise RefusedError("camera_failed") from error
        self._change(self._list.swap(key, lambda _: turned))

    async def finish(self) -> None:
        """Make a document of the pages and add it to the submission.

        Raises:
            RefusedError: no page, or not two sides of a card, or the camera's process died.
            StoreBusyError: the disk refuses; the pages are still there.
        """
        if not self.watching:
            return
        pages = [each.page for each in self._list.pages]
        if not pages:
            raise RefusedError("no_pages")
        if self._joining == "card" and len(pages) != 2:
            raise RefusedError("card_sides")
        try:
            document = await self.device.join(pages, self._joining)
        except CameraFailedError as error:
            await self._broken(error)
            raise RefusedError("camera_failed") from error
        count = 1 if self._joining == "card" else len(pages)
        await self._its.submissions.keep("camera", document, PDF, count, checks=_worth_telling(pages))
        await self.close()
        self._desk.show("materials")
        self._desk.tell(Message("document_added", {"count": count}, good=True))

    async def run(self) -> None:
        """Take what lies still under the camera while its form is shown, until cancelled."""
        if self._its.camera is None:
            return
        while True:
            seen = self._desk.changes.revision
            while not self.watching:
                seen = await self._desk.changes.after(seen)
            try:
                await self._next(self._its.camera)
            except CameraFailedError as error:
                await self._broken(error)
                await asyncio.sleep(AGAIN_S)

    async def _next(self, camera: DocumentCamera) -> None:
        """Wait for one capture, or for the form to be left."""
        shot, left = asyncio.create_task(camera.next_capture()), asyncio.create_task(self._until_left())
        try:
            done, _ = await asyncio.wait({shot, left}, return_when=asyncio.FIRST_COMPLETED)
            if shot in done and self.watching:
                self._take(shot.result())
        finally:
            for task in (shot, left):
                task.cancel()
            await asyncio.gather(shot, left, return_exceptions=True)

    async def _until_left(self) -> None:
        seen = self._desk.changes.revision
        while self.watching:
            seen = await self._desk.changes.after(seen)

    def _take(self, shot: Capture) -> None:
        for page in shot.pages:
            self._list = self._list.take(page)
        self._desk.show("camera")
        if shot.verdict != "found":
            self._desk.tell(Message(f"capture_{shot.verdict}"))

    def _change(self, pages: PageList) -> None:
        if self.watching and pages != self._list:
            self._list = pages
            self._desk.show("camera")

    async def _broken(self, error: CameraFailedError) -> None:
        self._failed = True
        await self._its.devices.failed(CAMERA, error.reason)
        if self._desk.form == "camera":
            self._desk.tell(Message("camera_failed"))


def _worth_telling(pages: list[Page]) -> tuple[PageCheck, ...]:
    return tuple(
        PageCheck(page=number, name=check.name, score=check.score, threshold=check.threshold)
        for number, page in enumerate(pages, 1)
        for check in page.checks
        if not check.passed
    )
