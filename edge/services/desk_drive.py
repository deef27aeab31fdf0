"""The part of the desk for the USB drive: what is on it, what is ticked, what was copied and what was refused."""

from __future__ import annotations

import asyncio
from typing import Literal, Protocol

from contract.events import UsbRefused
from edge.errors import AskCitizenError, DriveGoneError, FileRefusedError, NightdeskError, TryAgainError
from edge.ports import DriveFile, DriveLook, UsbDrive
from edge.services.changes import Changes
from edge.services.parts import Services
from edge.services.refusals import RefusedError
from edge.services.submission_view import DriveView, FileView
from edge.services.view import Message

MOST_TICKED = 30
SCANNER = "virus-scanner"
# Small pictures kept while their drive is in, so that a tick does not have all of them read again.
MOST_PICTURES = 100
_NOTHING = DriveLook("absent")


class Counter(Protocol):
    """What the desk lends."""

    changes: Changes

    @property
    def form(self) -> str:
        """The form on the screen."""

    def show(self, form: Literal["materials", "drive"]) -> None:
        """Show another form."""

    def say(self, error: NightdeskError) -> None:
        """Show what a person can do about an error."""

    def tell(self, message: Message) -> None:
        """Show a message."""


class DeskDrive:
    """What a citizen may do with a USB drive. Only what is ticked is read."""

    def __init__(self, counter: Counter, services: Services) -> None:
        self._desk, self._its = counter, services
        self._look = _NOTHING
        self._ticked: tuple[int, ...] = ()
        self._refused: dict[int, str] = {}
        self._copied: frozenset[int] = frozenset()
        self._copying: asyncio.Task[None] | None = None
        self._pictures: dict[int, bytes] = {}
        self._pulled = False

    @property
    def device(self) -> UsbDrive:
        """The port; raises `RefusedError` where there is none."""
        if self._its.drive is None:
            raise RefusedError("no_drive")
        return self._its.drive

    def view(self) -> DriveView:
        """Return what the page shows."""
        files = tuple(
            FileView(
                each.key,
                each.name,
                each.folder,
                each.kind,
                each.size,
                ticked=each.key in self._ticked,
                copied=each.key in self._copied,
                refused=self._refused.get(each.key, ""),
            )
            for each in self._look.files
        )
        look = self._look
        return DriveView(look.state, look.reason, files, look.skipped, len(self._ticked), self._copying is not None)

    def open(self) -> None:
        """Show the drive; raises `RefusedError` where there is no port."""
        _ = self.device
        self._desk.show("drive")

    def tick(self, key: int) -> None:
        """Tick a file, or take the tick away.

        Raises:
            RefusedError: too many are ticked.
        """
        if self._desk.form != "drive" or self._copying is not None or self._file(key) is None:
            return
        if key in self._ticked:
            self._ticked = tuple(each for each in self._ticked if each != key)
        elif len(self._ticked) >= MOST_TICKED:
            raise RefusedError("too_many_ticked")
        elif key not in self._copied:
            self._ticked = (*self._ticked, key)
        self._desk.show("drive")

    async def thumbnail(self, key: int) -> bytes:
        """Return a small picture of a file, empty when there is none."""
        if self._desk.form != "drive" or self._file(key) is None:
            return b""
        if key in self._pictures:
            return self._pictures[key]
        try:
            picture = await self.device.thumbnail(key)
        except FileRefusedError:
            picture = b""
        except (AskCitizenError, TryAgainError):
            return b""
        # While files are copied the port gives none; and a drive that was pulled meanwhile has left nothing here.
        if self._copying is None and self._file(key) is not None and len(self._pictures) < MOST_PICTURES:
            self._pictures[key] = picture
        return picture

    def kind(self, key: int) -> str:
        """Return the kind of a file that is shown, empty when there is none."""
        file = self._file(key)
        return "" if file is None or self._desk.form != "drive" else file.kind

    def copy(self) -> None:
        """Begin to copy what is ticked; each file is judged and cleaned first, and refused ones say why.

        Raises:
            RefusedError: nothing is ticked.
        """
        if self._desk.form != "drive" or self._copying is not None:
            return
        if not self._ticked:
            raise RefusedError("nothing_ticked")
        self._copying = asyncio.create_task(self._copy_all())
        self._desk.show("drive")

    async def forget(self) -> None:
        """End of a visit: nothing that was read is left."""
        if self._copying is not None:
            self._copying.cancel()
            await asyncio.gather(self._copying, return_exceptions=True)
        self._look, self._ticked, self._refused, self._copied = _NOTHING, (), {}, frozenset()
        self._pictures = {}
        if self._its.drive is not None:
            await self._its.drive.forget()

    async def run(self) -> None:
        """Follow the port while its form is shown, until cancelled."""
        if self._its.drive is None:
            return
        while True:
            seen = self._desk.changes.revision
            while self._desk.form != "drive":
                seen = await self._desk.changes.after(seen)
            await self._follow(self._its.drive)

    async def _follow(self, drive: UsbDrive) -> None:
        """Wait for news of the port, or for the form to be left."""
        look, left = asyncio.create_task(drive.look(self._look.number)), asyncio.create_task(self._until_left())
        try:
            done, _ = await asyncio.wait({look, left}, return_when=asyncio.FIRST_COMPLETED)
            if look in done and self._desk.form == "drive":
                self._take(look.result())
        finally:
            for task in (look, left):
                task.cancel()
            await asyncio.gather(look, left, return_exceptions=True)

    async def _until_left(self) -> None:
        seen = self._desk.changes.revision
        while self._desk.form == "drive":
            seen = await self._desk.changes.after(seen)

    def _take(self, look: DriveLook) -> None:
        if look.state != "ready" or self._look.state != "ready":
            # Another drive, or none: ticks belonged to the one before.
            self._ticked, self._refused, self._copied = (), {}, frozenset()
        self._look, self._pictures = look, {}
        self._desk.show("drive")
        if self._pulled and look.state == "absent":
            # The copying noticed first: what it said must not go before the person has read it.
            self._desk.say(DriveGoneError())
        self._pulled = self._pulled and look.state == "reading"

    async def _copy_all(self) -> None:
        trouble: NightdeskError | None = None
        try:
            for key in self._ticked:
                await self._copy_one(key)
                self._desk.show("drive")
        except (AskCitizenError, TryAgainError) as error:
            trouble = error
        finally:
            self._copying = None
            over = self._copied | set(self._refused)
            self._ticked = tuple(key for key in self._ticked if key not in over)
        self._tell(trouble)

    def _tell(self, trouble: NightdeskError | None) -> None:
        """Say how the copying went; what was copied is on the list whatever happened to the rest."""
        if self._desk.form != "drive":
            return
        if trouble is not None:
            self._pulled = isinstance(trouble, DriveGoneError) and self._look.state != "absent"
            self._desk.say(trouble)
        elif self._refused:
            self._desk.show("drive")
            self._desk.tell(Message("files_refused", {"count": len(self._refused)}))
        else:
            self._desk.show("materials")
            self._desk.tell(Message("files_added", {"count": len(self._copied)}, good=True))

    async def _copy_one(self, key: int) -> None:
        file = self._file(key)
        if file is None:
            raise DriveGoneError
        try:
            taken = await self.device.fetch(key)
        except FileRefusedError as refusal:
            await self._note_scanner(refusal.reason)
            self._refused[key], told = refusal.text, UsbRefused(reason=refusal.reason)
            await self._its.store.transact(lambda tx: tx.emit(told))
            return
        await self._note_scanner("")
        await self._its.submissions.keep(
            "usb", taken.content, taken.media_type, taken.pages, name=file.name, notes=taken.notes
        )
        self._copied |= {key}

    async def _note_scanner(self, reason: str) -> None:
        """A virus scanner that is away is a device that failed: the person is told that the technician knows."""
        if reason == "no_scanner":
            await self._its.devices.failed(SCANNER, "no_answer")
        elif reason in {"", "virus"}:
            await self._its.devices.recovered(SCANNER)

    def _file(self, key: int) -> DriveFile | None:
        return next((each for each in self._look.files if each.key == key), None)
