"""DOCX: packed anew from parts that can only be looked at; whoever brings more is asked for a PDF.

Fields with code, objects and templates from outside are refused and not cut out: what remained would not be the
document that its author saw, and the person can make a PDF of it that is.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from edge.ports import ImportedFile
from edge.scanners.intake.archive import Archive
from edge.scanners.intake.limits import MOST_UNZIPPED, refuse
from edge.scanners.intake.markup import local, walk

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAIN = MEDIA_TYPE + ".main+xml"
_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(app|core|custom)\.xml|docProps/thumbnail\.(jpeg|jpg|png|emf|wmf)"
    r"|word/[\w-]+\.xml|word/_rels/[\w-]+\.xml\.rels|word/(theme|diagrams|charts)/(_rels/)?[\w-]+\.xml(\.rels)?"
    r"|word/glossary/(_rels/)?[\w-]+\.xml(\.rels)?|customXml/(_rels/)?[\w-]+\.xml(\.rels)?"
    r"|word/media/[\w. -]+\.(png|jpe?g|gif|bmp|tiff?|emf|wmf)|word/fonts/[\w-]+\.(odttf|ttf)",
    re.IGNORECASE,
)
_MACROS = re.compile(r"vba|macro|\.(docm|dotm|xlm)|activex", re.IGNORECASE)
_OBJECTS = re.compile(r"embeddings/|oleobject|afchunk|\.(bin|exe|dll|js|vbs|html?|mht|rtf|hta|lnk|scr)$", re.IGNORECASE)
# Fields that fetch or start something, also when their name is spelt by a QUOTE field of character codes.
_FIELDS = re.compile(
    r"DDE|INCLUDE(TEXT|PICTURE)|\bIMPORT\b|\bLINK\b|MACROBUTTON|DATABASE|QUOTE\s*\"?\s*\d", re.IGNORECASE
)
_ELEMENTS = {"object", "OLEObject", "altChunk", "control", "subDoc", "attachedTemplate"}
_LINK = "/hyperlink"


def clean(archive: Archive) -> ImportedFile:
    """Check every part and pack them anew, in the order in which they came."""
    _check_types(archive)
    out, pages, notes = BytesIO(), 0, set[str]()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as packed:
        for name in archive.names:
            if name.endswith("/"):
                continue
            data = _part(name, archive, notes)
            if name == "docProps/app.xml":
                pages = _claimed_pages(data)
            packed.writestr(zipfile.ZipInfo(name), data, _method(name))
    return ImportedFile(out.getvalue(), MEDIA_TYPE, max(pages, 1), b"", tuple(sorted(notes)))


def _method(name: str) -> int:
    return zipfile.ZIP_STORED if name.lower().endswith((".png", ".jpg", ".jpeg")) else zipfile.ZIP_DEFLATED


def _check_types(archive: Archive) -> None:
    types: dict[str, str] = {}
    names = [name for name in archive.names if not name.endswith("/")]

    def started(name: str, attributes: dict[str, str]) -> None:
        if _MACROS.search(attributes.get("ContentType", "")):
            refuse("macros")
        if local(name) == "Override":
            types[attributes.get("PartName", "").lstrip("/").lower()] = attributes.get("ContentType", "")

    if any(_MACROS.search(name) for name in names):
        refuse("macros")
    walk(archive.read("[Content_Types].xml"), started)
    if "word/document.xml" not in names or types.get("word/document.xml") != _MAIN:
        refuse("not_allowed")
    if any(_OBJECTS.search(name) for name in names):
        refuse("active")
    if not all(_PARTS.fullmatch(name) for name in names):
        refuse("not_allowed")


def _part(name: str, archive: Archive, notes: set[str]) -> bytes:
    lower = name.lower()
    if lower.endswith(".rels"):
        return _relations(archive.read(name), notes)
    if lower.endswith(".xml"):
        data = archive.read(name)
        _check_markup(data)
        return data
    data = archive.read(name, MOST_UNZIPPED)
    if data.startswith((b"MZ", b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"#!", b"\x7fELF")):
        refuse("active")
    return data


def _check_markup(data: bytes) -> None:
    inside, instructions = [""], list[str]()

    def started(name: str, attributes: dict[str, str]) -> None:
        inside[0] = local(name)
        if inside[0] in _ELEMENTS:
            refuse("active")
        instructions.extend(value for key, value in attributes.items() if local(key) == "instr")
        if inside[0] == "fldChar":
            instructions.append(" ")

    def text(piece: str) -> None:
        if inside[0] in {"instrText", "delInstrText"}:
            instructions.append(piece)

    walk(data, started, text)
    if _FIELDS.search("".join(instructions)):
        refuse("active")


def _relations(data: bytes, notes: set[str]) -> bytes:
    """Return the relations with web addresses taken out: a link stays visible and leads nowhere."""
    kept: list[dict[str, str]] = []

    def started(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship":
            kept.append(_relation(attributes, notes))

    walk(data, started)
    rows = "".join(f"<Relationship {_attributes(each)}/>" for each in kept)
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f'{head}<Relationships xmlns="{space}">{rows}</Relationships>'.encode()


def _relation(attributes: dict[str, str], notes: set[str]) -> dict[str, str]:
    kind, target = attributes.get("Type", ""), attributes.get("Target", "")
    if _MACROS.search(kind):
        refuse("macros")
    if _OBJECTS.search(kind + " ") or "template" in kind.lower() or "frame" in kind.lower():
        refuse("active")
    outside = attributes.get("TargetMode", "").lower() == "external" or ":" in target or target.startswith(("\\", "//"))
    if outside and not kind.endswith(_LINK):
        refuse("active")
    if outside:
        notes.add("links_removed")
        return {"Id": attributes.get("Id", ""), "Type": kind, "Target": "about:blank", "TargetMode": "External"}
    return {key: attributes.get(key, "") for key in ("Id", "Type", "Target")}


def _attributes(each: dict[str, str]) -> str:
    return " ".join(f'{key}="{_escaped(value)}"' for key, value in each.items())


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _claimed_pages(data: bytes) -> int:
    """Return what the document says of itself; nothing depends on it."""
    found = re.search(rb"<Pages>(\d{1,4})</Pages>", data)
    return int(found.group(1)) if found else 0
