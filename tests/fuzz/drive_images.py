"""Small honest drives, and the sectors of them that say where things are; only those are changed by the fuzzer.

An input is these sectors in a row, always of the same length, so that a change in one leaves the others in place.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

from edge.scanners.usb_drive.simulator import Kind, write_image
from tests.real_drives import ntfs

SECTOR = 512
_SIZES: dict[Kind, int] = {"fat12": 256 << 10, "fat16": 9 << 20, "fat32": 34 << 20, "exfat": 512 << 10}
_FILES = {
    "ok.pdf": b"%PDF-1.4",
    "执照.jpg": b"\xff\xd8" * 700,
    "a/b/" + "long" * 20 + ".png": b"x" * 3000,
    "a/none.tif": b"",
    **{f"many/{number:02}.pdf": b"%PDF" for number in range(20)},
}
NAMES = (*_SIZES, "ntfs")


@functools.cache
def drive_image(name: str) -> bytes:
    """Return the honest drive of this file system, without a partition table."""
    if name == "ntfs":
        with tempfile.TemporaryDirectory() as folder:
            files = {f"{number}.pdf": bytes(number * 900) for number in range(9)}
            return ntfs(Path(folder, "image"), {**files, "long" * 20 + ".png": b"x" * 9000}).read_bytes()
    kind = next(each for each in _SIZES if each == name)
    return write_image(kind, _FILES, table="none", size=_SIZES[kind])


@functools.cache
def places(name: str) -> tuple[int, ...]:
    """Return where the sectors lie that are changed."""
    image = drive_image(name)
    return tuple(_ntfs_places(image) if name == "ntfs" else _used(image))


def _used(image: bytes) -> Iterator[int]:
    for at in range(0, len(image), SECTOR):
        if image.count(0, at, at + SECTOR) != SECTOR:
            yield at


def _ntfs_places(image: bytes) -> Iterator[int]:
    """The boot sector, records, and blocks of entries; not the large tables, which would hide them."""
    yield 0
    for at in range(0, len(image), SECTOR):
        sectors = {b"FILE": 2, b"INDX": 8}.get(image[at : at + 4], 0)
        yield from range(at, at + sectors * SECTOR, SECTOR)


class Sectors(Sequence[bytes]):
    """The one seed of a file system, made when it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __len__(self) -> int:
        return 1

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | Sequence[bytes]:
        """Return the sectors in a row."""
        image = drive_image(self._name)
        return [b"".join(image[at : at + SECTOR] for at in places(self._name))][index]
