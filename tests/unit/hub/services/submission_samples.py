"""A submission as station and hub leave it: rows, contents in the file store, and its list."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.manifest import MANIFEST_TYPE
from hub.db.engine import writing
from hub.db.file_tables import files
from hub.db.submission_tables import submission_files
from hub.db.tables import deposits
from hub.services.file_disk import FileDisk, make_folder
from hub.services.file_format import Announced
from tests.unit.hub.services.samples import NOW, STATION, a_deposit, put

PDF, DOCX = "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def a_picture(text: str, size: tuple[int, int] = (620, 877), color: str = "white") -> Image.Image:
    """A sheet with a thick stroke at its upper left, so that one sees how it is turned."""
    picture = Image.new("RGB", size, color)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((30, 30, 150, 90), fill="black")
    pen.text((200, 40), text, fill="black", font_size=40)
    for row in range(140, size[1] - 60, 34):
        pen.line((40, row, size[0] - 60 - row % 90, row), fill="#556", width=5)
    return picture


def a_pdf(*texts: str) -> bytes:
    sheets = [a_picture(text) for text in texts]
    out = io.BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=75)
    return out.getvalue()


def a_png() -> bytes:
    out = io.BytesIO()
    a_picture("photo", (900, 600), "#dfe8f4").save(out, "PNG")
    return out.getvalue()


async def store(engine: AsyncEngine, disk: FileDisk, content: bytes, media_type: str, station: str = STATION) -> str:
    """Take a content in as the upload does; return its hash."""
    said = Announced(sha(content), len(content), media_type)
    place(disk, said, content, station)
    row = {"sha256": said.sha256, "size": said.size, "media_type": media_type, "state": "verified"}
    await put(engine, files, {**row, "verified_at": NOW, "told_at": NOW})
    return said.sha256


def place(disk: FileDisk, said: Announced, content: bytes, station: str = STATION) -> None:
    """Let a content lie whole in its place, without a row."""
    disk.announce(station, said)
    part = disk.open_part(station, said.sha256)
    assert part is not None
    part.append(content)
    make_folder(disk.place(said.sha256).parent)
    part.place(disk.place(said.sha256))
    part.close()


@dataclass(frozen=True)
class Brought:
    """One document; `here` says whether it has arrived."""

    kind: str
    content: bytes
    media_type: str
    pages: int
    name: str = ""
    notes: tuple[str, ...] = ()
    checks: tuple[dict[str, Any], ...] = ()
    here: bool = True

    @property
    def reference(self) -> dict[str, Any]:
        return {"sha256": sha(self.content), "size": len(self.content), "media_type": self.media_type}


GLARE = {"page": 2, "name": "glare", "score": 0.031, "threshold": 0.02}
PAGES = Brought("camera", a_pdf("one", "two", "three"), PDF, 3, checks=(GLARE,))
DRIVE = Brought("usb", a_pdf("charter"), PDF, 1, "公司章程.pdf", ("links_removed", "scripts_removed"))
PHOTO = Brought("usb", a_png(), "image/png", 1, "门店 \u202egpj照片.png")
LETTER = Brought("usb", b"PK\x03\x04 a letter", DOCX, 2, "申请书.docx")
LATE = Brought("usb", a_pdf("late"), PDF, 1, "补充材料.pdf", here=False)


@dataclass
class Submitted:
    """What `a_submission` made."""

    receipt: str
    brought: tuple[Brought, ...]
    manifest: bytes = field(repr=False)


async def a_submission(
    engine: AsyncEngine,
    disk: FileDisk,
    *brought: Brought,
    list_is_here: bool = True,
    garbled: bytes = b"",
    **columns: object,
) -> Submitted:
    """Documents and paper under one receipt number."""
    receipt = await a_deposit(engine, "made", count_said=3, **columns)
    parts = [
        {"kind": b.kind, "file": b.reference, "pages": b.pages, "name": b.name, "notes": b.notes, "checks": b.checks}
        for b in brought
    ]
    body = {"v": 1, "receipt_number": receipt, "parts": parts, "compartment": 12}
    manifest = garbled or json.dumps(body, ensure_ascii=False).encode()
    rows = [*((b.kind, b.reference, b.pages if b.kind == "camera" else None) for b in brought)]
    rows.append(("manifest", {"sha256": sha(manifest), "size": len(manifest), "media_type": MANIFEST_TYPE}, None))
    await promise(engine, receipt, rows)
    for each in brought:
        if each.here:
            await store(engine, disk, each.content, each.media_type)
    if list_is_here:
        await store(engine, disk, manifest, MANIFEST_TYPE)
    return Submitted(receipt, brought, manifest)


async def promise(engine: AsyncEngine, receipt: str, rows: list[tuple[str, dict[str, Any], int | None]]) -> None:
    """What ingest leaves of the events: rows, and the list's hash at the deposit."""
    for kind, file, pages in rows:
        fixed = {"receipt_number": receipt, "station": STATION, "kind": kind, "pages": pages, "at": NOW}
        await put(engine, submission_files, {**fixed, **file})
        if kind == "manifest":
            async with writing(engine) as connection:
                query = deposits.update().where(deposits.c.receipt_number == receipt)
                await connection.execute(query.values(manifest=file["sha256"]))
