"""Names that a drive gives: made printable, short and harmless, and never used for anything but being shown."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, cast

Kind = Literal["pdf", "ofd", "jpg", "png", "tif", "docx"]

LONGEST_SHOWN = 120
_KINDS = {each: each for each in ("pdf", "ofd", "jpg", "png", "tif", "docx")} | {
    "jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "tiff": "tif",
}  # fmt: skip
# Names that Windows takes for devices, whatever follows the dot: the staff may save the file there.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SEPARATORS = frozenset('/\\:*?"<>|')


def kind_of(name: str) -> Kind | None:
    """Return the kind that the name claims, None for one that is not taken; its content is judged when it is read."""
    _, dot, extension = name.rpartition(".")
    return cast("Kind | None", _KINDS.get(extension.strip().lower())) if dot else None


def is_left_by_a_program(name: str) -> bool:
    """Whether a program keeps it for itself: hidden by its dot (macOS, Linux), `~$` of an office program."""
    return name.startswith((".", "~$"))


def shown(name: str) -> str:
    """Return the name as text for a screen: nothing that hides, turns the line around, or names a place.

    A name that is too long keeps its beginning and its end, where its kind stands.
    """
    text = unicodedata.normalize("NFC", "".join(map(_plain, name[:1024])))
    text = " ".join(text.split()).rstrip(". ") or "_"
    if _RESERVED.fullmatch(text):
        text = f"_{text}"
    if len(text) > LONGEST_SHOWN:
        text = f"{text[: LONGEST_SHOWN - 21]}…{text[-20:]}"
    return text


def _plain(character: str) -> str:
    if character in _SEPARATORS or unicodedata.category(character) in _UNSHOWN:
        return "_"
    return character
