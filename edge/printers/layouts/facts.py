"""What a layout is told: one frozen model per paper. Text is data, never markup; what cannot stand on paper is refused.

Lengths are counted in characters, sizes on paper in millimetres, money in yuan with two places.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# Controls, format characters (bidi overrides among them), lone surrogates, unassigned, private use, line separators.
_NOT_PRINTABLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def printable(text: str) -> str:
    """Return the text in normal form C.

    Raises:
        ValueError: a character that has no place on paper; the text itself is not told.
    """
    if any(unicodedata.category(sign) in _NOT_PRINTABLE for sign in text):
        raise ValueError("a character that cannot be printed")
    return unicodedata.normalize("NFC", text)


def _cents(amount: Decimal) -> Decimal:
    if not amount.is_finite() or amount != amount.quantize(Decimal("0.01")):
        raise ValueError("an amount of whole fen")
    return amount.quantize(Decimal("0.01"))


Word = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(printable)]
"""A number, a name of a place, a date as it is shown."""
Line = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(printable)]
"""A sentence or a name."""
Paragraph = Annotated[str, Field(min_length=1, max_length=600), AfterValidator(printable)]
"""Several sentences."""
LongText = Annotated[str, Field(min_length=1, max_length=3000), AfterValidator(printable)]
"""As much as anybody ever wrote; whether it fits shows when it is set."""
Link = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[\x21-\x7e]+$")]
"""What a QR code carries: visible ASCII without spaces."""
Money = Annotated[Decimal, Field(ge=Decimal("-999999999999.99"), le=Decimal("999999999999.99")), AfterValidator(_cents)]
"""Yuan, exact, negative for what is paid back."""


class Part(BaseModel):
    """Base of rows and blocks inside the facts."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Facts(Part):
    """Base of what layouts are told. `template` is the file in `typ/`, `width_mm` and `height_mm` the paper.

    A height of None is paper from a roll, cut where the text ends.
    """

    template: ClassVar[str]
    width_mm: ClassVar[Decimal]
    height_mm: ClassVar[Decimal | None] = None
