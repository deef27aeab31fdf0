"""What reads FAT12, FAT16, FAT32 and exFAT (code of our own) and NTFS (libfsntfs); see docs/adr/0016.

Only the drive's worker imports this: the library is C, and what it reads was written by anybody.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pyfsntfs

from edge.scanners.usb_drive.exfat import Exfat, ExfatEntry
from edge.scanners.usb_drive.fat import Fat
from edge.scanners.usb_drive.volumes import Read, Volume

FileSystem = Literal["fat", "exfat", "ntfs", "locked", "other"]
READABLE = frozenset({"fat", "exfat", "ntfs"})

_HIDDEN, _SYSTEM, _LABEL, _FOLDER, _DEVICE, _LINK = 0x2, 0x4, 0x8, 0x10, 0x40, 0x400
# The first records of NTFS are its own files ($MFT and others); the record's number is the lower 48 bits.
_OWN_RECORDS, _RECORD = 24, (1 << 48) - 1
_BY_NAME: dict[bytes, FileSystem] = {b"EXFAT   ": "exfat", b"NTFS    ": "ntfs"}
_LOCKED = b"-FVE-FS-"
_LUKS = b"LUKS\xba\xbe"
_SIZES = (512, 1024, 2048, 4096)


class Window:
    """A volume as the file object that the libraries want; nothing outside it can be read."""

    def __init__(self, read: Read, volume: Volume) -> None:
        self._read, self._volume, self._at = read, volume, 0

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes from the place reached."""
        left = max(0, self._volume.size - self._at)
        size = left if size < 0 else min(size, left)
        data = self._read(self._volume.offset + self._at, size) if size else b""
        self._at += len(data)
        return data

    def read_at(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from a place; fewer at the volume's end."""
        size = max(0, min(size, self._volume.size - offset))
        return self._read(self._volume.offset + offset, size) if size else b""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> None:
        """Go to a place."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._volume.size}[whence]

    def tell(self) -> int:
        """Return the place reached."""
        return self._at

    def get_size(self) -> int:
        """Return the size of the volume."""
        return self._volume.size


@dataclass(frozen=True, slots=True)
class Node:
    """A file or folder as the library tells it; `identity` is the place of its record, so that a loop is noticed."""

    name: str = field(repr=False)
    size: int
    is_folder: bool
    is_plain: bool
    identity: int
    source: Any = field(repr=False)


def recognise(read: Read, volume: Volume) -> FileSystem:
    """Say what a volume holds by its first sector."""
    first = read(volume.offset, 512)
    if len(first) < 512:
        return "other"
    if first[3:11] == _LOCKED or first.startswith(_LUKS):
        return "locked"
    if first[3:11] in _BY_NAME:
        return _BY_NAME[first[3:11]]
    return "fat" if _is_fat(first) else "other"


def _is_fat(first: bytes) -> bool:
    sector, cluster, reserved, copies = struct.unpack_from("<HBHB", first, 11)
    plausible = sector in _SIZES and cluster and not cluster & (cluster - 1) and reserved and copies in (1, 2)
    return bool(plausible and first[510:512] == b"\x55\xaa")


def open_root(kind: FileSystem, window: Window) -> tuple[Any, Any]:
    """Return the volume, which must outlive its entries, and its root; raises OSError when it cannot be read."""
    if kind != "ntfs":
        opened = Exfat(window.read_at) if kind == "exfat" else Fat(window.read_at)
        return opened, opened.root
    volume = pyfsntfs.volume()
    volume.open_file_object(window)
    return volume, volume.get_root_directory()


def children(kind: FileSystem, folder: Any) -> Iterator[Node | None]:  # noqa: ANN401 - the libraries have no types
    """Yield what a folder holds, None for a record that cannot be read; raises OSError for a broken folder."""
    if kind != "ntfs":
        yield from map(_fat_node, folder.children())
        return
    for index in range(folder.number_of_sub_file_entries):
        try:
            entry = folder.get_sub_file_entry(index)
            if entry.file_reference & _RECORD >= _OWN_RECORDS:
                yield _ntfs_node(entry)
        except (OSError, ValueError, OverflowError):
            # ValueError: a name that is no text.
            yield None


def _fat_node(entry: ExfatEntry) -> Node:
    flags = entry.file_attribute_flags
    plain = not flags & (_HIDDEN | _SYSTEM | _LABEL | _DEVICE | _LINK)
    return Node(entry.name, entry.size, bool(flags & _FOLDER), plain, entry.identifier, entry)


def _ntfs_node(entry: Any) -> Node:  # noqa: ANN401 - as above
    flags, name = entry.file_attribute_flags, entry.name or ""
    if flags is None:
        raise ValueError("a record without its standard information")
    folder = entry.has_directory_entries_index()
    plain = not flags & (_HIDDEN | _SYSTEM | _DEVICE | _LINK)
    return Node(name, entry.size, folder, plain, entry.file_reference, entry)
