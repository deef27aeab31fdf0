"""Volumes whose first sector promises what cannot be."""

from __future__ import annotations

import struct

from tests.hostile.drive_case import DriveCase, drive, offers, refuses
from tests.hostile.drive_parts import boot, exfat, streams

# Nothing usable, or nothing at all: what is refused may be called broken or unknown.
_BAD = refuses("broken", "other")
_EMPTY_OR_BAD = "broken|empty|not_allowed"


def _fat() -> list[DriveCase]:
    return [
        drive("fat-cluster-0", "no sectors in a cluster", lambda: boot("fat12", 13, "<B", 0), _BAD),
        drive("fat-cluster-3", "three sectors in a cluster", lambda: boot("fat12", 13, "<B", 3), _BAD),
        drive("fat-cluster-max", "clusters of 64 KiB where they were of 2", lambda: boot("fat12", 13, "<B", 128),
              offers({"ok.pdf": "clean"})),
        drive("fat-sector-0", "sectors of no length", lambda: boot("fat12", 11, "<H", 0), _BAD),
        drive("fat-sector-odd", "sectors of 513 bytes", lambda: boot("fat12", 11, "<H", 513), _BAD),
        drive("fat-sector-max", "sectors of 32 KiB", lambda: boot("fat12", 11, "<H", 1 << 15), _BAD),
        drive("fat-reserved-0", "tables that begin in the boot sector", lambda: boot("fat12", 14, "<H", 0), _BAD),
        drive("fat-reserved-max", "tables behind the end", lambda: boot("fat12", 14, "<H", 0xFFFF), _BAD),
        drive("fat-no-table", "no FAT at all", lambda: boot("fat12", 16, "<B", 0), _BAD),
        drive("fat-many-tables", "255 FATs", lambda: boot("fat12", 16, "<B", 255), _BAD),
        drive("fat-table-0", "FATs of no length", lambda: boot("fat12", 22, "<H", 0), _BAD),
        drive("fat-table-max", "FATs of 32 MiB", lambda: boot("fat12", 22, "<H", 0xFFFF), _BAD),
        drive("fat-sectors-0", "no sectors", lambda: boot("fat12", 19, "<H", 0), _BAD),
        drive("fat-sectors-max", "2 TiB of sectors", lambda: boot("fat32", 32, "<I", 0xFFFFFFFF),
              offers({"ok.pdf": "clean"})),
        drive("fat-root-0", "a root folder of no entries", lambda: boot("fat12", 17, "<H", 0), offers({})),
        drive("fat-root-max", "a root folder of 65,535 entries", lambda: boot("fat12", 17, "<H", 0xFFFF), offers(
            {"ok.pdf": _EMPTY_OR_BAD})),
        drive("fat32-root-0", "a root folder in cluster 0", lambda: boot("fat32", 44, "<I", 0), _BAD),
        drive("fat32-root-far", "a root folder behind the end", lambda: boot("fat32", 44, "<I", 0x0FFFFFF0),
              _BAD),
        drive("fat32-table-max", "FATs of 2 TiB", lambda: boot("fat32", 36, "<I", 0xFFFFFFFF), _BAD),
        drive("fat32-version", "a version of the future", lambda: boot("fat32", 42, "<H", 0xFFFF),
              offers({"ok.pdf": "clean"})),
    ]  # fmt: skip


def _table_of_upper_case(size: int, first: int) -> bytes:
    image = exfat()
    at = image.index(b"\x82\0\0\0")
    struct.pack_into("<IQ", image, at + 20, first, size)
    return bytes(image)


def _file(at: int, layout: str, *values: int) -> bytes:
    """An exFAT volume whose file says something else at a place of its entries; the check sum is as it was."""
    image = exfat()
    struct.pack_into(layout, image, streams(image)[0] + at, *values)
    return bytes(image)


def _exfat() -> list[DriveCase]:
    clean = offers({"ok.pdf": "clean"})
    lost = offers({"ok.pdf": _EMPTY_OR_BAD})
    return [
        drive("exfat-sector", "sectors of 2^255 bytes", lambda: boot("exfat", 108, "<B", 255), _BAD),
        drive("exfat-sector-0", "sectors of one byte", lambda: boot("exfat", 108, "<B", 0), _BAD),
        drive("exfat-cluster", "clusters of 2^255 sectors", lambda: boot("exfat", 109, "<B", 255), _BAD),
        drive("exfat-cluster-32m", "clusters of 32 MiB", lambda: boot("exfat", 109, "<B", 16),
              refuses("broken", "other")),
        drive("exfat-count", "2^32 - 1 clusters", lambda: boot("exfat", 92, "<I", 0xFFFFFFFF), clean),
        drive("exfat-root-far", "a root folder behind the end", lambda: boot("exfat", 96, "<I", 0xFFFFFFF0), _BAD),
        drive("exfat-root-0", "a root folder in cluster 0", lambda: boot("exfat", 96, "<I", 0), _BAD),
        drive("exfat-heap", "a heap behind the end", lambda: boot("exfat", 88, "<I", 0xFFFFFFFF), _BAD),
        drive("exfat-table", "a FAT behind the end", lambda: boot("exfat", 80, "<I", 0xFFFFFFFF), clean),
        drive("exfat-sums", "a broken check sum of the boot region", lambda: boot("exfat", 100, "<I", 7), clean),
        drive("exfat-set-sum", "a broken check sum of a file", lambda: _file(2, "<H", 0x1234), clean),
        drive("exfat-upper-bomb", "a table of upper case of 2^60 bytes", lambda: _table_of_upper_case(1 << 60, 3),
              clean),
        drive("exfat-upper-far", "a table of upper case behind the end", lambda: _table_of_upper_case(5836, 1 << 31),
              clean),
        drive("exfat-parts-255", "a file of 255 entries", lambda: _file(1, "<B", 255), offers({})),
        drive("exfat-parts-0", "a file of no further entries", lambda: _file(1, "<B", 0), offers({})),
        drive("exfat-name-short", "a name of 255 letters in one entry", lambda: _file(32 + 3, "<B", 255), offers({})),
        drive("exfat-name-0", "a name of no letters", lambda: _file(32 + 3, "<B", 0), offers({})),
        drive("exfat-size-max", "a file of 2^64 - 1 bytes", lambda: _file(56, "<Q", (1 << 64) - 1), offers(
            {"ok.pdf": "too_large|broken"})),
        drive("exfat-valid", "more bytes written than the file has", lambda: _file(40, "<Q", 1 << 62), clean),
        drive("exfat-first-far", "a file behind the end", lambda: _file(52, "<I", 0xFFFFFFF0), lost),
        drive("exfat-first-0", "a file in cluster 0", lambda: _file(52, "<I", 0), lost),
    ]  # fmt: skip


def cases() -> list[DriveCase]:
    return [*_fat(), *_exfat()]
