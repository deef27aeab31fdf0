"""What hostile drives are made of: honest ones of the simulator, and a hand that writes where it should not."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from edge.scanners.usb_drive.simulator import write_image
from edge.scanners.usb_drive.simulator.fat import Fat
from edge.scanners.usb_drive.simulator.image import Kind
from tests.hostile.pdfs import saved

SECTOR = 512
PDF = saved(lambda pdf: None)
ONE = {"ok.pdf": PDF}


class FatDrive:
    """A FAT volume without a partition table. Short names are `ND00~001PDF`, by the place in their folder."""

    def __init__(self, files: Mapping[str, bytes] = ONE, kind: Fat = "fat12", size: int | None = None) -> None:
        self.image = bytearray(write_image(kind, files, table="none", size=size))
        self._bits = {"fat12": 12, "fat16": 16, "fat32": 32}[kind]
        self._cluster = self.image[13]
        reserved, copies, roots = struct.unpack_from("<HBH", self.image, 14)
        fat = struct.unpack_from("<H", self.image, 22)[0] or struct.unpack_from("<I", self.image, 36)[0]
        self._fat_at, self._fat_size, self._copies = reserved * SECTOR, fat * SECTOR, copies
        self._data_at = self._fat_at + copies * self._fat_size + roots * 32

    def put(self, at: int, layout: str, *values: int | bytes) -> FatDrive:
        """Write numbers at a place."""
        struct.pack_into(layout, self.image, at, *values)
        return self

    def row(self, number: int = 1, ending: str = "PDF") -> int:
        """Return the place of a short entry, the first of that name."""
        return self.image.index(f"ND{number // 1000:02}~{number % 1000:03}{ending:3}".encode())

    def first(self, row: int) -> int:
        """Return the first cluster that an entry names."""
        low: int = struct.unpack_from("<H", self.image, row + 26)[0]
        return low

    def begin_at(self, row: int, cluster: int) -> FatDrive:
        """Let an entry name this first cluster."""
        return self.put(row + 26, "<H", cluster & 0xFFFF).put(row + 20, "<H", cluster >> 16)

    def link(self, cluster: int, following: int) -> FatDrive:
        """Let this cluster follow that one, in both tables."""
        for copy in range(self._copies):
            at = self._fat_at + copy * self._fat_size
            if self._bits == 12:
                at += cluster * 3 // 2
                both = struct.unpack_from("<H", self.image, at)[0]
                shift = 4 * (cluster & 1)
                self.put(at, "<H", (both & (0xF if shift else 0xF000)) | (following & 0xFFF) << shift)
            else:
                self.put(at + cluster * self._bits // 8, "<H" if self._bits == 16 else "<I", following)
        return self

    def place(self, cluster: int) -> int:
        """Return where a cluster lies."""
        return int(self._data_at + (cluster - 2) * self._cluster * SECTOR)

    def done(self) -> bytes:
        """Return the image."""
        return bytes(self.image)


def exfat(files: Mapping[str, bytes] = ONE) -> bytearray:
    """An exFAT volume without a table, smaller than one that is sold."""
    return bytearray(write_image("exfat", files, table="none", size=4 << 20))


def boot(kind: Kind, at: int, layout: str, *values: int | bytes) -> bytes:
    """An honest volume with one thing wrong in its boot sector."""
    image = bytearray(write_image(kind, ONE, table="none", size=(4 << 20) if kind == "exfat" else None))
    struct.pack_into(layout, image, at, *values)
    return bytes(image)


def streams(image: bytearray) -> list[int]:
    """Return the places of exFAT's file entries (0x85) in their order."""
    return [at for at in range(0, len(image) - 64, 32) if image[at] == 0x85 and image[at + 32] == 0xC0]
