"""What goes onto other papers: the custodian's mark of an archive copy, and the courier's label."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from edge.printers.layouts.facts import Facts, Line, Link, Word
from edge.printers.layouts.notices import A4_MM


class ArchiveMark(Facts):
    """The mark that makes a copy as good as the archive's paper: custodian, request, page; laid over each page."""

    template: ClassVar[str] = "archive_mark"
    width_mm: ClassVar[Decimal] = A4_MM[0]
    height_mm: ClassVar[Decimal | None] = A4_MM[1]

    custodian: Line
    fonds: Word
    request: Word
    copied_on: Word
    page: int = Field(ge=1, le=9999)
    pages: int = Field(ge=1, le=9999)
    qr: Link


class Waybill(Facts):
    """A courier's label; the receiver is masked by whoever fills it in, and the mask is checked."""

    template: ClassVar[str] = "waybill"
    width_mm: ClassVar[Decimal] = Decimal(100)
    height_mm: ClassVar[Decimal | None] = Decimal(150)

    carrier: Word
    item_number: Word = Field(pattern=r"^[A-Z0-9]{8,30}$")
    receiver: Word = Field(pattern=r"^[^*\d]\*+[^*\d]?$")
    receiver_phone: Word = Field(pattern=r"^1\d{2}\*{4}\d{4}$")
    receiver_address: Line
    sender: Line
    sender_phone: Word
    official_document: bool
    weight_g: int = Field(ge=1, le=50000)
    accepted_on: Word

    @property
    def bar(self) -> str:
        """What the bar code carries."""
        return self.item_number
