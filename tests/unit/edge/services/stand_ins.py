"""A camera and a USB port for tests of the services' rules alone; the real drivers have tests of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from edge.errors import CameraFailedError, CameraFault, DriveGoneError, FileRefusedError, PagesRefusedError
from edge.ports import (
    Capture,
    Check,
    DriveFile,
    DriveLook,
    ImportedFile,
    Joining,
    Page,
    Preview,
)


def page(mark: bytes, *flaws: str) -> Page:
    """Return an A4 page that is known by its bytes."""
    checks = tuple(Check(name, 1.0, 0.5, passed=False) for name in flaws)
    return Page(b"jpeg " + mark, b"small " + mark, 210_000, 297_000, 300, 251, "a4", checks)


class StandInCamera:
    """Captures what a test puts on the mat."""

    name = "stand-in"

    def __init__(self) -> None:
        self.mat: asyncio.Queue[Capture] = asyncio.Queue()
        self.looking, self.broken, self.starts = False, False, 0
        self.fault: CameraFault = "stale"
        self.compared: tuple[bytes, ...] = ()

    async def start(self) -> None:
        if self.broken:
            raise CameraFailedError(self.fault)
        self.looking, self.starts = True, self.starts + 1

    async def stop(self) -> None:
        self.looking, self.compared = False, ()

    async def check(self) -> None:
        if self.broken:
            raise CameraFailedError(self.fault)

    async def compare_with(self, thumbnails: Sequence[bytes]) -> None:
        self.compared = tuple(thumbnails)

    async def preview(self, after: int) -> Preview:
        if self.broken:
            raise CameraFailedError(self.fault)
        return Preview(b"live", (((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)),), "still", after + 1)

    async def next_capture(self) -> Capture:
        return await self.mat.get()

    async def capture(self) -> Capture:
        if self.broken:
            raise CameraFailedError(self.fault)
        return Capture("no_sheet")

    async def turn(self, page: Page, quarters: int) -> Page:
        return replace(page, jpeg=page.jpeg + b" turned" * quarters)

    async def join(self, pages: Sequence[Page], how: Joining) -> bytes:
        if how == "card" and any(b"large" in each.jpeg for each in pages):
            raise PagesRefusedError
        return how.encode() + b"|" + b"|".join(each.jpeg for each in pages)


class StandInDrive:
    """A drive with the files that a test names; a content of `b""` is refused, `None` means that it was pulled."""

    name = "stand-in"

    def __init__(self) -> None:
        self._look, self._news = DriveLook("absent", number=1), asyncio.Event()
        self.contents: dict[int, bytes | None] = {}
        self.asked: list[int] = []

    async def check(self) -> str:
        return ""

    def plug(self, files: dict[str, bytes | None]) -> None:
        self.contents = dict(enumerate(files.values(), 1))
        listed = tuple(DriveFile(key, name, "", 100, "pdf") for key, name in enumerate(files, 1))
        self._change(DriveLook("ready", listed, number=self._look.number + 1))

    def pull(self) -> None:
        self._change(DriveLook("absent", number=self._look.number + 1))

    def _change(self, look: DriveLook) -> None:
        self._look = look
        self._news.set()

    async def look(self, after: int) -> DriveLook:
        while self._look.number <= after:
            self._news.clear()
            await self._news.wait()
        return self._look

    async def thumbnail(self, key: int) -> bytes:
        self.asked.append(key)
        return b"thumb %d" % key

    async def fetch(self, key: int) -> ImportedFile:
        content = self.contents[key]
        if content is None:
            raise DriveGoneError
        if not content:
            raise FileRefusedError("encrypted")
        return ImportedFile(content, "application/pdf", 2)

    async def forget(self) -> None:
        self.contents = {}
