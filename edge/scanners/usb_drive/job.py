"""One look at the drive in a process of its own: the list of its files, or one file read, judged and cleaned.

It may die of anything: the worker that forked it sees how it ended and says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from edge.errors import FileRefusedError
from edge.links.messages import Message
from edge.ports import ImportedFile
from edge.scanners.usb_drive.names import shown
from edge.scanners.usb_drive.reader import Drive, DriveRefusedError, Entry, open_drive

Say = Callable[[Message], None]
Judge = Callable[[str, bytes, int], ImportedFile]
_LARGEST_READ = 1 << 22


class GoneError(Exception):
    """The drive answers no more, or is shorter than it was."""


@dataclass
class Device:
    """The open drive, read at places, so that no two processes share a position."""

    number: int
    size: int
    gone: bool = field(default=False)

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`; fewer at the drive's end.

        Raises:
            OSError: it was pulled; `gone` says so when a library has swallowed the error.
        """
        size = max(0, min(size, self.size - offset))
        try:
            return b"".join(self._pieces(offset, size))
        except OSError:
            self.gone = True
            raise

    def _pieces(self, offset: int, size: int) -> Iterator[bytes]:
        while size:
            data = os.pread(self.number, min(size, _LARGEST_READ), offset)
            if not data:
                raise OSError("the drive ends before its size")
            yield data
            offset, size = offset + len(data), size - len(data)


def list_files(device: Device, say: Say) -> None:
    """Say what the drive holds."""
    try:
        drive = open_drive(device.read, device.size)
        files = [_facts(index, entry) for index, entry in enumerate(drive.files)]
    except DriveRefusedError as refused:
        say(Message("gone") if device.gone else Message("refused", {"reason": refused.reason}))
        return
    if device.gone:
        say(Message("gone"))
        return
    files.sort(key=lambda each: (each["folder"], each["name"]))
    say(Message("listed", {"files": files, "skipped": drive.skipped}))


def _facts(index: int, entry: Entry) -> dict[str, Any]:
    folder = "/".join(shown(part) for part in entry.folder.split("/")) if entry.folder else ""
    return {"index": index, "name": shown(entry.name), "folder": folder, "size": entry.size, "kind": entry.kind}


def fetch_file(device: Device, index: int, largest: int, judge: Judge, say: Say) -> None:
    """Say what became of one file: `read` when it is in memory, then `fetched` or `turned_down`; `gone` at any time."""
    try:
        name, content = _read(device, index, largest)
        say(Message("read"))
        kept = judge(name, content, largest)
        del content
    except GoneError:
        say(Message("gone"))
    except FileRefusedError as refused:
        say(Message("turned_down", {"reason": refused.reason}))
    else:
        facts = {"media_type": kept.media_type, "pages": kept.pages, "notes": kept.notes}
        say(Message("fetched", facts, (kept.content, kept.thumbnail)))


def _read(device: Device, index: int, largest: int) -> tuple[str, bytes]:
    """Return name and content of the file that has this place in the list."""
    try:
        drive = open_drive(device.read, device.size)
        entry = next((each for at, each in enumerate(drive.files) if at == index), None)
        if entry is None or device.gone:
            raise GoneError
        if entry.size > largest:
            raise FileRefusedError("too_large")
        return entry.name, b"".join(_pieces(device, drive, entry))
    except (OSError, ValueError, OverflowError, DriveRefusedError) as error:
        if device.gone or isinstance(error, DriveRefusedError):
            raise GoneError from error
        raise FileRefusedError("broken") from error
    except MemoryError as error:
        raise FileRefusedError("bomb") from error


def _pieces(device: Device, drive: Drive, entry: Entry) -> list[bytes]:
    pieces = list(drive.read(entry))
    if device.gone:
        # A library may fill a part that cannot be read with zeros.
        raise GoneError
    return pieces
