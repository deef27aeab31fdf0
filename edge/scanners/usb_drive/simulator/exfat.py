"""An exFAT volume as computers write it: boot region twice, bitmap, table of upper case, folders of entry sets.

Offsets, check sums and entry types as in Microsoft's published "exFAT file system specification": main boot sector
§3.1, boot check sum §3.4, directory entries §6 and §7 (0x81 bitmap, 0x82 upper case, 0x83 label, 0x85 file, 0xC0
stream, 0xC1 name). Every file and folder is one stretch, said by the flag NoFatChain.
"""

from __future__ import annotations

import struct

from edge.scanners.usb_drive.simulator.tree import Folder

SECTOR = 512
_PER_CLUSTER = 8
_CLUSTER = SECTOR * _PER_CLUSTER
_FAT_AT = 128
_FIRST = 2
_END = 0xFFFFFFFF
_STAMP = (2026 - 1980) << 25 | 1 << 21 | 5 << 16 | 9 << 11 | 30 << 5
_FOLDER, _ARCHIVE = 0x10, 0x20
_CHAIN, _ONE_STRETCH = 0x01, 0x03


def exfat_volume(root: Folder, sectors: int) -> bytes:
    """Return a volume of `sectors` sectors; raises ValueError when the files do not fit."""
    return _Volume(sectors).write(root)


class _Volume:
    """One volume while it is written."""

    def __init__(self, sectors: int) -> None:
        self._sectors = sectors
        self._fat_sectors = -(-(sectors // _PER_CLUSTER + 2) * 4 // SECTOR)
        self._heap = -(-(_FAT_AT + self._fat_sectors) // _PER_CLUSTER) * _PER_CLUSTER
        self._clusters = (sectors - self._heap) // _PER_CLUSTER
        if self._clusters < 1:
            raise ValueError("too small for exFAT")
        self._image = bytearray(sectors * SECTOR)
        self._fat = [0xFFFFFFF8, _END]
        self._next = _FIRST

    def write(self, root: Folder) -> bytes:
        """Write everything; bitmap, table and root have chains, all else is one stretch."""
        bitmap = self._take(-(-self._clusters // 8), chained=True)
        table = _upper_case()
        upper = self._take(len(table), chained=True)
        self._fill(upper, table)
        rows = b"\x83\x04" + "政务资料".encode("utf-16-le").ljust(30, b"\0")
        rows += struct.pack("<BB18xIQ", 0x81, 0, bitmap, -(-self._clusters // 8))
        rows += struct.pack("<B3xI12xIQ", 0x82, _table_sum(table), upper, len(table))
        place = self._take(len(rows) + _length(root), chained=True)
        self._fill(place, rows + self._rows(root))
        used = self._next - _FIRST
        self._fill(bitmap, ((1 << used) - 1).to_bytes(-(-self._clusters // 8), "little"))
        packed = struct.pack(f"<{len(self._fat)}I", *self._fat)
        self._image[_FAT_AT * SECTOR : _FAT_AT * SECTOR + len(packed)] = packed
        self._write_boot(place)
        return bytes(self._image)

    def _take(self, length: int, *, chained: bool = False) -> int:
        count = max(1, -(-length // _CLUSTER))
        first, self._next = self._next, self._next + count
        if self._next > self._clusters + _FIRST:
            raise ValueError("the files do not fit")
        self._fat += [*range(first + 1, first + count), _END] if chained else [0] * count
        return first

    def _fill(self, first: int, data: bytes) -> None:
        at = (self._heap + (first - _FIRST) * _PER_CLUSTER) * SECTOR
        self._image[at : at + len(data)] = data

    def _rows(self, folder: Folder) -> bytes:
        rows = bytearray()
        for name, content in folder.entries.items():
            if isinstance(content, Folder):
                length = max(1, -(-_length(content) // _CLUSTER)) * _CLUSTER
                first = self._take(length)
                self._fill(first, self._rows(content))
                rows += _set(name, _FOLDER, first, length)
                continue
            first = self._take(len(content)) if content else 0
            if content:
                self._fill(first, content)
            rows += _set(name, _ARCHIVE, first, len(content))
        return bytes(rows)

    def _write_boot(self, root: int) -> None:
        boot = b"\xeb\x76\x90EXFAT   ".ljust(64, b"\0") + struct.pack(
            "<QQIIIIIIHHBBBBB", 0, self._sectors, _FAT_AT, self._fat_sectors, self._heap, self._clusters, root,
            0x20260105, 0x100, 0, 9, 3, 1, 0x80, 0,
        )  # fmt: skip
        region = boot.ljust(510, b"\0") + b"\x55\xaa"
        region += b"".join(bytes(508) + b"\0\0\x55\xaa" for _ in range(8)) + bytes(2 * SECTOR)
        total = 0
        for at, each in enumerate(region):
            # The flags and the share of space in use change in life and are not counted.
            if at not in (106, 107, 112):
                total = ((total & 1) << 31 | total >> 1) + each & 0xFFFFFFFF
        region += struct.pack("<I", total) * (SECTOR // 4)
        self._image[: len(region)] = region
        self._image[len(region) : 2 * len(region)] = region


def _length(folder: Folder) -> int:
    return sum(32 * (2 + -(-len(name.encode("utf-16-le", "surrogatepass")) // 30)) for name in folder.entries)


def _set(name: str, attributes: int, first: int, size: int) -> bytes:
    """The entries of one file: itself, its stream, its name in stretches of fifteen units."""
    units = name.encode("utf-16-le", "surrogatepass")
    parts = [units[at : at + 30].ljust(30, b"\0") for at in range(0, len(units), 30)]
    flags = _ONE_STRETCH if size else _CHAIN
    stream = struct.pack("<BBBBHHQIIQ", 0xC0, flags, 0, len(units) // 2, _name_sum(name), 0, size, 0, first, size)
    names = b"".join(b"\xc1\0" + part for part in parts)
    head = struct.pack("<BBHHHIII", 0x85, 1 + len(parts), 0, attributes, 0, _STAMP, _STAMP, _STAMP).ljust(32, b"\0")
    total = 0
    for at, each in enumerate(head + stream + names):
        if at not in (2, 3):
            total = ((total & 1) << 15 | total >> 1) + each & 0xFFFF
    return head[:2] + struct.pack("<H", total) + head[4:] + stream + names


def _name_sum(name: str) -> int:
    total = 0
    for each in _upper(name).encode("utf-16-le", "surrogatepass"):
        total = ((total & 1) << 15 | total >> 1) + each & 0xFFFF
    return total


def _upper(name: str) -> str:
    """As this volume's table: only a to z have an upper case."""
    return "".join(each.upper() if "a" <= each <= "z" else each for each in name)


def _upper_case() -> bytes:
    """The table in its short form: 0xFFFF and a number are so many characters that are their own upper case."""
    plain = [ord(_upper(chr(each))) for each in range(0x80)]
    return struct.pack(f"<{len(plain) + 2}H", *plain, 0xFFFF, 0x10000 - 0x80)


def _table_sum(table: bytes) -> int:
    total = 0
    for each in table:
        total = ((total & 1) << 31 | total >> 1) + each & 0xFFFFFFFF
    return total
