"""Event types of documents coming in and paper going out; part of the list in `events.py`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contract.event_base import EventData, ShortText
from contract.ids import BadgeId, ReceiptNumber, Sha256
from contract.wire import UUID, Count, WireModel

CardKind = Literal["citizen", "hmt_resident", "foreign_2017", "foreign_2023"]


class FileReference(WireModel):
    """A file that travels by HTTP; the event only names its content."""

    sha256: Sha256
    size: Count
    media_type: ShortText


class DocumentCaptured(EventData):
    """Pages were captured and joined into one document."""

    type: ClassVar[str] = "document_captured"
    receipt_number: ReceiptNumber | None = None
    pages: Count
    file: FileReference


class UsbImported(EventData):
    """Files were copied from a USB drive."""

    type: ClassVar[str] = "usb_imported"
    receipt_number: ReceiptNumber | None = None
    files: tuple[FileReference, ...]


class UsbRefused(EventData):
    """A drive or a file on it was refused; `reason` is a code."""

    type: ClassVar[str] = "usb_refused"
    reason: ShortText
    receipt_number: ReceiptNumber | None = None


class IdentityRead(EventData):
    """A card was read; only a keyed hash and a mask of its number leave the station."""

    type: ClassVar[str] = "identity_read"
    card_hash: Sha256
    mask: ShortText
    kind: CardKind
    receipt_number: ReceiptNumber | None = None


class PrintRequested(EventData):
    """A paper was asked for: for `order` if it is one of a print order; `sha256` is that of the PDF that is sent."""

    type: ClassVar[str] = "print_requested"
    job: UUID
    layout: ShortText
    receipt_number: ReceiptNumber | None = None
    blank: ShortText | None = None
    order: UUID | None = None
    sha256: Sha256 | None = None


class PrintDone(EventData):
    """The device gave evidence that the paper came."""

    type: ClassVar[str] = "print_done"
    job: UUID
    layout: ShortText
    receipt_number: ReceiptNumber | None = None


class PrintUnverified(EventData):
    """It may or may not have been printed; never printed again by itself."""

    type: ClassVar[str] = "print_unverified"
    job: UUID
    layout: ShortText
    receipt_number: ReceiptNumber | None = None


class PrintFailed(EventData):
    """It was not printed, and why."""

    type: ClassVar[str] = "print_failed"
    job: UUID
    layout: ShortText
    reason: ShortText
    receipt_number: ReceiptNumber | None = None


class PaperTaken(EventData):
    """A printed paper was taken from the output."""

    type: ClassVar[str] = "paper_taken"
    job: UUID
    layout: ShortText


class PaperLeft(EventData):
    """A printed paper lay in the output when nobody was left who could take it; a technician looks after it."""

    type: ClassVar[str] = "paper_left"
    job: UUID
    layout: ShortText


class BlankVoided(EventData):
    """A numbered sheet of secure paper was made void by two persons."""

    type: ClassVar[str] = "blank_voided"
    blank: ShortText
    reason: ShortText
    staff: Annotated[tuple[BadgeId, ...], Field(min_length=2, max_length=2)]


class StockLoaded(EventData):
    """A range of blanks was put into a tray."""

    type: ClassVar[str] = "stock_loaded"
    tray: ShortText
    first: ShortText
    last: ShortText
    staff: BadgeId
