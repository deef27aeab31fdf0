"""FAT12, FAT16 and FAT32, read by code of our own: one wrong long name made a library refuse the drive (docs/adr/0016).

Offsets are those of Microsoft's "FAT: General Overview of On-Disk Format": boot sector, table, entries of 32 bytes,
long names in entries of attribute 0x0F before the short one. A long name whose parts do not fit is no reason to lose
a file: it has its short one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice

from edge.scanners.usb_drive.exfat import MOST_RECORDS, ExfatEntry, ReadAt

_ENTRY = 32
_END, _DELETED, _STANDS_FOR_DELETED = 0x00, 0xE5, 0x05
_FOLDER, _LONG = 0x10, 0x0F
_LAST_PART, _MOST_PARTS, _UNITS = 0x40, 20, 13
_LOWER_NAME, _LOWER_ENDING = 0x08, 0x10
_PAGE = 4096
# No folder may be longer: its entries are counted in sixteen bits.
_LONGEST_FOLDER = 65536 * _ENTRY
_FIRST_OF_16 = 4085


class Fat:
    """A volume; raises OSError when its first sector describes none."""

    def __init__(self, read: ReadAt) -> None:
        self.read, self.records_left = read, MOST_RECORDS
        first = read(0, 512)
        if len(first) < 512:
            raise OSError("no FAT")
        sector, cluster, reserved, copies, roots, small, _, table = struct.unpack_from("<HBHBHHBH", first, 11)
        large, large_table = struct.unpack_from("<II", first, 32)
        is_32 = not table
        self.cluster_size = sector * cluster
        table_size = (table or large_table) * sector
        self._table = reserved * sector
        root_at = self._table + copies * table_size
        self._heap = root_at + -(-roots * _ENTRY // (sector or 1)) * sector
        if not (self.cluster_size and table_size and reserved and copies):
            raise OSError("no FAT")
        count = ((small or large) * sector - self._heap) // self.cluster_size
        self._bits = 32 if is_32 else 12 if count < _FIRST_OF_16 else 16
        self._last = min(count + 1, table_size * 8 // self._bits - 1)
        self._page_at, self._page = 0, b""
        start = struct.unpack_from("<I", first, 44)[0] if is_32 else 0
        self.root = FatEntry(self, "", _FOLDER, start, None, 0, contiguous=False, identifier=start)
        self.fixed_root = None if is_32 else (root_at, roots * _ENTRY)
        if count < 1 or (is_32 and not 2 <= start <= self._last):
            raise OSError("no clusters, or no root folder among them")

    def chain(self, first: int, contiguous: bool) -> Iterator[int]:
        """Yield where each cluster of a chain lies, in bytes.

        Raises:
            OSError: it leaves the volume, or comes back to where it was.
        """
        cluster, seen = first, set[int]()
        end = (1 << min(self._bits, 28)) - 8
        while cluster < end:
            if not 2 <= cluster <= self._last or cluster in seen:
                raise OSError("a chain of clusters is broken")
            seen.add(cluster)
            yield self._heap + (cluster - 2) * self.cluster_size
            cluster = self._next(cluster)

    def _next(self, cluster: int) -> int:
        if self._bits == 12:
            both = int.from_bytes(self._bytes(cluster * 3 // 2, 2), "little")
            return both >> 4 if cluster & 1 else both & 0xFFF
        width = self._bits // 8
        return int.from_bytes(self._bytes(cluster * width, width), "little") & 0x0FFFFFFF

    def _bytes(self, at: int, size: int) -> bytes:
        """Return bytes of the table, of which a page is kept: chains mostly go on where they are."""
        if not self._page_at <= at <= self._page_at + len(self._page) - size:
            self._page_at, self._page = at, self.read(self._table + at, _PAGE)
        data = self._page[at - self._page_at : at - self._page_at + size]
        if len(data) < size:
            raise OSError("the volume ends in its table")
        return data


class FatEntry(ExfatEntry):
    """A file or folder of FAT; a folder's `length` is None, its chain alone says how long it is."""

    @property
    def _fat(self) -> Fat:
        assert isinstance(self.volume, Fat)
        return self.volume

    def children(self) -> Iterator[FatEntry]:
        """Yield what the folder holds; raises OSError where it is broken."""
        parts = _LongName()
        for record in self._fat_records():
            if record[0] == _DELETED:
                parts.forget()
            elif record[11] & 0x3F == _LONG:
                parts.add(record)
            else:
                yield self._child(record, parts.take(record[:11]) or _short_name(record))

    def _fat_records(self) -> Iterator[bytes]:
        for data in self._pieces_of_folder():
            for at in range(0, len(data) - _ENTRY + 1, _ENTRY):
                if data[at] == _END:
                    return
                self.count_record()
                yield data[at : at + _ENTRY]

    def _pieces_of_folder(self) -> Iterator[bytes]:
        if self is self._fat.root and self._fat.fixed_root is not None:
            yield self._whole(*self._fat.fixed_root)
            return
        size = self.volume.cluster_size
        for place in islice(self.volume.chain(self.first, contiguous=False), -(-_LONGEST_FOLDER // size)):
            yield self._whole(place, size)

    def _whole(self, place: int, size: int) -> bytes:
        data = self.volume.read(place, size)
        if len(data) < size:
            raise OSError("the folder lies behind the volume's end")
        return data

    def _child(self, record: bytes, name: str) -> FatEntry:
        flags = record[11]
        high, low, size = struct.unpack_from("<H4xHI", record, 20)
        first = low if self._fat.fixed_root is not None else high << 16 | low
        length = None if flags & _FOLDER else size
        return FatEntry(self._fat, name, flags, first, length, size, contiguous=False, identifier=first)


class _LongName:
    """The parts of a long name as they come: the last first, each with the check sum of the short name."""

    def __init__(self) -> None:
        self._parts, self._left, self._sum = list[bytes](), 0, 0

    def forget(self) -> None:
        """What came belongs to nothing."""
        self._parts, self._left = [], 0

    def add(self, record: bytes) -> None:
        """Take a part; one that does not fit ends the name."""
        number = record[0] & ~_LAST_PART
        if record[0] & _LAST_PART and 1 <= number <= _MOST_PARTS:
            self._parts, self._sum = [], record[13]
        elif not self._parts or number != self._left - 1 or record[13] != self._sum:
            self.forget()
            return
        self._left = number
        self._parts.insert(0, record[1:11] + record[14:26] + record[28:32])

    def take(self, short: bytes) -> str:
        """Return the name if it is whole and belongs to this short one, and forget it."""
        whole, units = self._left == 1 and self._sum == _check_sum(short), b"".join(self._parts)
        self.forget()
        if not whole:
            return ""
        name = units.decode("utf-16-le", "surrogatepass")
        return name.partition("\0")[0]


def _check_sum(short: bytes) -> int:
    total = 0
    for each in short:
        total = ((total & 1) << 7 | total >> 1) + each & 0xFF
    return total


def _short_name(record: bytes) -> str:
    """Return the short name; on a Chinese computer its bytes are GBK."""
    base, ending = record[:8], record[8:11]
    if base[0] == _STANDS_FOR_DELETED:
        base = bytes([_DELETED]) + base[1:]
    name, kind = (each.decode("gbk", "replace").rstrip(" ") for each in (base, ending))
    name = name.lower() if record[12] & _LOWER_NAME else name
    kind = kind.lower() if record[12] & _LOWER_ENDING else kind
    return f"{name}.{kind}" if kind else name
