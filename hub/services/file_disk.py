"""The calls to the disk behind `hub/services/file_store.py`: plain and blocking, for a thread.

DIR/parts/STATION/NAME.part   what has arrived of one upload, with what was announced
DIR/AA/NAME                   a content whose hash was counted here, whole
DIR/removed/NAME              a content that no submission names, on its way out (`file_sweep.py`)

NAME is a keyed hash of the content's hash, and everything is encrypted (`file_format.py`). A part is held by one
request at a time, in whatever process: a lock on the open file. After an error of `fsync` nobody knows what is on the
disk, and a second `fsync` would say that all is well: such a part is given up whole.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.services.file_format import Announced, DamagedError, FileKeys, WholeFile, new_file, read_announced, sealing_of
from hub.services.file_part import PART, Part, sync_folder

PARTS, REMOVED, NEW = "parts", "removed", ".new"


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


def write_new(path: Path, content: bytes) -> bool:
    """Let a file appear whole and durable, or not at all; whether it was us: one that is there stays."""
    make_folder(path.parent)
    new = path.with_name(f"{secrets.token_hex(8)}{NEW}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(new, path)
    except FileExistsError:
        return False
    finally:
        new.unlink()
    sync_folder(path.parent)
    return True


@dataclass(frozen=True, slots=True)
class FileDisk:
    """One folder of contents and the key they are written with."""

    directory: Path
    keys: FileKeys

    def place(self, sha256: str) -> Path:
        """Return where a content lies once it is whole."""
        name = self.keys.name(sha256)
        return self.directory / name[:2] / name

    def removed(self, sha256: str) -> Path:
        """Return where a content lies between its place and its end."""
        return self.directory / REMOVED / self.keys.name(sha256)

    def part(self, station: str, sha256: str) -> Path:
        """Return where an upload lies."""
        return self._folder(station) / f"{self.keys.name(sha256)}{PART}"

    def announce(self, station: str, said: Announced) -> None:
        """Make the empty part; one that is there stays as it is."""
        path = self.part(station, said.sha256)
        if path.exists() and self.announced(path) is None:
            path.unlink(missing_ok=True)  # not written by us, or torn: nobody can go on with it
        write_new(path, new_file(self.keys, said))

    def announced(self, path: Path) -> Announced | None:
        """Return what was announced of a part, or None."""
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            return read_announced(sealing_of(self.keys, file), file)
        except DamagedError:
            return None
        finally:
            os.close(file)

    def unfinished(self, station: str) -> list[Announced]:
        """Return what was announced by one station and has not been finished."""
        found = [self.announced(path) for path in self._folder(station).glob(f"*{PART}")]
        return [each for each in found if each is not None]

    def open_part(self, station: str, sha256: str) -> Part | None:
        """Hold a part, or return None; raises PartBusyError."""
        return Part.open(self.part(station, sha256), self.keys)

    @contextmanager
    def whole(self, sha256: str) -> Iterator[WholeFile]:
        """Open a content that is in its place.

        Raises:
            FileNotFoundError: it is not. DamagedError: what lies there is not what was written.
        """
        file = os.open(self.place(sha256), os.O_RDONLY | os.O_CLOEXEC)
        try:
            opened = WholeFile(self.keys, file)
            if opened.sha256 != sha256:
                raise DamagedError("a stored file is another's content")
            yield opened
        finally:
            os.close(file)

    def look(self, sha256: str) -> Announced | None:
        """Return what lies in a content's place, by its own end; None when there is nothing, or nothing sound."""
        try:
            with self.whole(sha256) as file:
                return file.said
        except (FileNotFoundError, DamagedError):
            return None

    def names(self) -> Iterator[str]:
        """Yield what lies in the places of whole contents."""
        return (path.name for path in self.directory.glob("[0-9a-f][0-9a-f]/*"))

    def look_at(self, name: str) -> Announced | None:
        """Return what lies in a place, by its own word, if it lies where that belongs."""
        said = self.announced(self.directory / name[:2] / name)
        return said if said is not None and self.keys.name(said.sha256) == name else None

    def is_sound(self, sha256: str) -> bool:
        """Read all of it and count its hash."""
        try:
            with self.whole(sha256) as file:
                return file.hash() == sha256
        except (FileNotFoundError, DamagedError):
            return False

    def remove_older(self, before: float) -> int:
        """Remove parts that did not grow since `before` (seconds since 1970), and what a crash left; say how many."""
        removed = 0
        for path in [*self.directory.glob(f"{PARTS}/*/*"), *self.directory.glob(f"*{NEW}")]:
            try:
                if path.stat().st_mtime < before:
                    removed += self._remove(path)
            except FileNotFoundError:
                continue  # finished meanwhile
        return removed

    def _remove(self, path: Path) -> bool:
        if path.suffix != PART:
            path.unlink(missing_ok=True)
            return False
        return Part.remove(path, self.keys)

    def _folder(self, station: str) -> Path:
        return self.directory / PARTS / station
