"""A drive as a list of files and their bytes, read in user space and bounded in every direction.

Only the worker uses this. What the drive says is a claim: folders are entered once and to a depth, entries are counted,
and a file gives what its size says and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from edge.scanners.usb_drive.file_systems import READABLE, FileSystem, Node, Window, children, open_root, recognise
from edge.scanners.usb_drive.names import Kind, is_left_by_a_program, kind_of
from edge.scanners.usb_drive.volumes import Read, find_volumes

MOST_ENTRIES = 20_000
MOST_FILES = 500
DEEPEST = 8
LONGEST_NAME = 255
PIECE = 1 << 20

Reason = Literal["empty", "locked", "other", "broken"]


class DriveRefusedError(Exception):
    """Nothing of the drive can be read; `reason` is a code."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that may be offered: `name` and `folder` as the drive says them."""

    name: str = field(repr=False)
    folder: str = field(repr=False)
    size: int
    kind: Kind
    source: Any = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Root:
    system: FileSystem
    volume: Any
    folder: Any


def open_drive(read: Read, size: int) -> Drive:
    """Return the drive.

    Raises:
        DriveRefusedError: it holds no file system that is read here.
    """
    roots, seen = list[_Root](), set[str]()
    for volume in find_volumes(read, size):
        system = recognise(read, volume)
        seen.add(system)
        if system in READABLE:
            try:
                roots.append(_Root(system, *open_root(system, Window(read, volume))))
            except (OSError, ValueError, OverflowError):
                continue
    if not roots:
        raise DriveRefusedError(_why(seen))
    return Drive(roots)


def _why(seen: set[str]) -> Reason:
    if seen & READABLE:
        return "broken"
    if "locked" in seen:
        return "locked"
    return "other" if seen else "empty"


class Drive:
    """What is on a drive. `skipped` counts what `files` passed over; complete after its last file."""

    def __init__(self, roots: list[_Root]) -> None:
        self._roots = roots
        self._left = MOST_ENTRIES
        self._broken_roots = 0
        self.skipped = 0

    @property
    def files(self) -> Iterator[Entry]:
        """Yield the files of allowed kinds, at most `MOST_FILES`, always in the same order.

        Raises:
            DriveRefusedError: no root folder could be read, so that nothing is known of the drive.
        """
        self._left, self.skipped, self._broken_roots, found = MOST_ENTRIES, 0, 0, 0
        for root in self._roots:
            for entry in self._walk(root.system, root.folder, "", 0, set()):
                if found == MOST_FILES:
                    self.skipped += 1
                    continue
                found += 1
                yield entry
        if not found and self._broken_roots == len(self._roots):
            raise DriveRefusedError("broken")

    def read(self, entry: Entry) -> Iterator[bytes]:
        """Yield the file's bytes, together its size; raises OSError when they end early."""
        entry.source.seek_offset(0, 0)
        left = entry.size
        while left:
            piece = entry.source.read_buffer(min(PIECE, left))
            if not piece:
                raise OSError("the file ends before its size")
            left -= len(piece)
            yield piece

    def _walk(self, system: FileSystem, folder: Any, path: str, depth: int, entered: set[int]) -> Iterator[Entry]:  # noqa: ANN401 - a library's entry
        try:
            for node in children(system, folder):
                self._left -= 1
                if self._left < 0:
                    return
                yield from self._node(system, node, path, depth, entered)
        except (OSError, ValueError, OverflowError):
            self.skipped += 1
            self._broken_roots += not depth

    def _node(self, system: FileSystem, node: Node | None, path: str, depth: int, entered: set[int]) -> Iterator[Entry]:
        if node is None or not node.is_plain or is_left_by_a_program(node.name) or len(node.name) > LONGEST_NAME:
            self.skipped += 0 if node is not None and node.name in {".", ".."} else 1
        elif node.is_folder:
            if depth >= DEEPEST or node.identity in entered:
                self.skipped += 1
                return
            entered.add(node.identity)
            yield from self._walk(system, node.source, f"{path}/{node.name}".strip("/"), depth + 1, entered)
        elif (kind := kind_of(node.name)) is None:
            self.skipped += 1
        else:
            yield Entry(node.name, path, node.size, kind, node.source)
