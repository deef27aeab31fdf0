"""NTFS volumes of mkntfs and ntfscp with links, second streams, claims and circles written into their records.

Offsets of records and attributes as the Linux-NTFS project's documentation tells them: a record begins with `FILE`, its
attributes with type and length; the run list of a long one says where its clusters lie.
"""

from __future__ import annotations

import functools
import os
import struct
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.hostile.drive_case import DriveCase, drive, offers, refuses
from tests.hostile.drive_parts import ONE, PDF

_STANDARD, _LIST, _NAME, _DATA, _REPARSE = 0x10, 0x20, 0x30, 0x80, 0xC0
_LINK = 0x400
_LARGE = PDF + bytes(40_000)


@functools.cache
def _made(*files: tuple[str, bytes]) -> bytes:
    """An honest volume; a name may have a stream behind a colon."""
    with tempfile.TemporaryDirectory() as folder:
        image, source = Path(folder, "image"), Path(folder, "source")
        image.touch()
        os.truncate(image, 8 << 20)
        _run("mkntfs", "-F", "-Q", "-q", "-s", "512", image)
        for path, content in files:
            name, _, stream = path.partition(":")
            source.write_bytes(content)
            _run("ntfscp", "-q", *(("-N", stream) if stream else ()), image, source, name)
        return image.read_bytes()


def _run(*command: str | Path) -> None:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    subprocess.run(command, env=environment, check=True, capture_output=True)


class NtfsDrive:
    """An NTFS volume, and a hand that writes into its records."""

    def __init__(self, *files: tuple[str, bytes]) -> None:
        self.image = bytearray(_made(*files))

    def put(self, at: int, layout: str, *values: int | bytes) -> NtfsDrive:
        """Write numbers at a place."""
        struct.pack_into(layout, self.image, at, *values)
        return self

    def record(self, name: str) -> int:
        """Return where the record of a file begins."""
        return next(at for at in map(self._record_around, self._names(name)) if at is not None)

    def _record_around(self, at: int) -> int | None:
        begin = at - at % 1024
        return begin if self.image[begin : begin + 4] == b"FILE" else None

    def attribute(self, record: int, kind: int) -> int:
        """Return where an attribute of a record begins."""
        at = record + int(struct.unpack_from("<H", self.image, record + 20)[0])
        while (found := struct.unpack_from("<II", self.image, at))[0] != kind:
            assert found[0] != 0xFFFFFFFF, "no such attribute"
            at += found[1]
        return at

    def content(self, attribute: int) -> int:
        """Return where the content of a short attribute begins."""
        return attribute + int(struct.unpack_from("<H", self.image, attribute + 20)[0])

    def flag(self, name: str, flags: int, tag: int = 0) -> NtfsDrive:
        """Give a file these attributes in all places that say them."""
        for at in self._names(name):
            self.put(at - 10, "<II", 0x20 | flags, tag)
        standard = self.content(self.attribute(self.record(name), _STANDARD))
        return self.put(standard + 32, "<I", 0x20 | flags)

    def refer(self, name: str, record: int) -> NtfsDrive:
        """Let the folder's entry of a file name another record."""
        for at in self._names(name):
            if self._record_around(at) is None:
                self.put(at - 82, "<Q", record)
        return self

    def _names(self, name: str) -> list[int]:
        wanted, found, at = name.encode("utf-16-le"), list[int](), -1
        while (at := self.image.find(wanted, at + 1)) >= 0:
            if self.image[at - 2] == len(name):
                found.append(at)
        return found


def _changed(change: Callable[[NtfsDrive], object], content: bytes = PDF) -> Callable[[], bytes]:
    """A volume with `a.pdf` of this content, and an honest file."""

    def build() -> bytes:
        made = NtfsDrive(("a.pdf", content), *ONE.items())
        change(made)
        return bytes(made.image)

    return build


def _data(made: NtfsDrive) -> int:
    return made.attribute(made.record("a.pdf"), _DATA)


def _reparse(tag: int, target: str) -> bytes:
    name = target.encode("utf-16-le")
    body = struct.pack("<HHHHI", 0, len(name), 0, len(name), 0) + name
    return struct.pack("<IHH", tag, len(body), 0) + body


def _linked(tag: int, *, flagged: bool = True) -> Callable[[], bytes]:
    """Its data are what a link holds, in the attribute of links."""

    def change(made: NtfsDrive) -> None:
        made.put(_data(made), "<I", _REPARSE)
        if flagged:
            made.flag("a.pdf", _LINK, tag)

    return _changed(change, _reparse(tag, "\\??\\C:\\Windows"))


def _listed(made: NtfsDrive) -> None:
    """An attribute list that names this record again and again, for attributes that it does not hold."""
    record = made.record("a.pdf")
    number = struct.unpack_from("<I", made.image, record + 44)[0]
    row = struct.pack("<IHBBQQH6x", _LIST, 32, 0, 26, 0, number | 1 << 48, 0)
    at = _data(made)
    made.put(at, "<I", _LIST).put(made.content(at), f"{len(row) * 4}s", row * 4)


def _index_circle(made: NtfsDrive) -> None:
    """The root's block of entries is its own child."""
    block = made.image.index(b"INDX", made.image.index("ok.pdf".encode("utf-16-le")) - 4096)
    at = block + 24 + int(struct.unpack_from("<I", made.image, block + 24)[0])
    while not made.image[at + 12] & 2:
        at += int(struct.unpack_from("<H", made.image, at + 8)[0])
    total = struct.unpack_from("<I", made.image, block + 28)[0]
    made.put(at + 8, "<H", 24).put(at + 12, "<H", 3).put(at + 16, "<Q", 0)
    made.put(block + 28, "<I", total + 8).put(block + 36, "<B", 1)


def _upper_case(made: NtfsDrive) -> None:
    made.put(made.attribute(made.record("$UpCase"), _DATA) + 40, "<QQQ", 1 << 60, 1 << 60, 1 << 60)


def _boots() -> list[DriveCase]:
    bad = refuses("broken", "other")

    def boot(at: int, layout: str, value: int) -> Callable[[], bytes]:
        return _changed(lambda made: made.put(at, layout, value))

    return [
        drive("ntfs-cluster-0", "no sectors in a cluster", boot(13, "<B", 0), bad),
        drive("ntfs-cluster-max", "clusters of 2^128 bytes", boot(13, "<B", 0x80), bad),
        drive("ntfs-sector-0", "sectors of no length", boot(11, "<H", 0), bad),
        drive("ntfs-mft-far", "the first record behind the end", boot(48, "<Q", 1 << 60), bad),
        drive("ntfs-mft-0", "records that begin in the boot sector", boot(48, "<Q", 0), bad),
        drive("ntfs-record-max", "records of 2^127 bytes", boot(64, "<B", 0x81), bad),
        drive("ntfs-index-max", "blocks of entries of 2^127 bytes", boot(68, "<B", 0x81), bad),
        drive("ntfs-cut", "the copy of a volume that ended early", lambda: _made(("a.pdf", PDF),
              *ONE.items())[: 40 << 10],
              bad),
    ]  # fmt: skip


def _links() -> list[DriveCase]:
    only = offers({"ok.pdf": "clean"})
    streams = (*ONE.items(), ("ok.pdf:evil.pdf", PDF), ("ok.pdf:run.exe", b"MZ" + bytes(900)))
    return [
        drive("ntfs-symlink", "a symbolic link to C:\\Windows", _linked(0xA000000C), only),
        drive("ntfs-junction", "a junction", _linked(0xA0000003), only),
        drive("ntfs-cloud", "a file that lies in a cloud", _linked(0x9000001A), only),
        drive("ntfs-link-unsaid", "a link that does not say that it is one", _linked(0xA000000C, flagged=False), offers(
            {"ok.pdf": "clean", "a.pdf": "broken|empty"})),
        drive("ntfs-streams", "second streams behind an honest file", lambda: bytes(NtfsDrive(*streams).image), only),
    ]  # fmt: skip


def _records() -> list[DriveCase]:
    other = offers({"ok.pdf": "clean", "a.pdf": "broken|empty|not_allowed|clean"})
    only = offers({"ok.pdf": "clean"})

    def at_data(offset: int, layout: str, *values: int | bytes) -> Callable[[], bytes]:
        return _changed(lambda made: made.put(_data(made) + offset, layout, *values), _LARGE)

    def at_record(offset: int, layout: str, value: int) -> Callable[[], bytes]:
        return _changed(lambda made: made.put(made.record("a.pdf") + offset, layout, value))

    return [
        drive("ntfs-compressed", "data that only say they are compressed", at_data(12, "<H", 1), only),
        drive("ntfs-encrypted", "data that are encrypted", at_data(12, "<H", 0x4000), other),
        drive("ntfs-sparse", "1 TiB of holes", _changed(lambda made: made.put(
            _data(made) + 12, "<H", 0x8000).put(_data(made) + 40, "<QQQ", 1 << 40, 1 << 40, 1 << 40), _LARGE), only),
        drive("ntfs-size-20m", "20 MiB in ten clusters", at_data(48, "<Q", 20 << 20), offers(
            {"ok.pdf": "clean", "a.pdf": "clean|broken|too_slow"})),
        drive("ntfs-runs-far", "clusters behind the end", at_data(64, "<BBI", 0x41, 11, 0x7FFFFFFF), only),
        drive("ntfs-runs-before", "clusters before the beginning", at_data(64, "<BBi", 0x41, 11, -5), only),
        drive("ntfs-runs-odd", "a run of fifteen bytes for each number", at_data(64, "<B", 0xFF), only),
        drive("ntfs-runs-none", "no runs at all", at_data(64, "<B", 0), only),
        drive("ntfs-attribute-0", "an attribute of no length", at_data(4, "<I", 0), only),
        drive("ntfs-attribute-max", "an attribute of 4 GiB", at_data(4, "<I", 0xFFFFFFFF), only),
        drive("ntfs-attributes-far", "attributes behind their record", at_record(20, "<H", 0xFFF8), only),
        drive("ntfs-no-standard", "a record that says nothing of itself", _changed(
            lambda made: made.put(made.attribute(made.record("a.pdf"), _STANDARD), "<I", 0x100)), only),
        drive("ntfs-fix-ups", "65,535 places to mend in a record", at_record(6, "<H", 0xFFFF), only),
        drive("ntfs-deleted", "a record that is not in use", at_record(22, "<H", 0), other),
        drive("ntfs-file-folder", "a file that says it is a folder", at_record(22, "<H", 3), other),
        drive("ntfs-list", "a list of attributes that names itself", _changed(_listed, bytes(200)), only),
        drive("ntfs-root-inside", "the root within itself", _changed(lambda made: made.refer("a.pdf", 5 | 5 << 48)),
              only),
        drive("ntfs-own-files", "the table of all records, called a PDF", _changed(
            lambda made: made.refer("a.pdf", 0 | 1 << 48)), only),
        drive("ntfs-record-far", "a record that does not exist", _changed(
            lambda made: made.refer("a.pdf", 0x7FFFFFFF | 1 << 48)), only),
        drive("ntfs-index-circle", "a block of entries that is its own child", _changed(_index_circle),
              refuses("broken")),
        drive("ntfs-upper-bomb", "a table of upper case of 2^60 bytes", _changed(_upper_case), offers(
            {"ok.pdf": "clean", "a.pdf": "clean"})),
    ]  # fmt: skip


def cases() -> list[DriveCase]:
    return [*_boots(), *_links(), *_records()]
