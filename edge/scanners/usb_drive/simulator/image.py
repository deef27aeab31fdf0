"""One call for a whole drive: a file system of some kind with the files, behind a partition table or without."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import Literal

from edge.scanners.usb_drive.simulator.exfat import exfat_volume
from edge.scanners.usb_drive.simulator.fat import fat_volume
from edge.scanners.usb_drive.simulator.tree import as_tree

Kind = Literal["fat12", "fat16", "fat32", "exfat"]
Table = Literal["mbr", "gpt", "none"]
SECTOR = 512
SIZES: dict[Kind, int] = {"fat12": 4 << 20, "fat16": 16 << 20, "fat32": 40 << 20, "exfat": 16 << 20}
_FIRST = 2048
_TYPES: dict[Kind, int] = {"fat12": 0x01, "fat16": 0x06, "fat32": 0x0C, "exfat": 0x07}
# Basic data partition EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, as a GPT stores it.
_BASIC_DATA = bytes.fromhex("a2a0d0ebe5b9334487c068b6b72699c7")
_GPT_SECTORS, _GPT_ENTRIES = 34, 128


def write_image(kind: Kind, files: Mapping[str, bytes], *, table: Table = "mbr", size: int | None = None) -> bytes:
    """Return the bytes of a drive of `size` bytes (a fitting one if not said) with these files by path.

    Raises:
        ValueError: they do not fit.
    """
    whole = (size or SIZES[kind]) // SECTOR
    first, after = {"mbr": (_FIRST, 0), "gpt": (_FIRST, _GPT_SECTORS - 1), "none": (0, 0)}[table]
    sectors = whole - first - after
    tree = as_tree(files)
    volume = exfat_volume(tree, sectors) if kind == "exfat" else fat_volume(kind, tree, sectors, hidden=first)
    image = bytearray(whole * SECTOR)
    image[first * SECTOR : first * SECTOR + len(volume)] = volume
    if table == "mbr":
        image[446:462] = _row(_TYPES[kind], first, sectors)
    elif table == "gpt":
        _write_gpt(image, first, sectors)
    if table != "none":
        image[510:512] = b"\x55\xaa"
    return bytes(image)


def _row(kind: int, first: int, sectors: int) -> bytes:
    """A row of the table; cylinders and heads are long out of use and say "look at the sector numbers"."""
    return struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", kind, b"\xfe\xff\xff", first, sectors)


def _write_gpt(image: bytearray, first: int, sectors: int) -> None:
    whole = len(image) // SECTOR
    image[446:462] = _row(0xEE, 1, whole - 1)
    entry = _BASIC_DATA + b"\x11" * 16 + struct.pack("<QQQ", first, first + sectors - 1, 0)
    entries = (entry + bytes(128 - len(entry))).ljust(_GPT_ENTRIES * 128, b"\0")
    end = whole - _GPT_SECTORS + 1
    image[2 * SECTOR : 2 * SECTOR + len(entries)] = entries
    image[end * SECTOR : end * SECTOR + len(entries)] = entries
    for here, other, table in ((1, whole - 1, 2), (whole - 1, 1, end)):
        image[here * SECTOR : here * SECTOR + 92] = _gpt_header(here, other, table, whole, zlib.crc32(entries))


def _gpt_header(here: int, other: int, table: int, whole: int, crc: int) -> bytes:
    usable = (_GPT_SECTORS, whole - _GPT_SECTORS)
    fields = (b"EFI PART", 0x10000, 92, 0, 0, here, other, *usable, b"\x22" * 16, table, _GPT_ENTRIES, 128, crc)
    layout = "<8sIIIIQQQQ16sQIII"
    plain = struct.pack(layout, *fields)
    return plain[:16] + struct.pack("<I", zlib.crc32(plain)) + plain[20:]
