"""Documents that citizens hand in as files, and the submission that joins them with paper."""

from __future__ import annotations

from collections.abc import Iterator

from contract.events import DocumentCaptured, FileReference, IdentityRead, SubmissionMade, UsbImported
from contract.ids import LONGEST_MASK
from hub.db.submission_tables import submission_files
from hub.db.tables import deposits
from hub.ingest.arrived import Arrived
from hub.ingest.changes import Change, Rule


def document_captured(event: Arrived, data: DocumentCaptured) -> Iterator[Change]:
    """One document of captured pages is on its way."""
    if data.receipt_number is not None:
        yield _promised(event, data.receipt_number, "camera", data.file, min(data.pages, 2**31 - 1))


def usb_imported(event: Arrived, data: UsbImported) -> Iterator[Change]:
    """Files of a drive are on their way."""
    if data.receipt_number is not None:
        for file in data.files:
            yield _promised(event, data.receipt_number, "usb", file)


def submission_made(event: Arrived, data: SubmissionMade) -> Iterator[Change]:
    """The submission stands among the deposits; without paper it has no compartment."""
    key, phone = {"receipt_number": data.receipt_number}, {}
    if data.phone_sealed is not None:
        phone = {"event": event.id, "has_phone": True}
    manifest = None if data.manifest is None else data.manifest.sha256
    if any(part.kind == "paper" for part in data.parts):
        # Its paper was told by a deposit of the same number, in doubt or not.
        yield Change(deposits, Rule.EDIT, key, {"manifest": manifest, **phone})
    else:
        fresh = {"event": event.id, "has_phone": False, "low": False}
        values = {"station": event.station, "state": "made", "made_at": event.when, "manifest": manifest, **phone}
        yield Change(deposits, Rule.PUT, key, values, fresh)
    if data.manifest is not None:
        yield _promised(event, data.receipt_number, "manifest", data.manifest)


def identity_read(event: Arrived, data: IdentityRead) -> Iterator[Change]:
    """A card said whose submission it is; told after `submission_made`, so that its row is there."""
    if data.receipt_number is not None:
        values = {"card_hash": data.card_hash, "card_mask": data.mask[:LONGEST_MASK], "card_kind": data.kind}
        yield Change(deposits, Rule.EDIT, {"receipt_number": data.receipt_number}, values)


def _promised(event: Arrived, receipt: str, kind: str, file: FileReference, pages: int | None = None) -> Change:
    key = {"receipt_number": receipt, "sha256": file.sha256}
    values = {
        "station": event.station, "kind": kind, "size": file.size, "media_type": file.media_type, "pages": pages,
        "at": event.when or event.received_at,
    }  # fmt: skip
    return Change(submission_files, Rule.NEW, key, values)
