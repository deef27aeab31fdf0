"""The public USB port as the services know it: what is plugged in, over a worker process that is watched and killed.

A drive is looked at only while somebody stands before its page. One that was read in an earlier visit and never pulled
out belongs to somebody else: it must be plugged in again before it is read.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import re
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.errors import DriveGoneError, FileRefusedError
from edge.links.messages import Message
from edge.ports import DriveFile, DriveLook, DriveState, ImportedFile, UsbDrive
from edge.scanner_sections import UsbDriveConfig
from edge.scanners.intake.clamd import scan
from edge.scanners.intake.limits import MEDIA_TYPES, MOST_PAGES, Reason, refuse
from edge.scanners.usb_drive.hotplug import Plugged, Socket
from edge.scanners.usb_drive.names import kind_of, shown
from edge.scanners.usb_drive.worker_process import DriveWorker, WorkerGoneError, running_worker

TRIES = 3
_NOTE = re.compile("[a-z_]{1,40}")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Life:
    """A worker that has listed its drive; `places` are its own numbers of the files, by ours."""

    worker: DriveWorker
    files: dict[int, DriveFile]
    places: dict[int, int]
    thumbnails: dict[int, bytes] = field(default_factory=dict, repr=False)


class PublicPort(UsbDrive):
    """The port; `run` follows it for as long as the station runs."""

    def __init__(self, name: str, socket: Socket, config: UsbDriveConfig) -> None:
        self.name, self._socket, self._config = name, socket, config
        self._numbers, self._keys = itertools.count(1), itertools.count(1)
        self._look = DriveLook("absent", number=next(self._numbers))
        self._news = asyncio.Condition()
        self._visit: object | None = None
        self._busy = False
        self._read_before = self._reads = 0
        self._life: _Life | None = None
        self._one = asyncio.Lock()
        self._fetching = 0
        self._copied = 0

    async def run(self) -> None:
        """Follow the socket, until cancelled."""
        plugged = Plugged(0, None)
        while True:
            attending = asyncio.create_task(self._attend(plugged))
            try:
                plugged = await self._socket.change(plugged.number)
            finally:
                await _ended(attending)

    async def check(self) -> str:
        """Start a worker on a drive without a byte, and have the scanner look at nothing."""
        try:
            async with running_worker() as worker:
                if (await worker.open(Path(os.devnull))).kind != "refused":
                    return "no_worker"
            if self._config.clamd_socket is not None:
                await scan(self._config.clamd_socket, b"")
        except FileRefusedError:
            return "no_scanner"
        except (OSError, WorkerGoneError):
            return "no_worker"
        return ""

    async def look(self, after: int) -> DriveLook:
        """Return what is plugged in once its `number` is above `after`; from now on it is read."""
        async with self._news:
            if self._visit is None:
                self._visit = object()
                self._news.notify_all()
            await self._news.wait_for(lambda: self._look.number > after)
            return self._look

    async def thumbnail(self, key: int) -> bytes:
        """Return a small JPEG of a file; nothing while files are copied, which are more urgent."""
        life = self._life_with(key)
        async with self._one:
            if self._fetching or life.files[key].size > self._config.largest_file:
                return b""
            if key not in life.thumbnails:
                life.thumbnails[key] = await self._small(life, key)
            return life.thumbnails[key]

    async def _small(self, life: _Life, key: int) -> bytes:
        try:
            return (await self._ask(life, key, thumbnail=True)).thumbnail
        except FileRefusedError:
            # Said when it is copied; until then there is no picture of it.
            return b""

    async def fetch(self, key: int) -> ImportedFile:
        """Read one file whole, judge and clean it."""
        life = self._life_with(key)
        size = life.files[key].size
        if size > self._config.largest_file:
            refuse("too_large")
        if self._copied + size > self._config.largest_visit:
            refuse("too_much")
        self._fetching += 1
        try:
            async with self._one:
                kept = await self._ask(life, key, thumbnail=False)
        finally:
            self._fetching -= 1
        if self._config.clamd_socket is not None:
            await scan(self._config.clamd_socket, kept.content)
        self._copied += size
        return kept

    async def forget(self) -> None:
        """End of a visit: the worker ends, and nothing that it read is left."""
        async with self._news:
            self._visit, self._copied = None, 0
            self._read_before = self._reads
            self._news.notify_all()
            await self._news.wait_for(lambda: not self._busy)
            if self._look.state != "absent":
                self._look = DriveLook("absent", number=next(self._numbers))

    def _life_with(self, key: int) -> _Life:
        if self._life is None or key not in self._life.places:
            raise DriveGoneError
        return self._life

    async def _ask(self, life: _Life, key: int, *, thumbnail: bool) -> ImportedFile:
        if life is not self._life:
            raise DriveGoneError
        place, largest = life.places[key], self._config.largest_file
        message = await life.worker.ask("fetch", index=place, largest=largest, thumbnail=thumbnail)
        if life is not self._life:
            # Pulled, or the visit is over: what arrived in the same moment is not kept.
            raise DriveGoneError
        return _imported(message)

    async def _attend(self, plugged: Plugged) -> None:
        """Read what is plugged in whenever a visit wants to see it."""
        while True:
            visit = await self._after(None)
            self._busy = True
            reading = asyncio.create_task(self._read(plugged))
            try:
                await self._after(visit)
            finally:
                await _ended(reading)
                self._busy = False
                async with self._news:
                    self._news.notify_all()

    async def _after(self, visit: object | None) -> object | None:
        """Wait for another visit than this one (None: no visit) and return it."""
        async with self._news:
            await self._news.wait_for(lambda: self._visit is not visit)
            return self._visit

    async def _read(self, plugged: Plugged) -> None:
        try:
            if plugged.device is None:
                await (self._tell("refused", reason=plugged.reason) if plugged.reason else self._tell("absent"))
            elif plugged.number == self._read_before:
                await self._tell("refused", reason="left_behind")
            else:
                self._reads = plugged.number
                await self._read_device(plugged.device)
        except (OSError, KeyError, TypeError, ValueError) as error:
            # Its text could hold what the worker said of the drive.
            _log.error("the drive could not be read: %s", type(error).__name__)
            await self._tell("refused", reason="broken")

    async def _read_device(self, device: Path) -> None:
        """Keep a worker for this drive, until it refuses the drive or has died too often."""
        for _ in range(TRIES):
            await self._tell("reading")
            try:
                refused = await self._live(device)
            except WorkerGoneError:
                _log.warning("the worker of the drive ended")
            else:
                await self._tell("refused", reason=refused)
                return
        await self._tell("refused", reason="broken")

    async def _live(self, device: Path) -> str:
        """Have a worker read the drive until it is gone; return why nothing can be had from this drive."""
        async with running_worker() as worker:
            message = await worker.open(device)
            if message.kind != "listed":
                return str(message.facts.get("reason", "gone"))
            keyed = [(next(self._keys), each) for each in message.facts["files"]]
            files = {key: _file(key, each) for key, each in keyed}
            self._life = _Life(worker, files, {key: int(each["index"]) for key, each in keyed})
            try:
                await self._tell("ready", tuple(files.values()), skipped=int(message.facts["skipped"]))
                return await worker.pass_answers_on()
            finally:
                self._life = None

    async def _tell(
        self, state: DriveState, files: tuple[DriveFile, ...] = (), reason: str = "", skipped: int = 0
    ) -> None:
        async with self._news:
            self._look = DriveLook(state, files, reason, skipped, next(self._numbers))
            self._news.notify_all()


def _file(key: int, facts: dict[str, Any]) -> DriveFile:
    """Return what a worker said of a file; it may have been broken by the drive, so nothing of it is believed."""
    name, size = shown(str(facts["name"])), int(facts["size"])
    folder = "/".join(shown(part) for part in str(facts["folder"]).split("/")) if facts["folder"] else ""
    kind = kind_of(name)
    if kind is None or size < 0:
        raise ValueError
    return DriveFile(key, name, folder, size, kind)


def _imported(message: Message) -> ImportedFile:
    facts, blobs = message.facts, message.blobs
    if message.kind == "turned_down":
        said = str(facts.get("reason"))
        raise FileRefusedError(said if said in typing.get_args(Reason) else "broken")
    if message.kind != "fetched" or len(blobs) != 2:
        raise DriveGoneError
    media_type, pages, notes = str(facts.get("media_type")), facts.get("pages"), facts.get("notes")
    if media_type not in MEDIA_TYPES.values() or type(pages) is not int or not 0 < pages <= MOST_PAGES:
        refuse("broken")
    if not isinstance(notes, list) or not all(_NOTE.fullmatch(str(note)) for note in notes):
        refuse("broken")
    return ImportedFile(blobs[0], media_type, pages, blobs[1], tuple(notes))


async def _ended(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it has ended what it runs, also when this is cancelled in between."""
    task.cancel()
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
    if not task.cancelled() and (error := task.exception()) is not None:
        raise error
