"""Numbers of organisations: the unified social credit code (GB 32100-2015), what is inside it, and its predecessor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

USCC_SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Thirty-one symbols: no I, O, S, V, Z."""

_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_REGISTRARS = {
    "1": "staffing",
    "2": "foreign_affairs",
    "3": "justice",
    "4": "culture",
    "5": "civil_affairs",
    "6": "tourism",
    "7": "religion",
    "8": "trade_union",
    "9": "market_regulation",
    "A": "military",
    "N": "agriculture",
    "Y": "other",
}
_LONGEST_TYPED = 64


class CodeFault(StrEnum):
    """Why a text is no such code."""

    FORM = "form"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Uscc:
    """A code whose own check fits. The code inside has a check of its own, which some valid codes do not fit."""

    code: str
    registrar: str
    region: str
    organisation_code: str
    organisation_code_fits: bool


def read_uscc(text: str) -> Uscc | CodeFault:
    """Read a code as people type it (spaces around it, small letters); never raises."""
    plain = _plain(text)
    if len(plain) != 18 or not set(plain) <= set(USCC_SYMBOLS) or not _region_is_digits(plain):
        return CodeFault.FORM
    if uscc_check(plain[:17]) != plain[17]:
        return CodeFault.CHECK
    inside = plain[8:17]
    fits = organisation_check(inside[:8]) == inside[8]
    return Uscc(plain, _REGISTRARS.get(plain[0], "unknown"), plain[2:8], inside, fits)


def uscc_check(body: str) -> str:
    """Return the check symbol of seventeen symbols of `USCC_SYMBOLS`."""
    total = sum(USCC_SYMBOLS.index(symbol) * weight for symbol, weight in zip(body, _WEIGHTS, strict=True))
    return USCC_SYMBOLS[-total % 31]


def organisation_check(body: str) -> str:
    """Return the check symbol of eight digits and letters (GB 11714): 10 is X, 11 is 0."""
    total = sum(int(symbol, 36) * weight for symbol, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def registration_check(body: str) -> str:
    """Return the check digit of the fourteen digits of a registration number before 2015 (ISO 7064, MOD 11,10)."""
    product = 10
    for digit in body:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((1 - product) % 10)


def is_registration_number(text: str) -> bool:
    """Whether this is a registration number of fifteen digits as they were given before 2015; never raises."""
    plain = _plain(text)
    return re.fullmatch(r"[0-9]{15}", plain, re.ASCII) is not None and registration_check(plain[:14]) == plain[14]


def _region_is_digits(code: str) -> bool:
    return re.fullmatch(r"[0-9]{6}", code[2:8], re.ASCII) is not None


def _plain(text: str) -> str:
    plain = text[:_LONGEST_TYPED].strip()
    return plain.upper() if plain.isascii() else ""
