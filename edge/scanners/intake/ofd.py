"""OFD (GB/T 33190): kept byte for byte, because its seals cover its parts; so everything in it must be harmless.

A ZIP with OFD.xml at its root, Doc_N folders with Document.xml, pages, resources, annotations and signatures, all XML,
pictures, fonts and signature data. Electronic invoices bring an XML attachment of the invoice's data, which is allowed.
"""

from __future__ import annotations

import re

from edge.ports import ImportedFile
from edge.scanners.intake.archive import Archive
from edge.scanners.intake.limits import MOST_PAGES, MOST_UNZIPPED, refuse
from edge.scanners.intake.markup import local, walk

MEDIA_TYPE = "application/ofd"
_PARTS = re.compile(r"(?:[^/]+/)*[^/]+\.(xml|png|jpe?g|bmp|tiff?|gif|jb2|gbig2|ttf|otf|ttc|dat|esl)", re.IGNORECASE)
# Elements of an action that starts, plays or fetches something.
_ACTIONS = {"Movie", "Sound", "GotoA", "URI", "MultiMedias", "Script", "JavaScript"}
_FOREIGN = (b"MZ", b"\x7fELF", b"#!", b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"%PDF-", b"<html", b"<script")


def clean(archive: Archive) -> ImportedFile:
    """Check every part; nothing is changed."""
    pages = 0
    _check_root(archive.read("OFD.xml"))
    for name in archive.names:
        if name.endswith("/"):
            continue
        if name.rsplit("/", 1)[-1].lower() in {"encryptions.xml", "decryptseed.dat"}:
            refuse("encrypted")
        if not _PARTS.fullmatch(name):
            refuse("active" if re.search(r"\.(exe|js|vbs|bat|hta|lnk|html?|bin|dll)$", name, re.I) else "not_allowed")
        pages += _check_part(name, archive)
    if not pages:
        refuse("broken")
    if pages > MOST_PAGES:
        refuse("too_many_pages")
    signed = any("/signs/" in f"/{name.lower()}" for name in archive.names)
    return ImportedFile(archive.content, MEDIA_TYPE, pages, b"", ("signature_kept",) if signed else ())


def _check_root(data: bytes) -> None:
    seen: list[str] = []
    walk(data, lambda name, _attributes: seen.append(local(name)))
    if seen[0] != "OFD" or "DocBody" not in seen:
        refuse("not_allowed")


def _check_part(name: str, archive: Archive) -> int:
    """Return how many pages this part lists."""
    if not name.lower().endswith(".xml"):
        if archive.read(name, MOST_UNZIPPED).lstrip()[:8].lower().startswith(tuple(each.lower() for each in _FOREIGN)):
            refuse("active")
        return 0
    pages = [0]

    def started(element: str, attributes: dict[str, str]) -> None:
        kind = local(element)
        if kind in _ACTIONS:
            refuse("active")
        if kind == "Page" and "BaseLoc" in attributes:
            pages[0] += 1

    walk(archive.read(name), started)
    return pages[0] if name.lower().endswith("document.xml") else 0
