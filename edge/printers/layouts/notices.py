"""业务受理, 补正 and 不予受理 notices: numbered, dated, with seal and remedies (facts on the domain, §4)."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from edge.printers.layouts.facts import Facts, Line, Link, Paragraph, Part, Word

A4_MM = (Decimal(210), Decimal(297))


class Gap(Part):
    """What is missing, and to which standard it must be supplied."""

    what: Line
    standard: Paragraph


class Notice(Facts):
    """One notice. All that is missing is told at once (行政许可法 32); a refusal has its reason and its remedies."""

    template: ClassVar[str] = "notice"
    width_mm: ClassVar[Decimal] = A4_MM[0]
    height_mm: ClassVar[Decimal | None] = A4_MM[1]

    kind: Literal["accepted", "to_be_completed", "not_accepted"]
    number: Word
    authority: Line
    applicant: Line
    contact: Word
    item: Line
    case_number: Word
    applied_on: Word
    legal_basis: Paragraph
    reason: Paragraph | None = None
    gaps: tuple[Gap, ...] = Field(default=(), max_length=60)
    due_on: Word | None = None
    promised_on: Word | None = None
    remedies: Paragraph | None = None
    handler: Word
    handler_phone: Word
    dated: Word
    copies: tuple[Word, ...] = Field(default=(), max_length=10)
    qr: Link

    @model_validator(mode="after")
    def _says_what_its_kind_must(self) -> Self:
        needs = {
            "accepted": self.promised_on is not None and not self.gaps,
            "to_be_completed": bool(self.gaps) and self.due_on is not None,
            "not_accepted": self.reason is not None and self.remedies is not None and not self.gaps,
        }
        if not needs[self.kind]:
            raise ValueError("what this kind of notice must say, and nothing else")
        return self
