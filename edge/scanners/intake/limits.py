"""What a file may be at most, and how it is refused. One file may cost its worker 2 s and 256 MiB."""

from __future__ import annotations

from typing import Literal, NoReturn

from edge.errors import FileRefusedError

MIB = 1024 * 1024
LARGEST_FILE = 50 * MIB
MOST_PAGES = 500
MOST_PIXELS = 50_000_000
MOST_DECODED = 150_000_000
MOST_OBJECTS = 50_000
LARGEST_STREAM = 160 * MIB
MOST_INFLATED = 320 * MIB
MOST_PARTS = 2000
LARGEST_XML = 24 * MIB
MOST_UNZIPPED = 120 * MIB

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "jpg": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

Reason = Literal[
    "too_large",
    "too_much",
    "empty",
    "not_allowed",
    "name_mismatch",
    "polyglot",
    "broken",
    "encrypted",
    "macros",
    "active",
    "active_signed",
    "bomb",
    "too_many_pages",
    "too_many_pixels",
    "too_slow",
    "virus",
    "no_scanner",
]
"""Why a file is refused; each has words, `file_<reason>`, in the kiosk's texts."""


def refuse(reason: Reason) -> NoReturn:
    """Raise the refusal; it names no file and no content."""
    raise FileRefusedError(reason)
