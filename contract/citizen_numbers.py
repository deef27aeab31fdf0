"""Numbers of persons: citizens and holders of residence permits; what they say, and what is odd about them.

GB 11643-1999: six digits of region, birth date, three of sequence, one check symbol (ISO 7064, MOD 11-2). Residents
from Hong Kong, Macao and Taiwan have regions of their own; permanent residents' permits of 2023 begin with 9 and are
checked alike, those of 2017 have fifteen symbols with letters. A region that nobody knows is a warning: regions come
and go, and a person keeps the number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

PersonKind = Literal["citizen", "hmt_resident", "foreign_2017", "foreign_2023"]
Oddity = Literal["unknown_region", "abolished_region", "fifteen_digits", "check_symbol"]

# ASCII on purpose: `str.isdigit` takes full-width digits too.
_EIGHTEEN = re.compile(r"[1-9][0-9]{16}[0-9X]", re.ASCII)
_FIFTEEN = re.compile(r"[1-9][0-9]{14}", re.ASCII)
_FOREIGN_2017 = re.compile(r"[A-Z]{3}[0-9]{12}", re.ASCII)
_LONGEST_TYPED = 64
_HMT_REGIONS = frozenset({"810000", "820000", "830000"})
_PROVINCES = frozenset(
    str(n) for n in (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71)
)
# GB/T 2260 for Beijing; Chongwen and Xuanwu were merged in 2010, Miyun and Yanqing became districts in 2015.
_BEIJING = frozenset({f"1101{n:02}" for n in (1, 2, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19)})
_BEIJING_ABOLISHED = frozenset({"110103", "110104", "110228", "110229"})


class NumberFault(StrEnum):
    """Why a text is no number of a person."""

    FORM = "form"
    CHECK = "check"
    BIRTH_DATE = "birth_date"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class CitizenNumber:
    """A number that can be a person's. `number` is the one that is compared: eighteen symbols, fifteen of 2017's."""

    number: str = field(repr=False)
    kind: PersonKind
    birth: date = field(repr=False)
    warnings: frozenset[Oddity] = frozenset()


def read_citizen_number(text: str, today: date) -> CitizenNumber | NumberFault:
    """Read a number as people type it (spaces around it, a small x); never raises."""
    plain = text[:_LONGEST_TYPED].strip()
    plain = plain.upper() if plain.isascii() else plain
    if _EIGHTEEN.fullmatch(plain):
        return _read_eighteen(plain, today)
    if _FIFTEEN.fullmatch(plain):
        body = plain[:6] + "19" + plain[6:]
        return _read_eighteen(body + check_of_seventeen(body), today, frozenset({"fifteen_digits"}))
    if _FOREIGN_2017.fullmatch(plain):
        return _read_foreign_2017(plain, today)
    return NumberFault.FORM


def check_of_seventeen(body: str) -> str:
    """Return the check symbol of seventeen digits (ISO 7064, MOD 11-2)."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return "10X98765432"[total % 11]


def check_of_foreign_2017(body: str) -> str:
    """Return the check digit of fourteen symbols by the weights 7, 3, 1 of passports. UNCONFIRMED: one source only."""
    return str(sum(int(symbol, 36) * (7, 3, 1)[place % 3] for place, symbol in enumerate(body)) % 10)


def _read_eighteen(number: str, today: date, warnings: frozenset[Oddity] = frozenset()) -> CitizenNumber | NumberFault:
    if check_of_seventeen(number[:17]) != number[17]:
        return NumberFault.CHECK
    birth = _birth(number[6:14])
    if birth is None:
        return NumberFault.BIRTH_DATE
    if birth > today:
        return NumberFault.FUTURE
    kind: PersonKind = "citizen"
    if number[0] == "9":
        kind, region = "foreign_2023", _province(number[1:3])
    elif number[:6] in _HMT_REGIONS:
        kind, region = "hmt_resident", frozenset()
    else:
        region = _region(number[:6])
    return CitizenNumber(number, kind, birth, warnings | region)


def _read_foreign_2017(number: str, today: date) -> CitizenNumber | NumberFault:
    """Two digits of the year: the latest such date that is not in the future."""
    dates = [birth for century in ("20", "19") if (birth := _birth(century + number[7:13])) is not None]
    past = [birth for birth in dates if birth <= today]
    if not past:
        return NumberFault.FUTURE if dates else NumberFault.BIRTH_DATE
    # The rule is not confirmed: a permit is not refused for it.
    odd: frozenset[Oddity] = frozenset()
    if check_of_foreign_2017(number[:14]) != number[14]:
        odd = frozenset({"check_symbol"})
    return CitizenNumber(number, "foreign_2017", past[0], odd | _province(number[3:5]))


def _birth(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _province(code: str) -> frozenset[Oddity]:
    return frozenset() if code in _PROVINCES else frozenset({"unknown_region"})


def _region(code: str) -> frozenset[Oddity]:
    """Judge Beijing's districts; elsewhere only the province is known here."""
    if code in _BEIJING_ABOLISHED:
        return frozenset({"abolished_region"})
    if code.startswith("11") and code not in _BEIJING:
        return frozenset({"unknown_region"})
    return _province(code[:2])
