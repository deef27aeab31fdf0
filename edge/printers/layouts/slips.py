"""Papers from the roll: what a citizen holds, tickets, labels. Chinese first, English below, the number large."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field

from edge.printers.layouts.facts import Facts, Line, Link, Paragraph, Part, Word

DOTS = 576
"""What an 80 mm head prints across, at 203 dots an inch (72.07 mm); facts on hardware, §4.2."""
DOTS_PER_INCH = 203


class RollPaper(Facts):
    """Paper from a roll, cut where the text ends."""

    width_mm: ClassVar[Decimal] = Decimal(DOTS) * Decimal("25.4") / DOTS_PER_INCH

    station_zh: Line
    station_en: Line
    reprint: bool = False


class Pair(Part):
    """A label in both languages and what it says."""

    zh: Word
    en: Word
    value: Line


class Material(Part):
    """One row of what was handed in; `copies` and `pages` as the citizen said or the station counted."""

    name: Line
    quality: Literal["original", "copy", "both", "file", "pages"]
    copies: int = Field(ge=1, le=999)
    pages: int = Field(ge=0, le=9999)


class ReceiptSlip(RollPaper):
    """收件回执 of a deposit or a submission (facts on the domain, §4). Receipt is not acceptance: the paper says so."""

    template: ClassVar[str] = "receipt"

    title_zh: Word
    title_en: Word
    number: Word
    rows: tuple[Pair, ...] = Field(max_length=20)
    details: tuple[Line, ...] = Field(default=(), max_length=60)
    materials: tuple[Material, ...] = Field(default=(), max_length=100)
    next_zh: Paragraph
    next_en: Paragraph
    qr: Link | None = None


class FailureSlip(RollPaper):
    """What a citizen holds when something was refused or failed: what happened, what is safe, what to do next."""

    template: ClassVar[str] = "failure"

    title_zh: Word
    title_en: Word
    number: Word
    rows: tuple[Pair, ...] = Field(default=(), max_length=20)
    details: tuple[Line, ...] = Field(default=(), max_length=60)
    happened_zh: Paragraph
    happened_en: Paragraph
    safe_zh: Paragraph
    safe_en: Paragraph
    next_zh: Paragraph
    next_en: Paragraph
    qr: Link | None = None


class PickupSlip(RollPaper):
    """What permits a pickup, on paper: the code to type and the same as QR."""

    template: ClassVar[str] = "pickup"

    compartment: int = Field(ge=1, le=9999)
    code: Word
    until: Word
    qr: Link
    next_zh: Paragraph
    next_en: Paragraph


class TicketSlip(RollPaper):
    """叫号单: the business, the floor, several windows and how many wait ahead (facts on the domain, §0; §9, 34)."""

    template: ClassVar[str] = "ticket"

    number: Word
    business_zh: Line
    business_en: Line
    floor: int = Field(ge=-9, le=99)
    windows: tuple[Word, ...] = Field(min_length=1, max_length=30)
    ahead: int = Field(ge=0, le=9999)
    taken_at: Word
    next_zh: Paragraph
    next_en: Paragraph


class CompartmentLabel(RollPaper):
    """A label for a compartment's door or for what lies inside: the number large, the item's label as QR."""

    template: ClassVar[str] = "compartment_label"

    compartment: int = Field(ge=1, le=9999)
    label: Word
    qr: Link
    note: Line | None = None
