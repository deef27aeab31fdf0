"""Folders and chains of clusters that lead in circles, out of the drive, or on without an end."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable

from edge.scanners.usb_drive.reader import DEEPEST, MOST_FILES
from edge.scanners.usb_drive.simulator import write_image
from tests.hostile.drive_case import DriveCase, drive, offers, refuses
from tests.hostile.drive_parts import ONE, PDF, FatDrive, exfat, streams

_LARGE = PDF + bytes(30_000)
_TWO = {"a.pdf": _LARGE, "b.pdf": _LARGE}


def _changed(change: Callable[[FatDrive], object], files: dict[str, bytes]) -> Callable[[], bytes]:
    def build() -> bytes:
        made = FatDrive(files)
        change(made)
        return made.done()

    return build


def _loop_of_file(made: FatDrive) -> None:
    first = made.first(made.row(1))
    made.link(first + 1, first).put(made.row(1) + 28, "<I", 20 << 20)


def _loop_of_folder(made: FatDrive) -> None:
    """The folder's only cluster is full, of 62 files, and follows itself."""
    first = made.first(made.row(1, ""))
    made.link(first, first)
    rows = b"".join(struct.pack("<11sB14xHI", b"F%07dPDF" % at, 0x20, 0, 0) for at in range(62))
    made.put(made.place(first) + 64, f"{len(rows)}s", rows)


def _cross(made: FatDrive) -> None:
    made.begin_at(made.row(2), made.first(made.row(1)) + 3)


def _into_folder(made: FatDrive) -> None:
    """A file whose bytes are the folder's entries, and a folder whose entries are a file's bytes."""
    folder, file = made.row(1, ""), made.row(2)
    inner, outer = made.first(folder), made.first(file)
    made.begin_at(folder, outer).begin_at(file, inner)


def _own_parent(made: FatDrive) -> None:
    inner = made.image.index(b"ND00~001   ", made.place(made.first(made.row(1, ""))))
    made.begin_at(inner, made.first(made.row(1, "")))


def _fat_chains() -> list[DriveCase]:
    ok = "ok.pdf"
    far = "broken|empty"
    return [
        drive("chain-loop", "a file whose clusters follow each other in a circle", _changed(_loop_of_file, ONE), offers(
            {ok: "broken|clean|not_allowed|polyglot|empty"})),
        drive("chain-cross", "two files over the same clusters", _changed(_cross, _TWO), offers(
            {"a.pdf": "clean|polyglot", "b.pdf": "not_allowed|broken|empty"})),
        drive("chain-far", "a file in a cluster behind the end", _changed(
            lambda made: made.begin_at(made.row(), 0xFF0), ONE), offers({ok: far})),
        drive("chain-next-far", "a chain that leads behind the end", _changed(
            lambda made: made.link(made.first(made.row(1)), 0xFEE), _TWO), offers(
            {"a.pdf": "broken|clean|empty", "b.pdf": "clean"})),
        drive("chain-free", "a chain that leads to a free cluster", _changed(
            lambda made: made.link(made.first(made.row(1)), 0), _TWO),
              offers({"a.pdf": "broken|clean", "b.pdf": "clean"})),
        drive("chain-zero", "a file in cluster 0", _changed(lambda made: made.begin_at(made.row(), 0), ONE),
              offers({ok: far})),
        drive("chain-one", "a file in cluster 1", _changed(lambda made: made.begin_at(made.row(), 1), ONE),
              offers({ok: far})),
        drive("size-4g", "a file that says 4 GiB", _changed(
            lambda made: made.put(made.row() + 28, "<I", 0xFFFFFFFF), ONE), offers({ok: "too_large"})),
        drive("size-24m", "a file that says 24 MiB on a drive of 4", _changed(
            lambda made: made.put(made.row() + 28, "<I", 24 << 20), ONE), offers({ok: "broken"})),
        drive("size-0", "a file that says it is empty and has clusters", _changed(
            lambda made: made.put(made.row() + 28, "<I", 0), ONE), offers({ok: "empty"})),
        drive("table-zeros", "a FAT of nothing but zeros", _changed(
            lambda made: made.put(512, "6144s", bytes(6144)), _TWO), offers(
            {"a.pdf": "broken|clean", "b.pdf": "broken|clean"})),
        drive("file-folder", "a folder's bytes as a file, a file's bytes as a folder", _changed(
            _into_folder, {"in/a.pdf": PDF, **ONE}), offers({ok: "not_allowed|broken|empty"})),
    ]  # fmt: skip


def _wide(count: int) -> bytes:
    return FatDrive({"ok.pdf": PDF, **{f"many/{number:05}.pdf": b"" for number in range(count)}}, "fat16").done()


def _exfat_wide() -> bytes:
    """A file whose bytes are 65,536 entries, called a folder; their check sums are all the first one's."""
    one = exfat({"00000.pdf": b""})
    entry = bytes(one[(at := streams(one)[0]) : at + 96])
    digits = "00000".encode("utf-16-le")
    rows = b"".join(entry.replace(digits, f"{number:05}".encode("utf-16-le")) for number in range(1 << 16))
    image = bytearray(_large_exfat({"many": rows}))
    struct.pack_into("<H", image, streams(image)[1] + 4, 0x10)
    return bytes(image)


def _large_exfat(files: dict[str, bytes]) -> bytes:
    return write_image("exfat", {"ok.pdf": PDF, **files}, table="none", size=12 << 20)


def _deep(kind: str) -> bytes:
    path = "/".join(str(at % 10) for at in range(1000))
    files = {"ok.pdf": PDF, f"{path}/a.pdf": PDF, "/".join(["t"] * DEEPEST) + "/b.pdf": PDF}
    usual = sys.getrecursionlimit()
    # The simulator writes a folder within a folder; the reader is what must not follow.
    sys.setrecursionlimit(10_000)
    try:
        return _large_exfat(files) if kind == "exfat" else FatDrive(files, "fat16").done()
    finally:
        sys.setrecursionlimit(usual)


def _spread() -> bytes:
    """20,000 files in 100 folders, and one of use behind them."""
    files = {f"{folder:03}/{number:03}.txt": b"" for folder in range(100) for number in range(200)}
    return FatDrive({"ok.pdf": PDF, **files, "last.pdf": PDF}, "fat16").done()


def _tails() -> bytes:
    """Three hundred folders that begin at places of one chain of three mebibytes, all of deleted entries."""
    folders = {f"in/{number:03}/": b"" for number in range(300)}
    made = FatDrive({**folders, "deleted": b"\xe5" * (3 << 20), **ONE}, "fat16")
    inner, first = made.place(made.first(made.row(1, ""))), made.first(made.row(2, ""))
    for number in range(300):
        row = made.image.index(f"ND00~{number + 1:03}   ".encode(), inner)
        made.begin_at(row, first + number)
    return made.done()


def _exfat_loop() -> bytes:
    image = exfat({"in/x.pdf": b"", "in/in/y.pdf": b"", **ONE})
    outer, *_rest = streams(image)
    inner = image.index("in".encode("utf-16-le") + bytes(26), outer + 100) - 66
    image[inner + 52 : inner + 56] = image[outer + 52 : outer + 56]
    return bytes(image)


def _exfat_endless() -> bytes:
    """A folder whose one cluster is full and follows itself, and that says it is 2^60 bytes long."""
    image = exfat({**{f"in/{number:02}.pdf": b"" for number in range(42)}, **ONE})
    outer = streams(image)[0]
    first = struct.unpack_from("<I", image, outer + 52)[0]
    struct.pack_into("<Q", image, outer + 56, 1 << 60)
    struct.pack_into("<Q", image, outer + 40, 1 << 60)
    struct.pack_into("<I", image, (struct.unpack_from("<I", image, 80)[0] << 9) + 4 * first, first)
    return bytes(image)


def _folders() -> list[DriveCase]:
    clean = {"ok.pdf": "clean"}
    deep = offers(clean | {"/".join(["t"] * DEEPEST) + "/b.pdf": "clean"})
    return [
        drive("folder-parent", "a folder that lies in itself", _changed(_own_parent, {"in/in/x.pdf": b"", **ONE}),
              offers(
            clean)),
        drive("folder-root", "a folder that is the root", _changed(
            lambda made: made.begin_at(made.row(1, ""), 0), {"in/x.pdf": b"", **ONE}), offers(clean)),
        drive("folder-loop", "a folder whose clusters follow each other in a circle", _changed(
            _loop_of_folder, {"in/x.pdf": b"", **ONE}),
              offers(clean, count=63)),
        drive("folder-far", "a folder behind the end", _changed(
            lambda made: made.begin_at(made.row(1, ""), 0xFF0), {"in/x.pdf": b"", **ONE}), offers(clean)),
        drive("tails", "three hundred folders that share two mebibytes of nothing", _tails, refuses("broken")),
        drive("exfat-folder-loop", "a folder that lies in itself", _exfat_loop, offers(
            clean | {"in/x.pdf": "empty", "in/in/x.pdf": "empty"})),
        drive("exfat-folder-endless", "a folder of 2^60 bytes that follows itself", _exfat_endless, offers(
            clean, count=43)),
        drive("deep", "a thousand folders in each other", lambda: _deep("fat16"), deep),
        drive("exfat-deep", "a thousand folders in each other", lambda: _deep("exfat"), deep),
        drive("wide-10000", "ten thousand files in a folder", lambda: _wide(10_000), offers(
            {"ok.pdf": "clean"}, count=MOST_FILES)),
        drive("wide-65535", "as many as a folder of FAT holds", lambda: _wide(21_000), offers(
            {"ok.pdf": "clean"}, count=MOST_FILES)),
        drive("exfat-wide", "65,536 files in a folder", _exfat_wide, offers(
            {"ok.pdf": "clean"}, count=MOST_FILES)),
        drive("spread", "twenty thousand files before the one of use", _spread, offers(clean)),
    ]  # fmt: skip


def cases() -> list[DriveCase]:
    return [*_fat_chains(), *_folders()]
