"""Pictures that are too large, cut, or something else as well."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image

from tests.hostile.case import CLEAN, Case, case


def encoded(form: str, mode: str = "RGB", size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, form, **options)
    return out.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def _png(width: int, height: int) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + _chunk(b"IEND", b"")


def _jpg(width: int, height: int) -> bytes:
    plain = encoded("JPEG")
    at = plain.index(b"\xff\xc0") + 5
    return plain[:at] + struct.pack(">HH", height, width) + plain[at + 4 :]


def _tif(pages: int) -> bytes:
    more = [Image.new("1", (8, 8)) for _ in range(pages - 1)]
    return encoded("TIFF", "1", (8, 8), save_all=True, append_images=more)


def _tif_loop() -> bytes:
    head = b"II*\0\x08\0\0\0"
    tags = [(256, 4, 1, 8), (257, 4, 1, 8), (273, 4, 1, 8), (279, 4, 1, 8)]
    return head + struct.pack("<H", 4) + b"".join(struct.pack("<HHLL", *tag) for tag in tags) + struct.pack("<L", 8)


def _tif_big() -> bytes:
    head = b"II*\0\x08\0\0\0"
    tags = [
        (256, 4, 1, 60000),
        (257, 4, 1, 60000),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (279, 4, 1, 8),
    ]
    return head + struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHLL", *each) for each in tags) + b"\0" * 4


def cases() -> list[Case]:
    php = encoded("JPEG", comment=b"<?php system($_GET[0]); ?>")
    archive = b"PK\x03\x04" + b"x" * 40 + b"PK\x05\x06" + b"\0" * 18
    frames = [Image.new("RGB", (64, 48), "red")]
    return [
        case("bomb.png", "60,000 by 60,000", _png(60000, 60000), "too_many_pixels"),
        case("bomb-max.png", "2^31 by 2^31", _png(2**31 - 1, 2**31 - 1), "too_many_pixels", "broken"),
        case("short.png", "less data than its header says", _png(4000, 4000), "broken"),
        case("bomb.jpg", "65,000 by 65,000", _jpg(65000, 65000), "too_many_pixels"),
        case("bomb.tif", "60,000 by 60,000", _tif_big(), "too_many_pixels"),
        case("pages.tif", "150 pages", _tif(150), "too_many_pages"),
        case("loop.tif", "a page after which it comes again", _tif_loop(), "broken", "too_many_pages", CLEAN),
        case("cut.jpg", "cut in the middle", encoded("JPEG", size=(640, 480))[:900], "broken"),
        case("cut.png", "cut in the middle", encoded("PNG", size=(640, 480))[:300], "broken"),
        case("cut.tif", "cut in the middle", encoded("TIFF", size=(640, 480))[:3000], "broken"),
        case("php.jpg", "program in a comment", php, CLEAN),
        case("zip.jpg", "an archive behind", encoded("JPEG") + archive, CLEAN),
        case("zip.png", "an archive behind", encoded("PNG") + archive, CLEAN),
        case("animated.png", "a second picture", encoded("PNG", save_all=True, append_images=frames), CLEAN),
        case("really.jpg", "GIF called JPG", encoded("GIF"), "not_allowed"),
        case(
            "picture.svg",
            "script in a drawing",
            b"<svg onload='alert(1)' xmlns='http://www.w3.org/2000/svg'/>",
            "not_allowed",
        ),
        case("photo.exe", "picture called a program", encoded("JPEG"), "name_mismatch"),
        case("photo.hta", "picture called a web program", encoded("PNG"), "name_mismatch"),
        case("wechat.png", "JPEG called PNG (harmless)", encoded("JPEG"), CLEAN),
        case("照片\u202egpj.jpg", "name that reads backwards", encoded("JPEG"), CLEAN),
        case("\udcff\udcfe.jpg", "name that is no text", encoded("JPEG"), CLEAN),
    ]
