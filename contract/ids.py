"""Identifiers that people and machines hold: their form, their check, and how they are made.

The face of `citizen_numbers`, `organisation_codes` and `licence_ids`, which judge numbers that others give out.

Pure: randomness comes in as a callable. Nothing here raises on odd input except through pydantic's validation.
Sources: contract of the wire, section 4 (numbers that people hold); GB/T 39554.1 for the form of a case number.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from contract.citizen_numbers import CitizenNumber, NumberFault, read_citizen_number
from contract.licence_ids import LicenceId, read_licence_id
from contract.organisation_codes import CodeFault, Uscc, is_registration_number, read_uscc

__all__ = [
    "CitizenNumber",
    "CodeFault",
    "LicenceId",
    "NumberFault",
    "Uscc",
    "is_registration_number",
    "read_citizen_number",
    "read_licence_id",
    "read_uscc",
]

RandomBelow = Callable[[int], int]
"""Returns a uniformly random integer in `0..n-1`; `secrets.randbelow` in the product, seeded in tests."""

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Crockford's check symbol is the value modulo 37: five more symbols that never occur in the number itself.
CROCKFORD_CHECK = CROCKFORD + "*~$=U"
RECEIPT_SYMBOLS = 10
PICKUP_CODE_DIGITS = 8
LONGEST_MASK = 40
_OLD_PERMIT_SYMBOLS = 15


def _not_reserved(value: str) -> str:
    if value == "hub":
        raise ValueError("'hub' is reserved")
    return value


StationId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{3,32}$"), AfterValidator(_not_reserved)]
"""A station's name, its MQTT client id, user name and certificate CN."""

CompartmentNumber = Annotated[int, Field(ge=1, le=999)]
"""The number painted on a door."""

CaseNumber = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{31}[0-9]{8}[0-9]{4}$")]
"""办件编号: 31 symbols of the service item, YYYYMMDD, four digits that start again daily; given by the hub alone."""

BadgeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,32}$")]
"""What a staff member's badge says when it is read."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""Lower-case hexadecimal SHA-256."""


def check_symbol(symbols: str) -> str:
    """Return Crockford's check symbol (value modulo 37) of upper-case base-32 `symbols`."""
    value = 0
    for symbol in symbols:
        value = value * 32 + CROCKFORD.index(symbol)
    return CROCKFORD_CHECK[value % 37]


def is_receipt_number(value: str) -> bool:
    """Whether `value` is ten base-32 symbols followed by the right check symbol; never raises."""
    body, check = value[:RECEIPT_SYMBOLS], value[RECEIPT_SYMBOLS:]
    return len(body) == RECEIPT_SYMBOLS and set(body) <= set(CROCKFORD) and check == check_symbol(body)


def _receipt(value: str) -> str:
    if not is_receipt_number(value):
        raise ValueError("not a receipt number: ten base-32 symbols and a check symbol")
    return value


ReceiptNumber = Annotated[
    str, AfterValidator(_receipt), Field(json_schema_extra={"pattern": r"^[0-9A-HJKMNP-TV-Z]{10}[0-9A-Z*~$=]$"})
]
"""收件编号: given by the station at hand-in, also offline; the citizen's handle."""


def new_receipt_number(random_below: RandomBelow) -> str:
    """Draw a receipt number: 50 random bits and a check symbol."""
    body = "".join(CROCKFORD[random_below(32)] for _ in range(RECEIPT_SYMBOLS))
    return body + check_symbol(body)


def read_receipt_number(text: str) -> str | None:
    """Return the receipt number a person typed (spaces, hyphens, small letters, O for 0, I and L for 1), or None."""
    plain = re.sub(r"[\s-]", "", text).upper()
    body = plain[:RECEIPT_SYMBOLS].translate(str.maketrans("OIL", "011"))
    value = body + plain[RECEIPT_SYMBOLS:]
    return value if is_receipt_number(value) else None


def show_receipt_number(value: str) -> str:
    """Group a receipt number for eyes: `7K3M9-Q2T8X-4`."""
    return f"{value[:5]}-{value[5:10]}-{value[10:]}"


def read_case_number(text: str) -> str | None:
    """Return the case number on a label as a scanner or a person typed it (spaces, hyphens, small letters), or None."""
    value = re.sub(r"[\s-]", "", text).upper()
    return value if re.fullmatch(r"[0-9A-Z]{31}[0-9]{12}", value, re.ASCII) else None


def new_pickup_code(random_below: RandomBelow) -> str:
    """Draw eight random decimal digits; uniqueness among live codes is the caller's."""
    return f"{random_below(10**PICKUP_CODE_DIGITS):0{PICKUP_CODE_DIGITS}d}"


def mask_name(text: str) -> str:
    """Mask a person's name (`张*`, `李*敏`): two symbols keep the first, longer ones the first and the last of them.

    A text that somebody masked already (it holds a `*`) stays as it is; the empty text stays empty.
    """
    name = "".join(text.split())
    if not name or "*" in name:
        return name[:LONGEST_MASK]
    return f"{name[0]}*" if len(name) <= 2 else f"{name[0]}*{name[-1]}"


def mask_citizen_number(number: str) -> str:
    """Mask a citizen number (`110105********002X`, `USA********1211`): neither birth date nor the whole is left."""
    first = 6 if len(number) > _OLD_PERMIT_SYMBOLS else 3
    return f"{number[:first]}********{number[-4:]}"


def card_hash(key: bytes, citizen_number: str) -> str:
    """Return the keyed hash (HMAC-SHA256, hexadecimal) by which a citizen's card is known; the number is not kept."""
    return hmac.digest(key, f"card|{citizen_number.strip().upper()}".encode(), "sha256").hex()
