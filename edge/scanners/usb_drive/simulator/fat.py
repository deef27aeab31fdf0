"""FAT12, FAT16 and FAT32 volumes as computers write them: long names in UTF-16, short ones beside them.

Offsets and markers as published in Microsoft's "FAT: General Overview of On-Disk Format" (fatgen103): the boot sector
of §"Boot Sector and BPB", the kind by the number of clusters alone (4085 and 65525), long names in entries of
attribute 0x0F in front of the short one, last part first, with the check sum of the short name.
"""

from __future__ import annotations

import struct
from typing import Literal

from edge.scanners.usb_drive.simulator.tree import Folder

SECTOR = 512
Fat = Literal["fat12", "fat16", "fat32"]
_BITS: dict[Fat, int] = {"fat12": 12, "fat16": 16, "fat32": 32}
_CLUSTER: dict[Fat, int] = {"fat12": 4, "fat16": 4, "fat32": 1}
_CLUSTERS: dict[Fat, range] = {"fat12": range(1, 4085), "fat16": range(4085, 65525), "fat32": range(65525, 1 << 28)}
_ROOT_ENTRIES = 512
_DATE = (2026 - 1980) << 9 | 1 << 5 | 5
_TIME = 9 << 11 | 30 << 5
_FOLDER, _ARCHIVE, _LONG = 0x10, 0x20, 0x0F


def fat_volume(kind: Fat, root: Folder, sectors: int, hidden: int = 0) -> bytes:
    """Return a volume of `sectors` sectors that stands `hidden` sectors behind the drive's beginning.

    Raises:
        ValueError: the size is none of this kind, or the files do not fit.
    """
    return _Volume(kind, sectors, hidden).write(root)


class _Volume:
    """One volume while it is written; clusters are given out one after the other."""

    def __init__(self, kind: Fat, sectors: int, hidden: int) -> None:
        self._kind, self._sectors, self._hidden = kind, sectors, hidden
        self._bits, self._per_cluster = _BITS[kind], _CLUSTER[kind]
        self._reserved = 32 if kind == "fat32" else 1
        self._root_sectors = 0 if kind == "fat32" else _ROOT_ENTRIES * 32 // SECTOR
        self._fat_sectors = self._fat_size()
        self._first_data = self._reserved + 2 * self._fat_sectors + self._root_sectors
        self._clusters = (sectors - self._first_data) // self._per_cluster
        if self._clusters not in _CLUSTERS[kind]:
            raise ValueError(f"{sectors} sectors make {self._clusters} clusters, which is no {kind}")
        self._image = bytearray(sectors * SECTOR)
        ends = {12: 0xFFF, 16: 0xFFFF, 32: 0x0FFFFFFF}
        self._end = ends[self._bits]
        self._fat = [self._end & ~0xFF | 0xF8, self._end]

    def _fat_size(self) -> int:
        """Enough for every cluster; a few sectors more than needed harm nobody."""
        clusters = self._sectors // self._per_cluster + 2
        return -(-clusters * self._bits // 8 // SECTOR) + 1

    def write(self, root: Folder) -> bytes:
        """Write everything; the root comes first, so that FAT32 has it in cluster 2."""
        if self._kind == "fat32":
            self._put_folder(root, parent=0, is_root=True)
        else:
            start = (self._first_data - self._root_sectors) * SECTOR
            rows = self._rows(root, 0)
            if len(rows) > self._root_sectors * SECTOR:
                raise ValueError("too many files in the root folder")
            self._image[start : start + len(rows)] = rows
        self._write_boot()
        packed = self._packed_fat()
        for copy in range(2):
            at = (self._reserved + copy * self._fat_sectors) * SECTOR
            self._image[at : at + len(packed)] = packed
        return bytes(self._image)

    def _take(self, length: int) -> int:
        """Give out a chain long enough and return its first cluster."""
        count = max(1, -(-length // (self._per_cluster * SECTOR)))
        first = len(self._fat)
        if first + count > self._clusters + 2:
            raise ValueError("the files do not fit")
        self._fat += [*range(first + 1, first + count), self._end]
        return first

    def _fill(self, first: int, data: bytes) -> None:
        at = (self._first_data + (first - 2) * self._per_cluster) * SECTOR
        self._image[at : at + len(data)] = data

    def _put_folder(self, folder: Folder, parent: int, *, is_root: bool = False) -> int:
        length = sum(32 * (1 + -(-len(_units(name)) // 13)) for name in folder.entries) + 64
        first = self._take(length)
        dots = b"" if is_root else _row(b".          ", _FOLDER, first, 0) + _row(b"..         ", _FOLDER, parent, 0)
        self._fill(first, dots + self._rows(folder, 0 if is_root else first))
        return first

    def _rows(self, folder: Folder, parent: int) -> bytes:
        rows = bytearray()
        for number, (name, content) in enumerate(folder.entries.items(), 1):
            short = _short(name, number)
            if isinstance(content, Folder):
                rows += _long(name, short) + _row(short, _FOLDER, self._put_folder(content, parent), 0)
                continue
            first = self._take(len(content)) if content else 0
            if content:
                self._fill(first, content)
            rows += _long(name, short) + _row(short, _ARCHIVE, first, len(content))
        return bytes(rows)

    def _packed_fat(self) -> bytes:
        if self._bits == 16:
            return struct.pack(f"<{len(self._fat)}H", *self._fat)
        if self._bits == 32:
            return struct.pack(f"<{len(self._fat)}I", *self._fat)
        pairs = zip(self._fat[::2], [*self._fat[1::2], 0], strict=False)
        return b"".join((low | high << 12).to_bytes(3, "little") for low, high in pairs)

    def _write_boot(self) -> None:
        small = self._sectors if self._sectors < 1 << 16 and self._kind != "fat32" else 0
        roots = 0 if self._kind == "fat32" else _ROOT_ENTRIES
        fat16_size = 0 if self._kind == "fat32" else self._fat_sectors
        boot = struct.pack(
            "<3s8sHBHBHHBHHHII", b"\xeb\x58\x90", b"MSDOS5.0", SECTOR, self._per_cluster, self._reserved, 2, roots,
            small, 0xF8, fat16_size, 63, 255, self._hidden, 0 if small else self._sectors,
        )  # fmt: skip
        if self._kind == "fat32":
            boot += struct.pack("<IHHIHH12x", self._fat_sectors, 0, 0, 2, 1, 6)
        boot += struct.pack("<BBBI11s8s", 0x80, 0, 0x29, 0x20260105, b"NO NAME    ", f"{self._kind.upper():8}".encode())
        sector = boot.ljust(510, b"\0") + b"\x55\xaa"
        self._image[:SECTOR] = sector
        if self._kind == "fat32":
            info = b"RRaA".ljust(484, b"\0") + struct.pack("<4sII", b"rrAa", 0xFFFFFFFF, 0xFFFFFFFF)
            self._image[SECTOR : 2 * SECTOR] = info.ljust(508, b"\0") + b"\0\0\x55\xaa"
            self._image[6 * SECTOR : 7 * SECTOR] = sector


def _row(short: bytes, attributes: int, first: int, size: int) -> bytes:
    """One short entry of a folder."""
    high, low = first >> 16, first & 0xFFFF
    return struct.pack("<11sBBBHHHHHHHI", short, attributes, 0, 0, _TIME, _DATE, _DATE, high, _TIME, _DATE, low, size)


def _short(name: str, number: int) -> bytes:
    """A short name that is the only one of its folder: `ND00~001PDF`."""
    _, dot, ending = name.rpartition(".")
    plain = "".join(each for each in ending.upper() if each.isascii() and each.isalnum()) if dot else ""
    return f"ND{number // 1000:02}~{number % 1000:03}{plain[:3]:3}".encode("ascii")


def _units(name: str) -> list[int]:
    packed = name.encode("utf-16-le", "surrogatepass")
    return list(struct.unpack(f"<{len(packed) // 2}H", packed))


def _long(name: str, short: bytes) -> bytes:
    """The long name in front of a short one: thirteen units an entry, the last part first."""
    total = 0
    for each in short:
        total = ((total & 1) << 7 | total >> 1) + each & 0xFF
    units = _units(name)
    parts = [units[at : at + 13] for at in range(0, len(units), 13)]
    rows = []
    for number, part in enumerate(parts, 1):
        filled = (part + [0] * (len(part) < 13) + [0xFFFF] * 13)[:13]
        last = 0x40 if number == len(parts) else 0
        packed = struct.pack("<13H", *filled)
        head = struct.pack("<B10sBBB", number | last, packed[:10], _LONG, 0, total)
        rows.append(head + packed[10:22] + b"\0\0" + packed[22:])
    return b"".join(reversed(rows))
