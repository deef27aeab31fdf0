"""What the signed documents in force say, as plain values. They were checked before they were stored."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from contract.print_orders import PrintOrder
from edge.core.claim import Claim
from edge.store.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One person with rights at this station; `pin` is an argon2id hash string."""

    badge: str
    name: str
    pin: str
    rights: frozenset[str]
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class ExpectedCase:
    """A case whose item may be loaded."""

    case_number: str
    title: str
    size: str
    recipient_mask: str
    due: datetime | None
    claim: Claim
    low: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """What the authority may set from afar; `idle_seconds` None leaves the station file's."""

    deposits_open: bool = True
    idle_seconds: int | None = None
    pickup_hours: int = 72
    extension_hours: int = 24
    window_zh: str = "工作日 9:00–17:00"
    window_en: str = "working days 9:00–17:00"
    courier_zh: str = "可用邮政快递（EMS）寄到本中心"
    courier_en: str = "by EMS courier to this centre"
    waiting_until: str = "09:00"
    waiting_places: int = 20


def staff(tx: Transaction) -> list[StaffMember]:
    """Return everybody named by the `staff` document in force."""
    return [
        StaffMember(
            badge=each["badge"],
            name=each.get("name", ""),
            pin=each["pin"],
            rights=frozenset(each["rights"]),
            valid_until=datetime.fromisoformat(each["valid_until"]),
        )
        for each in _body(tx, "staff").get("staff", [])
    ]


def expected(tx: Transaction) -> list[ExpectedCase]:
    """Return the cases of the `expected` document in force."""
    return [
        ExpectedCase(
            case_number=each["case_number"],
            title=each["title"],
            size=each.get("size", "s"),
            recipient_mask=each.get("recipient_mask", ""),
            due=None if each.get("due") is None else datetime.fromisoformat(each["due"]),
            claim=Claim(
                each.get("card_hash"), tuple(each.get("collectors", ())), bool(each.get("second_factor", False))
            ),
            low=bool(each.get("low", False)),
        )
        for each in _body(tx, "expected").get("cases", [])
    ]


def settings(tx: Transaction) -> Settings:
    """Return the `config` document in force, or what holds without one."""
    body = _body(tx, "config")
    # A key that the document does not have keeps the default of `Settings`.
    names = (each.name for each in fields(Settings))
    return Settings(**{name: body[name] for name in names if name in body})


def print_orders(tx: Transaction, *, card_hash: str | None = None) -> list[PrintOrder]:
    """Return the orders of the `print` document in force, or those of one card."""
    orders = _body(tx, "print").get("orders", [])
    meant = [each for each in orders if card_hash is None or each.get("card_hash") == card_hash]
    return [PrintOrder.model_validate_json(json.dumps(each)) for each in meant]


def claim_on(tx: Transaction, case_number: str) -> Claim:
    """Return who may collect the item of a case: as it was when it was loaded, else as `expected` says it now."""
    kept = tx.claim(case_number)
    named = (each.claim for each in expected(tx) if each.case_number == case_number)
    return kept if kept is not None else next(named, Claim())


def _body(tx: Transaction, kind: str) -> dict[str, Any]:
    """Read the claims of the stored JWS (RFC 7515, section 3): verified by whoever stored it, not again here."""
    stored = tx.document(kind)
    if stored is None:
        return {}
    payload = stored.token.split(".")[1]
    document: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    body: dict[str, Any] = document["body"]
    return body
