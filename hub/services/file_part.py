"""One unfinished upload on the disk, held by one request at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path

from hub.errors import HubError
from hub.services.file_format import (
    END,
    PIECE,
    DamagedError,
    FileKeys,
    Record,
    read_announced,
    sealing_of,
    walk,
)

PART = ".part"


class PartBusyError(HubError):
    """Another request holds this part; try again when it has ended."""


def sync_folder(directory: Path) -> None:
    """Make names in it durable."""
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Part:
    """One unfinished upload, held; `offset` is how much of the content is there."""

    def __init__(self, path: Path, keys: FileKeys, file: int) -> None:
        self._path, self._file = path, file
        self._sealing = sealing_of(keys, file)
        self.said = read_announced(self._sealing, file)
        sound = self._sound()
        last = sound[-1] if sound else None
        self.offset = 0 if last is None else last.offset + last.length
        self._end = next(walk(file)).ends if last is None else last.ends
        # What a crash tore, or an end whose file did not get its place: it will be written again.
        os.ftruncate(file, self._end)

    @classmethod
    def open(cls, path: Path, keys: FileKeys) -> Part | None:
        """Hold it; None when there is none, or none that anybody could go on with.

        Raises:
            PartBusyError: somebody else holds it.
        """
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever held it before may have finished it: then this is another file's lock.
            if path.exists() and path.stat().st_ino == os.fstat(file).st_ino:
                return cls(path, keys, file)
        except BlockingIOError as error:
            os.close(file)
            raise PartBusyError("another request sends this") from error
        except (DamagedError, FileNotFoundError):
            os.close(file)
            return None
        except BaseException:
            os.close(file)
            raise
        os.close(file)
        return None

    @classmethod
    def remove(cls, path: Path, keys: FileKeys) -> bool:
        """Remove a part, unless somebody holds it; whether it is gone."""
        try:
            part = cls.open(path, keys)
        except PartBusyError:
            return False
        path.unlink(missing_ok=True)
        if part is not None:
            part.close()
        return True

    def append(self, content: bytes) -> None:
        """Write on; nothing of `content` is there when this raises."""
        if not content:
            return
        record = self._sealing.seal(PIECE, self.offset, content)
        self._write(record)
        self.offset += len(content)
        self._end += len(record)

    def sync(self) -> None:
        """Have what arrived on the disk, before anybody is told."""
        try:
            os.fsync(self._file)
        except OSError:
            self.discard()
            raise

    def is_whole(self) -> bool:
        """Whether what is there has the hash that was announced."""
        hashed = hashlib.sha256()
        try:
            for record in walk(self._file):
                if record.kind == PIECE:
                    hashed.update(self._sealing.open(self._file, record))
        except DamagedError:
            return False
        return hashed.hexdigest() == self.said.sha256

    def place(self, target: Path) -> None:
        """Write its end and give it its place among the whole ones, durably; `is_whole` was asked."""
        self._write(self._sealing.seal(END, self.offset, bytes.fromhex(self.said.sha256)))
        self.sync()
        self._path.rename(target)
        sync_folder(target.parent)
        sync_folder(self._path.parent)

    def discard(self) -> None:
        """Remove it."""
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let others have it; safe to call twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self, record: bytes) -> None:
        view, at = memoryview(record), self._end
        try:
            while view:
                written = os.pwrite(self._file, view, at)
                view, at = view[written:], at + written
        except OSError:
            os.ftruncate(self._file, self._end)
            raise

    def _sound(self) -> list[Record]:
        """The pieces as they follow each other; the last must open, because a crash may have torn it."""
        found: list[Record] = []
        for record in walk(self._file):
            if record.kind == END:
                break
            if record.kind == PIECE:
                found.append(record)
        while found and not self._opens(found[-1]):
            found.pop()
        return found

    def _opens(self, record: Record) -> bool:
        try:
            self._sealing.open(self._file, record)
        except DamagedError:
            return False
        return True
