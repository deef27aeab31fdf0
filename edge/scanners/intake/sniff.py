"""What a file is, by its first bytes; and whether its name says something else."""

from __future__ import annotations

from typing import Literal

from edge.scanners.intake.limits import refuse

Kind = Literal["pdf", "jpg", "png", "tif", "zip"]

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tif"),
    (b"MM\x00*", "tif"),
    (b"PK\x03\x04", "zip"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAME = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "tiff": "tif"}
_PICTURES = {"jpg", "png", "tif"}


def sniff(content: bytes) -> Kind:
    """Return the kind, or refuse.

    A PDF must begin with its header: readers accept it within the first 1,024 bytes, and that is the room in which
    another file's header hides.

    Raises:
        FileRefusedError: `empty`, `encrypted`, `macros`, `polyglot` or `not_allowed`.
    """
    if not content.strip(b"\x00 \t\r\n"):
        refuse("empty")
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    if content.startswith(_OLE):
        _refuse_ole(content)
    if b"%PDF-" in content[:1024]:
        refuse("polyglot")
    refuse("not_allowed")


def _refuse_ole(content: bytes) -> None:
    """An OLE file is an encrypted office file, an old one (with or without macros), or an installer."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        refuse("encrypted")
    if "_VBA_PROJECT".encode("utf-16-le") in content or "Macros".encode("utf-16-le") in content:
        refuse("macros")
    refuse("not_allowed")


def compare_name(name: str, kind: str) -> tuple[str, ...]:
    """Return the note of a name that is a little wrong; refuse one that claims to be something else.

    Phones and chat programs call JPEGs `.png`; between pictures that is harmless and noted. No extension at all says
    nothing. Everything else (a PDF called `.docx`, a picture called `.exe`) was made on purpose or is a mistake that
    the staff would stumble over.
    """
    stem, dot, extension = name.rpartition(".")
    said = extension.strip().lower()
    said = _SAME.get(said, said)
    if said == kind:
        return ()
    if not dot or not stem or ({said, kind} <= _PICTURES):
        return ("name_corrected",)
    refuse("name_mismatch")
