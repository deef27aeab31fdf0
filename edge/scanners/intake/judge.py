"""The one question to this package: may this file be kept, and what of it?"""

from __future__ import annotations

from collections.abc import Callable

from edge.errors import FileRefusedError
from edge.ports import ImportedFile
from edge.scanners.intake import images, limits, pdf, zipped
from edge.scanners.intake.limits import MEDIA_TYPES, refuse
from edge.scanners.intake.sniff import compare_name, sniff

_CLEANERS: dict[str, Callable[[bytes], ImportedFile]] = {
    "pdf": pdf.clean,
    "jpg": images.clean_jpg,
    "png": images.clean_png,
    "tif": images.clean_tif,
    "zip": zipped.clean,
}


def judge(name: str, content: bytes, largest: int = limits.LARGEST_FILE) -> ImportedFile:
    """Return the cleaned file, whole and of an allowed kind.

    Runs in the drive's worker, under its limits of memory and time. The libraries below raise what they like on
    files that were made to hurt them; whatever it is, the file is broken and the person can be told so.

    Raises:
        FileRefusedError: with one of `limits.Reason`.
    """
    if len(content) > largest:
        refuse("too_large")
    try:
        return _judge(name, content)
    except FileRefusedError:
        raise
    except (MemoryError, RecursionError):
        refuse("bomb")
    except Exception:  # noqa: BLE001 - see above; its text may hold the file's content, so nothing of it is kept
        refuse("broken")


def _judge(name: str, content: bytes) -> ImportedFile:
    kind = sniff(content)
    cleaned = _CLEANERS[kind](content)
    kinds = {media_type: each for each, media_type in MEDIA_TYPES.items()}
    notes = compare_name(name, kinds[cleaned.media_type])
    return ImportedFile(
        content=cleaned.content,
        media_type=cleaned.media_type,
        pages=cleaned.pages,
        thumbnail=cleaned.thumbnail,
        notes=(*notes, *cleaned.notes),
    )
