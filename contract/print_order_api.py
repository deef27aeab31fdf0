"""What the back office sends and reads about print orders over HTTP. Unknown fields of a request are refused."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contract.ids import CaseNumber, Sha256, StationId
from contract.print_orders import FACTS_TYPE, PDF_TYPE, Certificate, Layout, StockKind
from contract.wire import UUID, AwareDatetime

IDEMPOTENCY_KEY = r"^[!-~]{8,64}$"
OrderState = Literal[
    "ordered", "printing", "printed", "unverified", "failed", "taken", "left", "withdrawn", "expired"
]  # fmt: skip
"""`failed`: the last try failed for certain, and it may be tried again. `unverified`: staff look at the sheet."""
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


class NewPrintOrder(BaseModel):
    """A paper to be printed. Who may print it: `card_hash` with `mask`, or `citizen_number`, hashed on arrival."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    station: StationId
    layout: Layout
    certificate: Certificate
    subject: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{8,30}$")] | None = None
    stock: StockKind | None = None
    returns: Annotated[tuple[Certificate, ...], Field(max_length=10)] = ()
    delivery: Literal["kiosk", "pickup"] = "kiosk"
    card_hash: Sha256 | None = None
    citizen_number: str | None = Field(default=None, max_length=20, repr=False)
    mask: Annotated[str, StringConstraints(max_length=40, pattern=_PRINTABLE)] = ""
    case_number: CaseNumber | None = None
    facts: dict[str, Any] | None = Field(default=None, repr=False)
    pdf: Base64Bytes | None = Field(default=None, repr=False)
    expires_at: AwareDatetime

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.facts is None) == (self.pdf is None):
            raise ValueError("either facts or pdf")
        if self.card_hash is not None and self.citizen_number is not None:
            raise ValueError("either card_hash or citizen_number")
        return self

    @property
    def media_type(self) -> str:
        """Of what the station is told to print."""
        return FACTS_TYPE if self.pdf is None else PDF_TYPE

    def content(self) -> bytes:
        """Return what is printed, the same bytes for the same facts.

        Raises:
            ValueError: a number that JSON does not have.
        """
        if self.pdf is not None:
            return self.pdf
        return json.dumps(
            self.facts, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        ).encode()


class ReturnedPaper(BaseModel):
    """An older paper that was given back for an order."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    certificate: Certificate


class PrintTry(BaseModel):
    """One job of a station for an order. `sha256` is that of the PDF that went to the printer."""

    job: UUID
    state: str
    blank: str | None
    sha256: str | None
    reason: str | None
    at: AwareDatetime


class PrintOrderView(BaseModel):
    """How an order stands, as its station reported. No content and no mask."""

    order: UUID
    state: OrderState
    station: str
    layout: str
    certificate: str
    subject: str | None
    stock: str | None
    returns: tuple[str, ...]
    returned: tuple[str, ...]
    delivery: str
    case_number: str | None
    sha256: str
    expires_at: AwareDatetime
    made_at: AwareDatetime
    withdrawn_at: AwareDatetime | None
    jobs: tuple[PrintTry, ...]


class PrintOrderList(BaseModel):
    """A page of orders, newest first; `more` says whether there is another one."""

    orders: tuple[PrintOrderView, ...]
    more: bool
