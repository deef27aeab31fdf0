"""The part of the desk for the document camera: pages captured by themselves, their list, the document of them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal, Protocol

from contract.manifest import PageCheck
from edge.core.page_list import MOST_PAGES, PageList
from edge.errors import CameraFailedError, PagesRefusedError, TryAgainError
from edge.ports import Capture, DocumentCamera, Joining, Page, Preview
from edge.services.changes import Changes
from edge.services.devices import CAMERA
from edge.services.parts import Services
from edge.services.refusals import RefusedError
from edge.services.submission_view import CameraTrouble, CameraView, PageView
from edge.services.view import Message

AGAIN_S = 2.0
PDF = "application/pdf"
SIDES = 2


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
        self._picked: int | None = None
        self._fault: CameraTrouble = ""

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
                each.turns,
            )
            for each in self._list.pages
        )
        picked = self._picked if self._list.get(self._picked or 0) else None
        return CameraView(pages, self._list.retaking, self._joining, picked, self._fault, full=self._list.full)

    def picture(self, key: int, *, large: bool = False) -> bytes:
        """Return a page's picture, empty when it is gone."""
        page = self._list.get(key)
        if page is None:
            return b""
        return page.jpeg if large else page.thumbnail

    async def preview(self, after: int) -> Preview | None:
        """Return the next live picture; None when the form is another one, or the camera does not work."""
        if not self.watching:
            return None
        try:
            live = await self.device.preview(after)
        except CameraFailedError as error:
            await self._broken(error)
            return None
        await self._works()
        return live

    async def open(self) -> None:
        """Begin to look; the form shows what is wrong when the camera does not work.

        Raises:
            RefusedError: there is no camera here.
        """
        device = self.device
        self._list, self._joining, self._picked, self._fault = PageList(), "pages", None, ""
        try:
            await device.start()
        except CameraFailedError as error:
            await self._broken(error)
            raise RefusedError("camera_failed") from error
        await self._its.devices.recovered(CAMERA)
        self._desk.show("camera")

    async def close(self) -> None:
        """Stop looking and forget all pages; safe to call at any time."""
        self._list, self._picked = PageList(), None
        if self._its.camera is not None:
            await self._its.camera.stop()

    async def capture(self) -> None:
        """Capture now, without waiting for the sheet to lie still. Raises `RefusedError`."""
        if self.watching:
            try:
                shot = await self.device.capture()
            except CameraFailedError as error:
                await self._refuse(error)
            else:
                await self._take(shot, by_hand=True)

    def join_as(self, how: Joining) -> None:
        """Make one page of each picture, or one A4 of a card's two sides."""
        if self.watching:
            self._joining = how
            self._desk.show("camera")

    def pick(self, key: int | None) -> None:
        """Show a page large, with what can be done about it; None goes back to the mat."""
        if self.watching:
            self._picked = key
            self._desk.show("camera")

    async def retake(self, key: int) -> None:
        """Have the next capture replace a page."""
        self._picked = None
        await self._change(self._list.retake(key))

    async def remove(self, key: int) -> None:
        """Take a page out."""
        self._picked = None
        await self._change(self._list.remove(key))

    async def move(self, key: int, by: int) -> None:
        """Move a page up or down."""
        await self._change(self._list.move(key, by))

    async def turn(self, key: int) -> None:
        """Turn a page a quarter to the right. Raises `RefusedError`."""
        page = self._list.get(key)
        if page is None or not self.watching:
            return
        try:
            turned = await self.device.turn(page, 1)
        except CameraFailedError as error:
            await self._refuse(error)
        else:
            await self._change(self._list.turned(key, lambda _: turned))

    async def finish(self) -> None:
        """Make a document of the pages and add it to the submission.

        Raises:
            RefusedError: no page, or not two sides of a card, or the camera's process died. The pages are still there.
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
        except PagesRefusedError as error:
            raise RefusedError("pages_refused") from error
        except CameraFailedError as error:
            await self._broken(error)
            raise RefusedError("pages_not_joined") from error
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
                await self._take(shot.result())
        finally:
            for task in (shot, left):
                task.cancel()
            await asyncio.gather(shot, left, return_exceptions=True)

    async def _until_left(self) -> None:
        seen = self._desk.changes.revision
        while self.watching:
            seen = await self._desk.changes.after(seen)

    async def _take(self, shot: Capture, *, by_hand: bool = False) -> None:
        if not self.watching:
            return  # the person went on while the camera worked
        pages, room = self._list, self._room()
        once_more = self._joining == "card" and pages.retaking is None and not by_hand
        again = [page for page in shot.pages if once_more and _is_again(page)]
        new = [page for page in shot.pages if page not in again]
        for page in new[:room]:
            pages = pages.take(page)
        self._picked = None
        await self._change(pages)
        if shot.verdict != "found":
            self._desk.tell(Message(f"capture_{shot.verdict}"))
        elif again and room:
            self._desk.tell(Message("card_same_side"))
        elif len(shot.pages) > room:
            self._desk.tell(Message("card_full" if self._joining == "card" else "pages_full"))

    def _room(self) -> int:
        """How many more pages there is a place for."""
        if self._list.retaking is not None:
            return 1
        most = SIDES if self._joining == "card" else MOST_PAGES
        return max(0, most - len(self._list.pages))

    async def _change(self, pages: PageList) -> None:
        if not self.watching:
            return
        self._list = pages
        self._desk.show("camera")
        await self.device.compare_with(pages.first_looks)

    async def _works(self) -> None:
        if self._fault:
            self._fault = ""
            with contextlib.suppress(TryAgainError):
                await self._its.devices.recovered(CAMERA)
            self._desk.show("camera")

    async def _broken(self, error: CameraFailedError) -> None:
        with contextlib.suppress(TryAgainError):
            await self._its.devices.failed(CAMERA, error.reason)
        fault: CameraTrouble = "away" if error.mends_itself else "out"
        # Told once: a page that is drawn anew each second takes a button from under a slow finger.
        if self.watching and fault != self._fault:
            self._fault = fault
            self._desk.show("camera")

    async def _refuse(self, error: CameraFailedError) -> None:
        if self.watching:
            await self._broken(error)
            raise RefusedError(f"camera_{self._fault}") from error


def _is_again(page: Page) -> bool:
    """Whether it looks like an earlier one: a card that was moved and not turned over."""
    return any(check.name == "duplicate" and not check.passed for check in page.checks)


def _worth_telling(pages: list[Page]) -> tuple[PageCheck, ...]:
    return tuple(
        PageCheck(page=number, name=check.name, score=check.score, threshold=check.threshold)
        for number, page in enumerate(pages, 1)
        for check in page.checks
        if not check.passed
    )
