"""Samples of 个人所得税纳税记录 and of both forms of 税收完税证明 (facts on the domain, §3).

Only the tax authority makes an original: a signed file is printed as it was received. What is set here is for the
demonstration and for tests, and every sheet says 样张.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, TypeAdapter, computed_field, model_validator

from edge.printers.layouts.amounts import capitals
from edge.printers.layouts.facts import Facts, Line, Link, Money, Paragraph, Part, Word
from edge.printers.layouts.notices import A4_MM

FIRST_RECORD = "2019-01"
"""The first period of which 纳税记录 is made; older ones have 税收完税证明 (公告2018年第55号)."""
Month = Annotated[str, Field(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$")]
Months = Annotated[str, Field(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2]) 至 (19|20)\d\d-(0[1-9]|1[0-2])$")]
"""From a month to a month, both counted."""


@dataclass(frozen=True, slots=True)
class TaxPeriod:
    """Months that one paper is about, and the layout of that paper."""

    layout: str
    first: str
    last: str

    @property
    def months(self) -> str:
        """As the papers say it."""
        return f"{self.first} 至 {self.last}"


def papers_for(first: str, last: str) -> list[TaxPeriod]:
    """Return which papers answer a request for these months (`YYYY-MM`): one, or two if it spans the change.

    Raises:
        ValueError: no months, or the last before the first.
    """
    _MONTHS.validate_python(f"{first} 至 {last}")
    if last < first:
        raise ValueError("the last month before the first")
    older = TaxPeriod(TaxCertificateText.template, first, min(last, "2018-12"))
    newer = TaxPeriod(TaxRecord.template, max(first, FIRST_RECORD), last)
    return [each for each in (older, newer) if each.first <= each.last]


def _on_its_side(layout: str, months: str) -> None:
    first, last = months.split(" 至 ")
    if [each.layout for each in papers_for(first, last)] != [layout]:
        raise ValueError("months that another paper is made for")


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
    period: Month
    authority: Line
    note: Line | None = None


class TaxRecord(_TaxPaper):
    """个人所得税纳税记录, for periods from 2019-01 on, also without tax paid."""

    template: ClassVar[str] = "tax_record"

    period: Months
    id_kind: Word
    rows: tuple[RecordRow, ...] = Field(max_length=200)

    @model_validator(mode="after")
    def _is_of_its_months(self) -> Self:
        _on_its_side(self.template, self.period)
        if any(row.period < FIRST_RECORD for row in self.rows):
            raise ValueError("a row of months that another paper is made for")
        return self

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

    period: Months

    @model_validator(mode="after")
    def _is_of_its_months(self) -> Self:
        _on_its_side(self.template, self.period)
        return self


_MONTHS: TypeAdapter[str] = TypeAdapter(Months)
