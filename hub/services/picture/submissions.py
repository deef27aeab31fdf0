"""The documents of a submission: as its station promised them, as its list describes them, and which are here."""

from __future__ import annotations

import hashlib
import logging
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.manifest import Manifest, ManifestPart, PageCheck
from hub.db.engine import reading
from hub.db.file_tables import files
from hub.db.submission_tables import submission_files
from hub.services.drawing.pages import DRAWABLE
from hub.services.file_format import DamagedError
from hub.services.submission_files import SubmissionFiles

log = logging.getLogger(__name__)

LARGEST_LIST = 2 * 1024 * 1024
ENDINGS = {
    "application/pdf": "pdf",
    "application/ofd": "ofd",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}
"""How files of the kinds that stations take are called."""
Listed = Literal["none", "waiting", "read", "unreadable"]


@dataclass(frozen=True)
class Document:
    """One document; what a citizen called it is known when the list has arrived. `id` names it in addresses."""

    id: str
    kind: str
    sha256: str
    size: int
    media_type: str
    pages: int | None = None
    name: str = field(default="", repr=False)
    notes: tuple[str, ...] = ()
    checks: tuple[PageCheck, ...] = ()
    arrived_at: datetime | None = None

    @property
    def can_be_drawn(self) -> bool:
        """Whether its pages can be shown here."""
        return self.media_type in DRAWABLE


@dataclass(frozen=True)
class Documents:
    """All of a submission, in the order of its list; `listed` says what became of that."""

    all: tuple[Document, ...] = ()
    listed: Listed = "none"

    @property
    def here(self) -> int:
        """How many have arrived."""
        return sum(each.arrived_at is not None for each in self.all)

    def find(self, document_id: str) -> tuple[int, Document] | None:
        """Return a document and its number, from 1."""
        return next(((n, each) for n, each in enumerate(self.all, 1) if each.id == document_id), None)


async def documents_of(
    engine: AsyncEngine, contents: SubmissionFiles, receipt_number: str, manifest: str | None
) -> Documents:
    """Return what belongs to a receipt number; `manifest` is the hash of its list."""
    promised = await _promised(engine, receipt_number)
    known = {row.sha256: _of_row(receipt_number, row) for row in promised if row.kind != "manifest"}
    here = await contents.here([*known, *([manifest] if manifest else [])])
    listed: Listed = "none" if manifest is None else "waiting"
    if manifest is not None and manifest in here:
        found = await _read(contents, receipt_number, manifest)
        listed = "unreadable" if found is None else "read"
        known = known if found is None else _described(receipt_number, found, known)
        here |= await contents.here(list(known))
    arrived = {sha256: each.verified_at for sha256, each in here.items()}
    return Documents(tuple(replace(each, arrived_at=arrived.get(each.sha256)) for each in known.values()), listed)


async def arrived_of(engine: AsyncEngine, receipt_numbers: list[str]) -> dict[str, tuple[int, int]]:
    """Return of each submission how many of its promised documents are here, and how many were promised."""
    f, here = submission_files.c, files.c
    arrived = (here.sha256 == f.sha256) & (here.state == "verified")
    query = (
        select(f.receipt_number, func.count(here.sha256), func.count())
        .select_from(submission_files.outerjoin(files, arrived))
        .where(f.receipt_number.in_(receipt_numbers), f.kind != "manifest")
        .group_by(f.receipt_number)
    )
    async with reading(engine) as connection:
        return {number: (there, promised) for number, there, promised in await connection.execute(query)}


def document_id(receipt_number: str, sha256: str) -> str:
    """Return what names a document in addresses: who has the same document elsewhere cannot tell by it."""
    return hashlib.sha256(f"{receipt_number} {sha256}".encode()).hexdigest()[:20]


def shown_name(name: str) -> str:
    """Return a citizen's name of a file without what would turn or hide its letters on a screen."""
    return "".join(each if not unicodedata.category(each).startswith("C") else "\ufffd" for each in name)


async def _promised(engine: AsyncEngine, receipt_number: str) -> list[Row[Any]]:
    f = submission_files.c
    query = select(submission_files).where(f.receipt_number == receipt_number).order_by(f.kind, f.at, f.sha256)
    async with reading(engine) as connection:
        return list(await connection.execute(query))


async def _read(contents: SubmissionFiles, receipt_number: str, sha256: str) -> Manifest | None:
    """Return the list, or None when it cannot be read or speaks of another submission."""
    content = bytearray()
    try:
        async for piece in contents.pieces(sha256):
            content += piece
            if len(content) > LARGEST_LIST:
                return None
        found = Manifest.model_validate_json(bytes(content))
    except (OSError, DamagedError, ValidationError) as error:
        # Its text may hold names.
        log.error("the list of a submission cannot be read (%s)", type(error).__name__)  # noqa: TRY400 - see above
        return None
    return found if found.receipt_number == receipt_number else None


def _described(receipt_number: str, found: Manifest, known: dict[str, Document]) -> dict[str, Document]:
    """Return the documents in the order of the list, then what the list does not name."""
    listed = {part.file.sha256: _of_part(receipt_number, part) for part in found.parts}
    return listed | {sha256: each for sha256, each in known.items() if sha256 not in listed}


def _of_row(receipt_number: str, row: Row[Any]) -> Document:
    return Document(
        document_id(receipt_number, row.sha256), row.kind, row.sha256, row.size, row.media_type, row.pages or None
    )


def _of_part(receipt_number: str, part: ManifestPart) -> Document:
    file = part.file
    return Document(
        document_id(receipt_number, file.sha256), part.kind, file.sha256, file.size, file.media_type,
        part.pages or None, shown_name(part.name), part.notes, part.checks,
    )  # fmt: skip
