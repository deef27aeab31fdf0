"""The drives that a visitor of the demonstration finds: honest, large and new, bad, locked, broken."""

from __future__ import annotations

import hashlib
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import pikepdf

from edge.scanners.usb_drive.simulator.documents import (
    as_jpg,
    as_pdf,
    as_png,
    as_tif,
    contract_docx,
    form_page,
    invoice_ofd,
    kitchen_photo,
    licence_page,
    shop_photo,
)
from edge.scanners.usb_drive.simulator.image import write_image

_PIECE = 1 << 16


def honest() -> bytes:
    """What somebody who opens a small restaurant brings: FAT32 behind a partition table."""
    files = {
        "营业执照.pdf": as_pdf(licence_page()),
        "食品经营许可申请表.tif": as_tif(form_page(), licence_page()),
        "房屋租赁合同.docx": contract_docx(),
        "电子发票.ofd": invoice_ofd(),
        "照片/店面.jpg": as_jpg(shop_photo()),
        "照片/后厨.png": as_png(kitchen_photo()),
        "音乐/夜曲.mp3": b"ID3" + bytes(2000),
        "说明.txt": "演示用的样本文件。".encode(),
    }
    return write_image("fat32", files)


def large() -> bytes:
    """A newer drive: exFAT behind a GPT, folders in folders, many files."""
    photo = as_jpg(shop_photo().resize((800, 600)))
    files = {f"手机备份/2026年1月/IMG_{number:04}.jpg": photo for number in range(1, 19)}
    return write_image("exfat", {"办证材料/营业执照.pdf": as_pdf(licence_page()), **files}, table="gpt", size=24 << 20)


def bad() -> bytes:
    """A drive with everything that must not come in, and one file that may: FAT16 without a partition table."""
    files = {
        "正常的申请表.pdf": as_pdf(form_page()),
        "带脚本的申请表.pdf": _with_script(as_pdf(form_page())),
        "加密的执照.pdf": _encrypted(as_pdf(licence_page())),
        "其实是程序.jpg": b"MZ" + bytes(4000),
        "带宏的合同.docx": contract_docx({"word/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(500)}),
        "压缩炸弹.docx": _zip_bomb(),
        "巨大的图.png": _huge_png(),
        "传了一半的发票.ofd": invoice_ofd()[:-300],
        "autorun.inf": b"[autorun]\r\nopen=setup.exe\r\n",
        "照片.lnk": b"L\0\0\0" + bytes(100),
        "setup.exe": b"MZ" + bytes(4000),
    }
    return write_image("fat16", files, table="none")


def locked() -> bytes:
    """A drive that BitLocker has encrypted: nothing but its boot sector can be told from noise."""
    noise = bytearray(_noise(b"locked"))
    noise[:512] = (b"\xeb\x58\x90-FVE-FS-" + bytes(499)) + b"\x55\xaa"
    return bytes(noise)


def broken() -> bytes:
    """A drive whose beginning was lost."""
    return _noise(b"broken")


DRIVES: Mapping[str, Callable[[], bytes]] = {
    "honest": honest, "large": large, "bad": bad, "locked": locked, "broken": broken,
}  # fmt: skip


def main(kind: str, path: Path) -> None:
    """Write a drive to a file; where it is empty the file is, too."""
    image = DRIVES[kind]()
    with path.open("wb") as file:
        for at in range(0, len(image), _PIECE):
            piece = image[at : at + _PIECE]
            if any(piece):
                file.seek(at)
                file.write(piece)
        file.truncate(len(image))


def _noise(seed: bytes) -> bytes:
    return hashlib.shake_128(seed).digest(4 << 20)


def _zip_bomb() -> bytes:
    """A hundred and thirty megabytes of blanks in a document of a few hundred kilobytes."""
    out = BytesIO(contract_docx())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("word/styles.xml", "w") as part:
        for _ in range(130):
            part.write(b" " * (1 << 20))
    return out.getvalue()


def _with_script(document: bytes) -> bytes:
    with pikepdf.open(BytesIO(document)) as pdf:
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('hello')")
        pdf.Root.OpenAction = script
        return _saved(pdf)


def _encrypted(document: bytes) -> bytes:
    with pikepdf.open(BytesIO(document)) as pdf:
        return _saved(pdf, pikepdf.Encryption(owner="sample", user="sample"))


def _saved(pdf: pikepdf.Pdf, encryption: pikepdf.Encryption | None = None) -> bytes:
    out = BytesIO()
    pdf.save(out, encryption=encryption or False)
    return out.getvalue()


def _huge_png() -> bytes:
    """Half a gigabyte of pixels in a hundred bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(7501 * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
