"""exFAT, read by code of our own: libfsfat shows the beginning only of a folder of contiguous clusters (docs/adr/0016).

Offsets are those of Microsoft's exFAT specification (revision 1.00): boot sector section 3.1, directory entries
sections 6 and 7. Every number is a claim: clusters outside the heap and chains that return end the reading.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

ReadAt = Callable[[int, int], bytes]
"""`read(offset, size)` within the volume; fewer bytes at its end."""

_ENTRY = 32
_END, _FILE, _STREAM, _NAME = 0x00, 0x85, 0xC0, 0xC1
_CONTIGUOUS = 0x02
_LAST_CLUSTER = 0xFFFFFFF7
# The longest folder that is read: the specification allows 256 MiB, and a worker has two seconds.
_LONGEST_FOLDER = 8 << 20
# Of all folders together: those that share their clusters, or hold only what was deleted, would never end.
MOST_RECORDS = 400_000


class Clusters(Protocol):
    """What an entry needs of its volume."""

    read: ReadAt
    cluster_size: int
    records_left: int

    def chain(self, first: int, contiguous: bool) -> Iterator[int]:
        """Yield where each cluster of a chain lies; raises OSError where it is broken."""


class Exfat:
    """A volume; raises OSError when its first sector describes none."""

    def __init__(self, read: ReadAt) -> None:
        self.read, self.records_left = read, MOST_RECORDS
        first = read(0, 512)
        if len(first) < 512 or first[3:11] != b"EXFAT   ":
            raise OSError("no exFAT")
        fat, _, heap, self._count, root = struct.unpack_from("<5I", first, 80)
        sector, cluster = first[108], first[109]
        if not 9 <= sector <= 12 or cluster > 25 - sector:
            raise OSError("no cluster size")
        self.cluster_size = 1 << (sector + cluster)
        self._fat, self._heap = fat << sector, heap << sector
        self.root = ExfatEntry(self, "", 0x10, root, None, 0, contiguous=False, identifier=-1)

    def chain(self, first: int, contiguous: bool) -> Iterator[int]:
        """Yield where each cluster of a chain lies, in bytes.

        Raises:
            OSError: it leaves the heap, or comes back to where it was.
        """
        cluster, seen = first, set[int]()
        while cluster < _LAST_CLUSTER:
            if not 2 <= cluster < self._count + 2 or cluster in seen:
                raise OSError("a chain of clusters is broken")
            seen.add(cluster)
            yield self._heap + (cluster - 2) * self.cluster_size
            cluster = cluster + 1 if contiguous else self._next(cluster)

    def _next(self, cluster: int) -> int:
        data = self.read(self._fat + 4 * cluster, 4)
        if len(data) < 4:
            raise OSError("the volume ends in its table")
        return int.from_bytes(data, "little")


@dataclass
class ExfatEntry:
    """A file or folder. `size` is None for the root, whose chain alone says how long it is."""

    volume: Clusters
    name: str = field(repr=False)
    file_attribute_flags: int
    first: int
    length: int | None
    valid: int
    contiguous: bool
    identifier: int
    _at: int = 0
    _clusters: Iterator[int] | None = None
    _rest: bytes = field(default=b"", repr=False)

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return self.length or 0

    def seek_offset(self, offset: int, _whence: int = 0) -> None:
        """Begin anew; only the beginning can be sought."""
        if offset:
            raise OSError("only the beginning")
        self._at, self._clusters, self._rest = 0, None, b""

    def read_buffer(self, size: int) -> bytes:
        """Return the next bytes, up to `size`; what was never written reads as zeros."""
        wanted = min(size, self.size - self._at)
        data = bytearray()
        while len(data) < wanted:
            if self._at + len(data) >= self.valid:
                data += bytes(wanted - len(data))
                break
            piece = self._piece()[: wanted - len(data)]
            self._rest = self._rest[len(piece) :]
            data += piece[: max(0, self.valid - self._at - len(data))]
        self._at += len(data)
        return bytes(data)

    def _piece(self) -> bytes:
        if not self._rest:
            if self._clusters is None:
                self._clusters = self.volume.chain(self.first, self.contiguous)
            place = next(self._clusters, None)
            self._rest = b"" if place is None else self.volume.read(place, self.volume.cluster_size)
            if not self._rest:
                raise OSError("the file ends before its size")
        return self._rest

    def count_record(self) -> None:
        """Raise OSError when the volume has used up what may be looked at."""
        self.volume.records_left -= 1
        if self.volume.records_left < 0:
            raise OSError("too many records")

    def children(self) -> Iterator[ExfatEntry]:
        """Yield what the folder holds; raises OSError where it is broken."""
        for place, records in self._sets():
            entry = self._entry(place, records)
            if entry is not None:
                yield entry

    def _records(self) -> Iterator[tuple[int, bytes]]:
        longest = _LONGEST_FOLDER if self.length is None else min(self.length, _LONGEST_FOLDER)
        clusters = -(-longest // self.volume.cluster_size)
        for place in islice(self.volume.chain(self.first, self.contiguous), clusters):
            data = self.volume.read(place, self.volume.cluster_size)
            if len(data) < self.volume.cluster_size:
                raise OSError("the folder lies behind the volume's end")
            for at in range(0, len(data) - _ENTRY + 1, _ENTRY):
                if data[at] == _END:
                    return
                self.count_record()
                yield place + at, data[at : at + _ENTRY]

    def _sets(self) -> Iterator[tuple[int, list[bytes]]]:
        """Yield the records of each file, with the place of the first."""
        place, records, left = 0, list[bytes](), 0
        for at, record in self._records():
            if record[0] == _FILE:
                place, records, left = at, [record], record[1]
            elif left and record[0] & 0xC0 == 0xC0:
                records.append(record)
                left -= 1
                if not left:
                    yield place, records
            else:
                left = 0

    def _entry(self, place: int, records: list[bytes]) -> ExfatEntry | None:
        stream = records[1] if len(records) > 1 else b""
        if not stream or stream[0] != _STREAM:
            return None
        letters = b"".join(record[2:] for record in records[2:] if record[0] == _NAME)[: 2 * stream[3]]
        valid, first, length = struct.unpack_from("<Q4xIQ", stream, 8)
        return ExfatEntry(
            self.volume,
            letters.decode("utf-16-le", "surrogatepass"),
            int.from_bytes(records[0][4:6], "little"),
            first,
            length,
            min(valid, length),
            contiguous=bool(stream[1] & _CONTIGUOUS),
            identifier=place,
        )
