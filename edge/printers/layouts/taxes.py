"""Samples of 个人所得税纳税记录 and of both forms of 税收完税证明 (facts on the domain, §3).

Only the tax authority makes an original: a signed file is printed as it was received. What is set here is for the
demonstration and for tests, and every sheet says 样张.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field, computed_field

from edge.printers.layouts.amounts import capitals
from edge.printers.layouts.facts import Facts, Line, Link, Money, Paragraph, Part, Word
from edge.printers.layouts.notices import A4_MM


class _TaxPaper(Facts):
    width_mm: ClassVar[Decimal] = A4_MM[0]
    height_mm: ClassVar[Decimal | None] = A4_MM[1]

    sample: Literal[True] = True
    number: Word
    issued_on: Word
    authority: Line
    taxpayer: Line
    taxpayer_number: Word
    qr: Link
    check_code: Word


class RecordRow(Part):
    """A row of 纳税记录."""

    declared_on: Word
    paid: Money
    stored_on: Word
    income: Line
    period: Word
    authority: Line
    note: Line | None = None


class TaxRecord(_TaxPaper):
    """个人所得税纳税记录, for periods from 2019-01 on, also without tax paid."""

    template: ClassVar[str] = "tax_record"

    period: Word
    id_kind: Word
    rows: tuple[RecordRow, ...] = Field(max_length=200)

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own way; mypy does not know it
    @property
    def total(self) -> Decimal:
        """The sum of the rows; what was paid back counts negative."""
        return sum((row.paid for row in self.rows), Decimal("0.00"))

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own way; mypy does not know it
    @property
    def total_in_capitals(self) -> str:
        """The sum as Chinese capitals."""
        return capitals(self.total)


class CertificateRow(Part):
    """A row of the table form of 税收完税证明; a refund is negative."""

    voucher: Word
    tax: Word
    item: Line
    period: Word
    stored_on: Word
    amount: Money


class _TaxCertificate(_TaxPaper):
    rows: tuple[CertificateRow, ...] = Field(min_length=1, max_length=200)
    filled_by: Word
    note: Paragraph | None = None

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own way; mypy does not know it
    @property
    def total(self) -> Decimal:
        """The sum of the rows; refunds count negative."""
        return sum((row.amount for row in self.rows), Decimal("0.00"))

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own way; mypy does not know it
    @property
    def total_in_capitals(self) -> str:
        """The sum as Chinese capitals."""
        return capitals(self.total)


class TaxCertificateTable(_TaxCertificate):
    """税收完税证明 (表格式)."""

    template: ClassVar[str] = "tax_certificate_table"


class TaxCertificateText(_TaxCertificate):
    """税收完税证明 (文书式), for periods to 2018-12."""

    template: ClassVar[str] = "tax_certificate_text"

    period: Word
