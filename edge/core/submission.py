"""What a citizen hands in at one go: documents of the camera, files of a USB drive, paper in a compartment. Pure.

Nothing of it is handed in before the citizen says so. The one exception is theirs as well: once paper of it lies in a
compartment, a submission is never dropped, whoever walks away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from contract.events import DocumentCaptured, EventData, FileReference, IdentityRead, SubmissionPart, UsbImported
from contract.manifest import Manifest, ManifestPart, PageCheck, Submitter

MOST_MATERIALS = 50
LARGEST_TOTAL = 200 * 1024 * 1024
MaterialKind = Literal["camera", "usb"]


@dataclass(frozen=True, slots=True)
class Submission:
    """An unfinished submission; `parts` in the order in which they came; `submitter` if a card said whose it is."""

    receipt_number: str
    parts: tuple[ManifestPart, ...] = ()
    submitter: Submitter | None = None

    def has(self, sha256: str) -> bool:
        """Whether a document of this content is in it."""
        return any(part.file.sha256 == sha256 for part in self.parts)

    def takes(self, size: int) -> bool:
        """Whether one more document of `size` bytes has room."""
        held = sum(part.file.size for part in self.parts)
        return len(self.parts) < MOST_MATERIALS and held + size <= LARGEST_TOTAL

    def plus(self, part: ManifestPart) -> Submission:
        """Return it with one more document."""
        return replace(self, parts=(*self.parts, part))

    def minus(self, sha256: str) -> Submission:
        """Return it without a document."""
        return replace(self, parts=tuple(part for part in self.parts if part.file.sha256 != sha256))

    def manifest(self, compartment: int | None) -> Manifest:
        """Return what is sent as its list; `compartment` holds its paper."""
        return Manifest(
            receipt_number=self.receipt_number, parts=self.parts, compartment=compartment, submitter=self.submitter
        )

    def events(self) -> tuple[EventData, ...]:
        """Return one event for each captured document, and one for all files of drives."""
        number = self.receipt_number
        captured = [
            DocumentCaptured(receipt_number=number, pages=part.pages, file=part.file)
            for part in self.parts
            if part.kind == "camera"
        ]
        files = tuple(part.file for part in self.parts if part.kind == "usb")
        return (*captured, UsbImported(receipt_number=number, files=files)) if files else tuple(captured)

    def identity(self) -> IdentityRead | None:
        """Return the event that says whose card was read, None when none was."""
        who = self.submitter
        if who is None:
            return None
        return IdentityRead(card_hash=who.card_hash, mask=who.mask, kind=who.kind, receipt_number=self.receipt_number)

    def summary(self, compartment: int | None, pieces: int | None) -> tuple[SubmissionPart, ...]:
        """Return how much of each kind it holds."""
        counts = {kind: sum(part.kind == kind for part in self.parts) for kind in ("camera", "usb")}
        parts = [SubmissionPart.model_validate({"kind": kind, "count": n}) for kind, n in counts.items() if n]
        if compartment is not None:
            parts.append(SubmissionPart(kind="paper", count=pieces or 1, compartment=compartment))
        return tuple(parts)


def material(
    kind: MaterialKind,
    file: FileReference,
    pages: int,
    *,
    name: str = "",
    notes: tuple[str, ...] = (),
    checks: tuple[PageCheck, ...] = (),
) -> ManifestPart:
    """Return one document of a submission."""
    return ManifestPart(kind=kind, file=file, pages=pages, name=name[:255], notes=notes, checks=checks)
