"""Signed documents for stations: `config`, `expected`, `staff`, `print`; fetched by hash, versions only rise."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from joserfc.jwk import OKPKey
from pydantic import Field
from pydantic_core import to_json

from contract.ids import BadgeId, CaseNumber, Sha256, StationId
from contract.print_orders import PrintBody
from contract.signing import sign
from contract.wire import Any, AwareDatetime, WireModel

DOCUMENT_TYP = "nd-document+jwt"


class ExpectedCase(WireModel):
    """A case whose item may be loaded.

    `card_hash` is the recipient's, `collectors` those of authorised relatives: `contract.ids.card_hash` of their
    citizen numbers. With `second_factor` a code or QR alone opens nothing. `low`: the recipient needs a compartment
    low down.
    """

    case_number: CaseNumber
    title: Annotated[str, Field(max_length=120)]
    size: Literal["s", "m", "l"] = "s"
    recipient_mask: Annotated[str, Field(max_length=40)] = ""
    card_hash: Sha256 | None = None
    collectors: Annotated[tuple[Sha256, ...], Field(max_length=10)] = ()
    second_factor: bool = False
    low: bool = False
    due: AwareDatetime | None = None


class ExpectedBody(WireModel):
    """Cases to load at this station."""

    cases: tuple[ExpectedCase, ...] = ()


class StaffMember(WireModel):
    """One person with rights at this station; `pin` is an argon2id hash string."""

    badge: BadgeId
    name: Annotated[str, Field(max_length=40)] = ""
    pin: str
    rights: tuple[Literal["load", "clear", "service"], ...]
    valid_until: AwareDatetime


class StaffBody(WireModel):
    """Who may work at this station."""

    staff: tuple[StaffMember, ...] = ()


class ConfigBody(WireModel):
    """Settings that the authority may change from afar; doors are not among them.

    `window_*` say when the service window is open, `courier_*` how papers can be sent: what a citizen is offered when
    no compartment fits. A waiting place ends at `waiting_until` (the station's wall clock, HH:MM); at most
    `waiting_places` are given at a time, and with 0 none.
    """

    deposits_open: bool = True
    idle_seconds: Annotated[int, Field(ge=15, le=600)] = 60
    pickup_hours: Annotated[int, Field(ge=1, le=720)] = 72
    extension_hours: Annotated[int, Field(ge=0, le=168)] = 24
    window_zh: Annotated[str, Field(max_length=80)] = "工作日 9:00–17:00"
    window_en: Annotated[str, Field(max_length=80)] = "working days 9:00–17:00"
    courier_zh: Annotated[str, Field(max_length=120)] = "可用邮政快递（EMS）寄到本中心"
    courier_en: Annotated[str, Field(max_length=120)] = "by EMS courier to this centre"
    waiting_until: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "09:00"
    waiting_places: Annotated[int, Field(ge=0, le=200)] = 20
    notice_zh: Annotated[str, Field(max_length=200)] = ""
    notice_en: Annotated[str, Field(max_length=200)] = ""


class StationDocument(WireModel):
    """What is signed: kind, station, version and body.

    It travels as a compact JWS (alg EdDSA, kid, typ nd-document+jwt or none). The hub serves it at
    `GET /station-documents/{sha256}`, by the SHA-256 of the JWS in ASCII, with `Authorization: Bearer` and the
    station's token.
    """

    v: Literal[1] = 1
    kind: Literal["config", "expected", "staff", "print"]
    station: StationId
    version: Annotated[int, Field(ge=1)]
    issued_at: AwareDatetime
    body: dict[str, Any]


def read_body(document: StationDocument) -> WireModel:
    """Return the body as its kind's model (`ConfigBody`, `ExpectedBody`, `StaffBody`, `PrintBody`).

    Raises:
        pydantic.ValidationError: the body is not of that shape.
    """
    return BODIES[document.kind].model_validate_json(to_json(document.body))


BODIES: dict[str, type[WireModel]] = {
    "config": ConfigBody,
    "expected": ExpectedBody,
    "staff": StaffBody,
    "print": PrintBody,
}


def sign_document(document: StationDocument, key: OKPKey) -> tuple[str, str]:
    """Return `(token, sha256)`: the compact JWS and the hash by which it is fetched."""
    token = sign(document.to_bytes(), key, typ=DOCUMENT_TYP)
    return token, hashlib.sha256(token.encode()).hexdigest()
