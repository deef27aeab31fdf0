"""Print orders: which papers a station may print for whom. Part of the signed station document of kind `print`.

No personal data but the keyed hash and the mask: what stands on the paper is its content, fetched by hash.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from contract.ids import CaseNumber, Sha256
from contract.paper_events import FileReference
from contract.wire import UUID, AwareDatetime, WireModel

RECEIVED = "received"
"""The layout of a PDF that is printed as it came, signature and all, and never drawn again."""
FACTS_TYPE, PDF_TYPE = "application/json", "application/pdf"

Layout = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
"""A layout's name in the station's catalogue, or `received`."""
Certificate = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z()（）〔〕\[\]一-鿿-]{1,60}$")]
"""The number that stands on a paper: no name, no citizen number."""
StockKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
"""A kind of numbered blank, as `licence_original` or `licence_copy`."""


class PrintOrder(WireModel):
    """One paper that one person may print, once.

    `stock` None is plain paper. `returns` are the numbers of older papers that must be given back before this one is
    handed over. `delivery` `pickup`: staff print it and load it for `case_number`.
    """

    order: UUID
    layout: Layout
    certificate: Certificate
    stock: StockKind | None = None
    returns: Annotated[tuple[Certificate, ...], Field(max_length=10)] = ()
    delivery: Literal["kiosk", "pickup"] = "kiosk"
    card_hash: Sha256 | None = None
    mask: Annotated[str, Field(max_length=40)] = ""
    case_number: CaseNumber | None = None
    content: FileReference
    expires_at: AwareDatetime

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.delivery == "kiosk" and self.card_hash is None:
            raise ValueError("a paper printed at the kiosk belongs to a card")
        if self.delivery == "pickup" and self.case_number is None:
            raise ValueError("a paper for a compartment belongs to a case")
        if self.content.media_type != (PDF_TYPE if self.layout == RECEIVED else FACTS_TYPE):
            raise ValueError("a content of another type than the layout takes")
        return self


class PrintBody(WireModel):
    """The orders of a station that are not carried out yet."""

    orders: Annotated[tuple[PrintOrder, ...], Field(max_length=2000)] = ()
