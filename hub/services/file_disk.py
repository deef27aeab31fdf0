"""The calls to the disk behind `hub/services/file_store.py`: plain and blocking, for a thread.

DIR/parts/STATION/SHA256.part   what has arrived of one upload; SHA256.json beside it says what was announced
DIR/AA/SHA256                   a content whose hash was counted here, whole

A part is held by one request at a time, in whatever process: a lock on the open file. After an error of `fsync` nobody
knows what is on the disk, and a second `fsync` would say that all is well: such a part is given up whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from hub.errors import HubError

PARTS, PART, ANNOUNCED = "parts", ".part", ".json"
_READ_AT_ONCE = 1024 * 1024


class PartBusyError(HubError):
    """Another request holds this part; try again when it has ended."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What a station said that it will send."""

    sha256: str
    size: int
    media_type: str


def free_bytes(directory: Path) -> int:
    """Return what may still be written there; of the nearest folder that exists."""
    while not directory.exists():
        directory = directory.parent
    status = os.statvfs(directory)
    return status.f_bavail * status.f_frsize


def make_folder(directory: Path) -> None:
    """Make it and what is above it, durably, for its owner alone."""
    if directory.is_dir():
        return
    make_folder(directory.parent)
    directory.mkdir(mode=0o700, exist_ok=True)
    sync_folder(directory.parent)


def sync_folder(directory: Path) -> None:
    """Make names in it durable."""
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def place_of(directory: Path, sha256: str) -> Path:
    """Return where a content lies once it is whole."""
    return directory / sha256[:2] / sha256


def hash_of(path: Path) -> str | None:
    """Return the SHA-256 of what lies there, or None when nothing does."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def read_announced(folder: Path, sha256: str) -> Announced | None:
    """Return what was announced, or None."""
    try:
        return Announced(**json.loads((folder / f"{sha256}{ANNOUNCED}").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def announce(folder: Path, said: Announced) -> None:
    """Note what will come, then make the empty part; a part that is there stays as it is."""
    make_folder(folder)
    note, new = folder / f"{said.sha256}{ANNOUNCED}", folder / f"{said.sha256}{ANNOUNCED}.new"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w") as file:
        json.dump(asdict(said), file)
        file.flush()
        os.fsync(file.fileno())
    new.rename(note)
    os.close(os.open(folder / f"{said.sha256}{PART}", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    sync_folder(folder)


def unfinished(folder: Path) -> list[Announced]:
    """Return what was announced to one station's folder and has not been finished."""
    if not folder.is_dir():
        return []
    found = [read_announced(folder, each.name.removesuffix(PART)) for each in folder.glob(f"*{PART}")]
    return [each for each in found if each is not None]


def find_media_type(directory: Path, sha256: str) -> str | None:
    """Return the media type under which any station announced a content, if that is still known."""
    for note in (directory / PARTS).glob(f"*/{sha256}{ANNOUNCED}"):
        if (said := read_announced(note.parent, sha256)) is not None:
            return said.media_type
    return None


class Part:
    """One unfinished upload, held."""

    def __init__(self, folder: Path, said: Announced, file: int) -> None:
        self.said, self._folder, self._file = said, folder, file
        self._path = folder / f"{said.sha256}{PART}"
        self.offset = os.fstat(file).st_size

    @classmethod
    def open(cls, folder: Path, sha256: str) -> Part | None:
        """Return it, or None when there is none.

        Raises:
            PartBusyError: somebody else holds it.
        """
        path = folder / f"{sha256}{PART}"
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            said = read_announced(folder, sha256)
            # Whoever held it before may have finished it: then this is another file's lock.
            if said is not None and path.exists() and path.stat().st_ino == os.fstat(file).st_ino:
                return cls(folder, said, file)
        except BlockingIOError as error:
            os.close(file)
            raise PartBusyError("another request sends this") from error
        except BaseException:
            os.close(file)
            raise
        os.close(file)
        return None

    def append(self, content: bytes) -> None:
        """Write on; nothing of `content` is there when this raises."""
        view, at = memoryview(content), self.offset
        try:
            while view:
                written = os.pwrite(self._file, view, at)
                view, at = view[written:], at + written
        except OSError:
            os.ftruncate(self._file, self.offset)
            raise
        self.offset = at

    def sync(self) -> None:
        """Have what arrived on the disk, before anybody is told."""
        try:
            os.fsync(self._file)
        except OSError:
            self.discard()
            raise

    def is_whole(self) -> bool:
        """Whether what is there has the hash that was announced."""
        hashed, at = hashlib.sha256(), 0
        while piece := os.pread(self._file, _READ_AT_ONCE, at):
            hashed.update(piece)
            at += len(piece)
        return hashed.hexdigest() == self.said.sha256

    def place(self, target: Path) -> None:
        """Give it its place among the whole ones, durably. What was announced stays known until `forget`."""
        make_folder(target.parent)
        os.fchmod(self._file, 0o600)
        self._path.rename(target)
        sync_folder(target.parent)
        sync_folder(self._folder)

    def forget(self) -> None:
        """Forget what was announced."""
        (self._folder / f"{self.said.sha256}{ANNOUNCED}").unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove it."""
        self._path.unlink(missing_ok=True)
        self.forget()

    def close(self) -> None:
        """Let others have it; safe to call twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def remove_older(directory: Path, before: float) -> int:
    """Remove parts that did not grow since `before` (seconds since 1970), and notes without a part; return how many."""
    removed = 0
    for path in (directory / PARTS).glob("*/*"):
        try:
            if path.stat().st_mtime < before:
                removed += _remove(path)
        except (FileNotFoundError, PartBusyError):
            continue  # finished meanwhile, or growing again
    return removed


def _remove(path: Path) -> bool:
    if path.suffix != PART:
        if not path.with_suffix(PART).exists():
            path.unlink(missing_ok=True)
        return False
    part = Part.open(path.parent, path.stem)
    if part is None:
        path.unlink(missing_ok=True)
        return True
    try:
        part.discard()
    finally:
        part.close()
    return True
