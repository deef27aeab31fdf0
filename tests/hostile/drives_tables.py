"""Drives whose partition table lies, and drives that hold no file system that is read here."""

from __future__ import annotations

import os
import random
import struct
from pathlib import Path

from edge.scanners.usb_drive.simulator import write_image
from tests.hostile.drive_case import DriveCase, drive, offers, refuses, write_holes
from tests.hostile.drive_parts import ONE, SECTOR, FatDrive

_START = 2048
_SIZE = 6 << 20


def rows(*entries: tuple[int, int, int]) -> bytes:
    """Four rows of a table: kind, first sector, number of sectors."""
    packed = b"".join(struct.pack("<4xB3xII", *each) for each in entries)
    return packed.ljust(64, b"\0") + b"\x55\xaa"


def behind(table: bytes, *more: tuple[int, bytes], size: int = _SIZE) -> bytes:
    """An honest volume at sector 2048 of a drive with this table, and more at other sectors."""
    image = bytearray(size)
    volume = FatDrive().done()
    image[_START * SECTOR : _START * SECTOR + len(volume)] = volume
    image[446:512] = table
    for sector, data in more:
        image[sector * SECTOR : sector * SECTOR + len(data)] = data
    return bytes(image)


def _link(table: bytes) -> bytes:
    return bytes(446) + table


def _chain(length: int) -> bytes:
    """Extended partitions, each of one sector, that name nothing but the next."""
    more = [(12_000 + at, _link(rows((5, at + 1, 1)))) for at in range(length)]
    return behind(rows((5, 12_000, length), (1, _START, 8192)), *more, size=16 << 20)


def gpt(count: int = 128, width: int = 128, table: int = 2, first: int = _START, last: int = _START + 8191) -> bytes:
    """A GPT whose header says these things; `count` rows, as far as they fit, all name the same volume."""
    head = struct.pack("<8sIIIIQQQQ16sQII", b"EFI PART", 1 << 16, 92, 0, 0, 1, 0, 34, 9000, b"", table, count, width)
    row = (b"\x11" * 32 + struct.pack("<QQ", first, last)).ljust(128, b"\0")
    return behind(rows((0xEE, 1, 0xFFFFFFFF)), (1, head), (2, row * min(count, 128)))


def _noise(size: int, *puts: tuple[int, bytes]) -> bytes:
    image = bytearray(random.Random(5).randbytes(size))
    for at, data in puts:
        image[at : at + len(data)] = data
    return bytes(image)


def _marked(*puts: tuple[int, bytes], size: int = 1 << 20) -> bytes:
    image = bytearray(size)
    for at, data in puts:
        image[at : at + len(data)] = data
    return bytes(image)


def _two_tebibytes(path: Path) -> None:
    """Really that large, but nearly all of it a hole."""
    write_holes(path, behind(rows((1, _START, 0xFFFFFFFF))))
    os.truncate(path, 2 << 40)


def _tables() -> list[DriveCase]:
    honest = offers({"ok.pdf": "clean"})
    real = (1, _START, 8192)
    many = rows((5, 100, 4000), real)
    looped = behind(many, (100, _link(rows((1, 90000, 1), (5, 0, 1)))))
    twenty = [(100 + at, _link(rows((1, 8, 8), (5, at + 1, 1)))) for at in range(40)]
    return [
        drive("table-loop", "an extended partition that leads to itself", lambda: looped, honest),
        drive("table-pair", "two that lead to each other", lambda: behind(
            many, (100, _link(rows((5, 9, 1)))), (109, _link(rows((5, 0, 1))))), honest),
        drive("table-chain", "ten thousand in a row", lambda: _chain(10_000), honest),
        drive("table-fourfold", "four links in each sector", lambda: behind(
            many, *((100 + at, _link(rows(*((5, at + step, 1) for step in (1, 2, 3, 4))))) for at in range(300))),
              honest),
        drive("table-outside", "extended behind the drive's end", lambda: behind(rows((5, 0xFFFFFFFE, 9), real)),
              honest),
        drive("table-overlap", "two volumes of which one begins within the other", lambda: behind(
            rows(real, (1, _START + 1, 8192), (1, _START, 16))), honest),
        drive("table-itself", "a volume that begins with the table", lambda: behind(rows((1, 0, 9000))),
              refuses("empty")),
        drive("table-beyond", "a volume behind the drive's end", lambda: behind(rows((1, 1 << 31, 9000))),
              refuses("empty")),
        drive("table-larger", "a volume of 2 TiB on 6 MiB", lambda: behind(rows((1, _START, 0xFFFFFFFF))), honest),
        drive("table-pieces", "more volumes than are looked at", lambda: behind(many, *twenty), honest),
        drive("table-noise", "a table of random rows", lambda: _noise(_SIZE, (510, b"\x55\xaa")),
              refuses("empty", "other", "broken")),
        drive("gpt-count", "four thousand million rows", lambda: gpt(count=0xFFFFFFFF), honest),
        drive("gpt-same", "every row names the same volume", gpt, honest),
        drive("gpt-width", "rows of no length", lambda: gpt(width=0), refuses("empty")),
        drive("gpt-width-max", "rows of two gibibytes", lambda: gpt(width=1 << 31), refuses("empty")),
        drive("gpt-place", "a table at sector 2^64 - 1", lambda: gpt(table=(1 << 64) - 1), refuses("empty")),
        drive("gpt-backwards", "a last sector before the first", lambda: gpt(first=9000, last=_START),
              refuses("empty")),
        drive("gpt-max", "a volume up to sector 2^64 - 1", lambda: gpt(last=(1 << 64) - 1), honest),
        drive("gpt-none", "a table that announces a GPT that is not there", lambda: behind(rows((0xEE, 1, 9000))),
              refuses("empty")),
        DriveCase("two-tebibytes", "2 TiB, nearly all of it a hole", _two_tebibytes, honest),
    ]  # fmt: skip


def _others() -> list[DriveCase]:
    iso = (0x8000, b"\x01CD001\x01")
    exfat = write_image("exfat", ONE, size=6 << 20)
    fat32 = write_image("fat32", ONE)
    return [
        drive("nothing", "no byte at all", lambda: b"", refuses("empty")),
        drive("short", "511 bytes", lambda: FatDrive().done()[:511], refuses("other", "broken")),
        drive("one-sector", "nothing behind the boot sector", lambda: FatDrive().done()[:512], refuses("broken")),
        drive("zeros", "only zeros", lambda: bytes(1 << 20), refuses("other")),
        drive("ones", "only 0xFF", lambda: b"\xff" * (1 << 20), refuses("other")),
        drive("noise", "random bytes", lambda: _noise(1 << 20), refuses("other")),
        drive("text", "a web page instead of a drive", lambda: b"<html><script>1</script>" * 5000, refuses("other")),
        drive("luks", "encrypted by LUKS", lambda: _noise(1 << 20, (0, b"LUKS\xba\xbe\0\2")), refuses("locked")),
        drive("bitlocker", "encrypted by BitLocker", lambda: _noise(
            1 << 20, (0, b"\xeb\x58\x90-FVE-FS-"), (510, b"\x55\xaa")), refuses("locked")),
        drive("hfs", "HFS+ of a Mac", lambda: _marked((1024, b"H+\0\4")), refuses("other")),
        drive("apfs", "APFS of a Mac", lambda: _marked((32, b"NXSB")), refuses("other")),
        drive("ext4", "ext4", lambda: _marked((1080, b"\x53\xef")), refuses("other")),
        drive("iso", "an ISO image", lambda: _marked(iso), refuses("other")),
        drive("iso-hybrid", "an ISO image with a partition table", lambda: _marked(
            iso, (446, rows((0x17, 64, 1900)))), refuses("other")),
        drive("cut-exfat", "the copy of a drive that ended early", lambda: exfat[: 1 << 20 | 9 << 10],
              refuses("broken", "other")),
        drive("cut-fat32", "the copy of a drive that ended in its table", lambda: fat32[: 1 << 20 | 80 << 10],
              refuses("broken", "other")),
    ]  # fmt: skip


def cases() -> list[DriveCase]:
    return [*_tables(), *_others()]
