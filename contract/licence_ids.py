"""The identifier of an electronic licence (电子证照标识, GB/T 36904-2018): its parts, its check, and its writing.

`1.2.156.3005.2.<type 21>.<issuer up to 18>.<serial up to 32>.<version 3>.<check>`. The check symbol (ISO 7064, MOD
37,36) covers type, issuer, serial and version; root and dots are left out. Four published identifiers fit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ROOT = "1.2.156.3005.2"
_SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORM = re.compile(
    r"1\.2\.156\.3005\.2\.([0-9A-Z]{21})\.([0-9A-Z]{1,18})\.([0-9A-Z]{1,32})\.([0-9A-Z]{3})\.([0-9A-Z])", re.ASCII
)
_LONGEST_TYPED = 128


@dataclass(frozen=True, slots=True)
class LicenceId:
    """The parts of an identifier; `type_code` is the code of the ministry that defines the type, and three digits."""

    type_code: str
    issuer: str
    serial: str
    version: str

    @property
    def check(self) -> str:
        """The check symbol."""
        return mod_37_36(self.type_code + self.issuer + self.serial + self.version)

    def __str__(self) -> str:
        return ".".join((_ROOT, self.type_code, self.issuer, self.serial, self.version, self.check))


def read_licence_id(text: str) -> LicenceId | None:
    """Read an identifier as it is printed, small letters allowed; None if its form or check is wrong. Never raises."""
    plain = text[:_LONGEST_TYPED].strip()
    found = _FORM.fullmatch(plain.upper()) if plain.isascii() else None
    if found is None:
        return None
    *parts, check = found.groups()
    licence = LicenceId(*parts)
    return licence if licence.check == check else None


def mod_37_36(symbols: str) -> str:
    """Return the check symbol of digits and capital letters (ISO 7064, MOD 37,36)."""
    product = 36
    for symbol in symbols:
        product = ((product + _SYMBOLS.index(symbol)) % 36 or 36) * 2 % 37
    return _SYMBOLS[(1 - product) % 36]
