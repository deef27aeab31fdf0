"""The list of what a submission holds: a file of its own, sent to the hub like every other one.

What a citizen called a file, and what was seen on a page, is personal: it travels and rests as content of this file and
never in an event. `submission_made` names the manifest by its hash.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contract.event_base import ShortText
from contract.ids import CompartmentNumber, ReceiptNumber, Sha256
from contract.paper_events import CardKind, FileReference
from contract.wire import Count, WireModel

MANIFEST_TYPE = "application/vnd.nightdesk.manifest+json"
MOST_PARTS = 200


class PageCheck(WireModel):
    """A look at one page (from 1) that was not good: `blur`, `glare`, `blank`, `finger`, `cut`, `duplicate`."""

    page: Annotated[int, Field(ge=1)]
    name: ShortText
    score: float
    threshold: float


class ManifestPart(WireModel):
    """One document: captured pages joined into one file, or a file of a USB drive.

    `name` is what the drive called it, empty for captured pages. `notes` are codes of what was taken out of it.
    """

    kind: Literal["camera", "usb"]
    file: FileReference
    pages: Count
    name: Annotated[str, Field(max_length=255)] = ""
    notes: tuple[ShortText, ...] = ()
    checks: tuple[PageCheck, ...] = ()


class Submitter(WireModel):
    """Whose card was on the reader: the keyed hash and the mask of its number, as in `identity_read`."""

    card_hash: Sha256
    mask: ShortText
    kind: CardKind


class Manifest(WireModel):
    """A whole submission; `compartment` holds its paper, None when there is none; no `submitter`, no card was read."""

    v: Literal[1] = 1
    receipt_number: ReceiptNumber
    parts: Annotated[tuple[ManifestPart, ...], Field(max_length=MOST_PARTS)]
    compartment: CompartmentNumber | None = None
    submitter: Submitter | None = None
