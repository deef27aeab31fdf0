"""A ZIP read with distrust: counted while it is unpacked, and nothing in it that two readers may see differently."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from edge.scanners.intake.limits import LARGEST_XML, MOST_PARTS, MOST_UNZIPPED, refuse

_LOCAL = struct.Struct("<4s5H3L2H")
_END = struct.Struct("<4s4H2LH")
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_PIECE = 65536


class Archive:
    """Opens only an archive whose entries lie one behind the other and cover the file from its first byte to its last.

    Overlapping entries make the smallest bombs; gaps, a head or a tail make room for a second file.

    Raises:
        FileRefusedError: `broken`, `bomb`, `encrypted` or `polyglot`.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._left = MOST_UNZIPPED
        entries = _directory(content)
        self._entries = {entry.filename: entry for entry in entries}
        self.names = tuple(self._entries)
        _check_names(entries)
        _check_places(content, entries)

    @property
    def content(self) -> bytes:
        """The archive's own bytes."""
        return self._content

    def read(self, name: str, largest: int = LARGEST_XML) -> bytes:
        """Return one part, never more than `largest`, whatever its header says; all parts share one total."""
        entry = self._entries.get(name)
        if entry is None:
            refuse("broken")
        data = b"".join(self._pieces(entry, min(largest, self._left)))
        if len(data) != entry.file_size or zlib.crc32(data) != entry.CRC:
            refuse("broken")
        self._left -= len(data)
        return data

    def _pieces(self, entry: zipfile.ZipInfo, room: int) -> Iterator[bytes]:
        start = _data_start(self._content, entry)
        packed = memoryview(self._content)[start : start + entry.compress_size]
        if entry.compress_type == zipfile.ZIP_STORED:
            if len(packed) > room:
                refuse("bomb")
            yield bytes(packed)
            return
        inflate = zlib.decompressobj(-15)
        for at in range(0, len(packed), _PIECE):
            data = packed[at : at + _PIECE]
            while len(data) and not inflate.eof:
                piece = _inflated(inflate, bytes(data))
                room -= len(piece)
                if room < 0:
                    refuse("bomb")
                yield piece
                data = memoryview(inflate.unconsumed_tail)
        yield inflate.flush()


def _inflated(inflate: zlib._Decompress, data: bytes) -> bytes:
    try:
        return inflate.decompress(data, 1 << 20)
    except zlib.error:
        refuse("broken")


def _directory(content: bytes) -> list[zipfile.ZipInfo]:
    if len(content) < _END.size:
        refuse("broken")
    magic, *_, count, _, _, comment = _END.unpack(content[-_END.size :])
    if magic != b"PK\x05\x06" or comment:
        refuse("polyglot" if b"PK\x05\x06" in content[-66000:] else "broken")
    if count > MOST_PARTS:
        refuse("bomb")
    try:
        with zipfile.ZipFile(BytesIO(content)) as opened:
            entries = opened.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error, EOFError):
        refuse("broken")
    if len(entries) != count or not entries:
        refuse("broken")
    return entries


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        steps = name.rstrip("/").split("/")
        if any(step in {"", ".", ".."} for step in steps) or any(c in name for c in '\\:\x00*?"<>|'):
            refuse("broken")
        if name.lower() in seen:
            refuse("broken")
        seen.add(name.lower())
        if entry.flag_bits & _ENCRYPTED:
            refuse("encrypted")
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            refuse("broken")
        # A symbolic link: the upper half of the attributes is a Unix mode.
        if entry.external_attr >> 28 == 0xA:
            refuse("broken")
    if sum(entry.file_size for entry in entries) > MOST_UNZIPPED:
        refuse("bomb")


def _check_places(content: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """Entries follow each other; between two there is at most a data descriptor, and before the first nothing."""
    end = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < end:
            refuse("bomb")
        if entry.header_offset - end > (24 if end else 0):
            refuse("polyglot")
        end = _data_start(content, entry) + entry.compress_size
    directory = struct.unpack("<L", content[-6:-2])[0]
    if not 0 <= directory - end <= 24:
        refuse("polyglot" if directory > end else "bomb")


def _data_start(content: bytes, entry: zipfile.ZipInfo) -> int:
    head = content[entry.header_offset : entry.header_offset + _LOCAL.size]
    if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
        refuse("broken")
    fields = _LOCAL.unpack(head)
    name_at = entry.header_offset + _LOCAL.size
    name = content[name_at : name_at + fields[9]]
    if fields[2] & _ENCRYPTED:
        refuse("encrypted")
    # What the local header calls it must be what the directory calls it, or readers would see two different files.
    if fields[3] != entry.compress_type or not _same_name(name, entry.orig_filename):
        refuse("broken")
    return name_at + int(fields[9]) + int(fields[10])


def _same_name(raw: bytes, name: str) -> bool:
    return any(raw == _encoded(name, encoding) for encoding in ("utf-8", "cp437"))


def _encoded(name: str, encoding: str) -> bytes | None:
    try:
        return name.encode(encoding)
    except UnicodeEncodeError:
        return None
