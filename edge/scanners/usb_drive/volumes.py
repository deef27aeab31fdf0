"""Where the volumes of a drive lie: no table, MBR with extended partitions, or GPT. Only numbers that fit are believed.

Nothing of the drive is mounted: these are offsets for a reader in user space. A table is somebody else's claim, so each
volume is cut to what the drive really holds, chains are followed a counted number of times, never twice to a place.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Read = Callable[[int, int], bytes]
"""`read(offset, size)` of the drive; fewer bytes at its end."""

SECTOR = 512
MOST_VOLUMES = 16
_SECTOR_SIZES = (512, 4096)
_EXTENDED = frozenset({0x05, 0x0F, 0x85})
_PROTECTIVE = 0xEE
_MOST_LINKS = 64
_MOST_GPT_ENTRIES = 256
_SIGNATURE = b"\x55\xaa"


@dataclass(frozen=True, slots=True)
class Volume:
    """A stretch of the drive that may hold a file system, in bytes."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: int
    start: int
    count: int


def find_volumes(read: Read, size: int) -> tuple[Volume, ...]:
    """Return the volumes of a drive of `size` bytes, at most `MOST_VOLUMES`; the whole drive if it has no table.

    A table that is there and names no usable volume gives none: what lies outside is not searched for.
    """
    first = read(0, SECTOR)
    if len(first) < SECTOR or first[510:512] != _SIGNATURE or _is_boot_sector(first):
        return (Volume(0, size),) if size else ()
    entries = [entry for entry in _entries(first) if entry.kind and entry.count]
    if any(entry.kind == _PROTECTIVE for entry in entries):
        return _bounded(_gpt(read), size)
    return _bounded(_mbr(read, entries), size)


def _is_boot_sector(sector: bytes) -> bool:
    """A file system over the whole drive starts with a jump and a plausible sector size, or with its name."""
    if sector[3:11] in (b"EXFAT   ", b"NTFS    ", b"-FVE-FS-"):
        return True
    jumps = sector[0] == 0xE9 or (sector[0] == 0xEB and sector[2] == 0x90)
    named = sector[54:57] == b"FAT" or sector[82:85] == b"FAT"
    return jumps and (named or struct.unpack_from("<H", sector, 11)[0] in (512, 1024, 2048, 4096))


def _entries(sector: bytes) -> list[_Entry]:
    fields = (struct.unpack_from("<4xB3xII", sector, 446 + 16 * at) for at in range(4))
    return [_Entry(*each) for each in fields]


def _mbr(read: Read, entries: list[_Entry]) -> Iterator[Volume]:
    for entry in entries:
        if entry.kind in _EXTENDED:
            yield from _extended(read, entry.start)
        else:
            yield Volume(entry.start * SECTOR, entry.count * SECTOR)


def _extended(read: Read, base: int) -> Iterator[Volume]:
    """Follow the links of an extended partition: each sector names one volume and the next sector."""
    seen: set[int] = set()
    at = base
    while at not in seen and len(seen) < _MOST_LINKS:
        seen.add(at)
        sector = read(at * SECTOR, SECTOR)
        if len(sector) < SECTOR or sector[510:512] != _SIGNATURE:
            return
        links = []
        for entry in _entries(sector):
            if entry.kind in _EXTENDED and entry.count:
                links.append(entry.start)
            elif entry.kind and entry.count:
                yield Volume((at + entry.start) * SECTOR, entry.count * SECTOR)
        if not links:
            return
        at = base + links[0]


def _gpt(read: Read) -> Iterator[Volume]:
    """The first table of a GPT; its check sums are not asked, because every number is bounded anyway."""
    for sector in _SECTOR_SIZES:
        header = read(sector, 92)
        if len(header) < 92 or header[:8] != b"EFI PART":
            continue
        table, count, width = struct.unpack_from("<QII", header, 72)
        if width < 128 or width > 4096:
            return
        for index in range(min(count, _MOST_GPT_ENTRIES)):
            entry = read(table * sector + index * width, 48)
            if len(entry) < 48:
                return
            first, last = struct.unpack_from("<QQ", entry, 32)
            if any(entry[:16]) and last >= first:
                yield Volume(first * sector, (last - first + 1) * sector)
        return


def _bounded(volumes: Iterator[Volume], size: int) -> tuple[Volume, ...]:
    """Cut to the drive; of two that overlap the first counts, because two readings of one place are a trick."""
    kept: list[Volume] = []
    for volume in volumes:
        cut = Volume(volume.offset, min(volume.size, size - volume.offset))
        if volume.offset < SECTOR or cut.size < SECTOR or any(_overlap(cut, other) for other in kept):
            continue
        kept.append(cut)
        if len(kept) == MOST_VOLUMES:
            break
    return tuple(kept)


def _overlap(one: Volume, other: Volume) -> bool:
    return one.offset < other.offset + other.size and other.offset < one.offset + one.size
