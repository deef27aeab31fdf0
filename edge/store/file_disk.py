"""The calls to the disk behind `edge/store/files.py`: plain and blocking, in that class's thread alone.

After an error of `fsync` nobody knows what is on the disk, and a second `fsync` would say that all is well: whatever
fails here is given up whole.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from edge.errors import FileLostError
from edge.store.file_cipher import CHUNK, HEADER, SEALED_CHUNK, Opener, Sealer, layout
from edge.store.salvage import sync_directory

log = logging.getLogger(__name__)

HALF = ".part"
_NAME = re.compile(r"[0-9a-f]{64}")
_WRITE_AT_ONCE = 1024 * 1024


def make_folder(directory: Path) -> None:
    """Make it, durably, for its owner alone."""
    if not directory.is_dir():
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_directory(directory.parent)


class NewFile:
    """A file that is being written and has no name yet. Nothing is on the disk before `begin`."""

    def __init__(self, directory: Path, sealer: Sealer) -> None:
        self._path = directory / f"{secrets.token_hex(16)}{HALF}"
        self._sealer = sealer
        self._file: int | None = None

    @property
    def sha256(self) -> str:
        """Hash of the content so far."""
        return self._sealer.sha256

    @property
    def size(self) -> int:
        """Length of the content so far."""
        return self._sealer.size

    def begin(self) -> None:
        """Make the file."""
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._write(self._sealer.start)

    def write(self, content: bytes) -> None:
        """Seal and write some more."""
        for at in range(0, len(content), _WRITE_AT_ONCE):
            self._write(self._sealer.add(content[at : at + _WRITE_AT_ONCE]))

    def finish(self) -> None:
        """Write the end; the bytes are on the disk when this returns."""
        self._write(self._sealer.end())
        if self._file is not None:
            os.fsync(self._file)
        self._close()

    def take_name(self, path: Path) -> None:
        """Give it its name, durably. An older file of the same content is replaced by this one, which is sound."""
        self._path.rename(path)
        sync_directory(path.parent)

    def discard(self) -> None:
        """Leave nothing of it, unless it has its name already."""
        self._close()
        self._path.unlink(missing_ok=True)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view and self._file is not None:
            view = view[os.write(self._file, view) :]

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class OpenFile:
    """A stored file that is read. Its end is opened first: a file that was cut, or is another's, gives no byte."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key
        self._file: BinaryIO | None = None

    def open(self, sha256: str | None = None) -> None:
        """Open it and its end; `sha256` is what it has to hold."""
        self._file = self._path.open("rb", buffering=0)
        self._layout = layout(os.fstat(self._file.fileno()).st_size)
        self._opener = Opener(self._key, self._bytes(0, HEADER))
        self._tail, self.sha256 = self._opener.end(self._layout.full, self._bytes(*self._layout.end))
        if sha256 not in {None, self.sha256}:
            raise FileLostError("a stored file is another's content")

    @property
    def size(self) -> int:
        """Length of the content."""
        return self._layout.size

    def read(self, offset: int, most: int) -> bytes:
        """Return some bytes from `offset` on, about `most`; `b""` at the end."""
        parts, size = [], 0
        for number in range(offset // CHUNK, self._layout.full + 1):
            if size >= most:
                break
            content = self._chunk(number)[max(0, offset - number * CHUNK) :]
            parts.append(content)
            size += len(content)
        return b"".join(parts)

    def close(self) -> None:
        """Close it; safe to call twice."""
        if self._file is not None:
            self._file.close()

    def _chunk(self, number: int) -> bytes:
        if number == self._layout.full:
            return self._tail
        return self._opener.chunk(number, self._bytes(HEADER + number * SEALED_CHUNK, SEALED_CHUNK))

    def _bytes(self, place: int, length: int) -> bytes:
        return b"" if self._file is None else os.pread(self._file.fileno(), length, place)


def remove(path: Path) -> None:
    """Remove a file, durably; one that is gone is no error."""
    path.unlink(missing_ok=True)
    sync_directory(path.parent)


def sweep(directory: Path, names: Collection[str]) -> tuple[int, set[str]]:
    """Remove what is half written or not in `names`; return how many, and the names that are there."""
    removed, found = 0, set[str]()
    for path in list(directory.iterdir()):
        if path.name in names:
            found.add(path.name)
        elif path.name.endswith(HALF) or _NAME.fullmatch(path.name):
            path.unlink(missing_ok=True)
            removed += 1
    if removed:
        sync_directory(directory)
    return removed, found


def look_through(directory: Path, key: bytes) -> Iterator[tuple[str, int]]:
    """Yield hash and size of every whole file."""
    for path in sorted(directory.iterdir()):
        if not _NAME.fullmatch(path.name):
            continue
        file = OpenFile(path, key)
        try:
            file.open()
            yield file.sha256, file.size
        except FileLostError as error:
            log.error("%s", error)  # noqa: TRY400  the message says all, and the file is named by nobody
        finally:
            file.close()
