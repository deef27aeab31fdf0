"""营业执照 of the 2019 edition: 正本 420 x 297 and 副本 297 x 210 mm, both landscape (facts on the domain, §2).

The stock already carries emblem, border, title, seal, authority's marks and the publicity site; the machine prints
code, recorded items and QR code. Where exactly is not published: places are millimetres, moved by what a printer needs.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from contract.ids import CodeFault, read_uscc
from edge.printers.layouts.facts import Facts, Line, Link, LongText, Word

Kind = Literal["company", "partnership", "sole_proprietorship", "individual_business", "branch"]
_NEEDS_CAPITAL = frozenset({"company", "partnership", "sole_proprietorship"})
Shift = Annotated[Decimal, Field(ge=-20, le=20, decimal_places=2)]


class Licence(Facts):
    """What a business licence says. `shift_x_mm`, `shift_y_mm` move all that is printed, right and down.

    `capital` stands for companies, partnerships and sole proprietorships; individual businesses have the composition
    (`composition`) instead, branches neither. `production` prints on stock; otherwise stock and 样张 are drawn.
    """

    kind: Kind
    name: Line
    uscc: Word
    person: Line
    type_text: Line
    capital: Word | None = None
    composition: Word | None = None
    place: Line
    scope: LongText
    founded: Word
    issued: Word | None = None
    authority: Line
    qr: Link
    production: bool
    shift_x_mm: Shift = Decimal(0)
    shift_y_mm: Shift = Decimal(0)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind in _NEEDS_CAPITAL) != (self.capital is not None):
            raise ValueError("a capital, for this type of business alone")
        if (self.kind == "individual_business") != (self.composition is not None):
            raise ValueError("a composition, for an individual business alone")
        match read_uscc(self.uscc):
            case CodeFault():
                raise ValueError("a unified social credit code")
        return self


class LicenceOriginal(Licence):
    """正本, hung on the wall."""

    template: ClassVar[str] = "licence_original"
    width_mm: ClassVar[Decimal] = Decimal(420)
    height_mm: ClassVar[Decimal | None] = Decimal(297)


class LicenceCopy(Licence):
    """副本; several are told apart as (副本)(n-m)."""

    template: ClassVar[str] = "licence_copy"
    width_mm: ClassVar[Decimal] = Decimal(297)
    height_mm: ClassVar[Decimal | None] = Decimal(210)

    copy_number: int = Field(ge=1, le=99)
    copies: int = Field(ge=1, le=99)

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if self.copy_number > self.copies:
            raise ValueError("a copy among those there are")
        return self
