"""Pickup codes: eight digits that prove who may collect, kept only as an HMAC under the station's key.

A code is not a grant: it stays live until its door was seen open. The key lies outside the database, so that a stolen
disk gives no code away (10^8 codes are quickly tried against any unkeyed hash).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from contract.ids import RandomBelow, new_pickup_code
from edge.errors import BugError

# With fewer than a thousand live codes among 10^8, needing a tenth draw has a chance below 10^-45: a broken source.
_DRAWS = 10


@dataclass(frozen=True, slots=True)
class PickupCode:
    """What is kept of one live code: where, for which case, and the HMAC-SHA256 (32 bytes) of the digits."""

    compartment: int
    case_number: str
    mac: bytes

    def fits(self, key: bytes, typed: str) -> bool:
        """Compare what a person typed, in constant time."""
        return hmac.compare_digest(self.mac, _mac(key, self.compartment, self.case_number, typed))


def draw(
    key: bytes, compartment: int, case_number: str, live: Iterable[PickupCode], random_below: RandomBelow
) -> tuple[str, PickupCode]:
    """Draw a code that no live code has; return its digits, to be sealed and forgotten, and what is kept.

    Raises:
        BugError: the source of randomness repeats itself.
    """
    others = tuple(live)
    for _ in range(_DRAWS):
        digits = new_pickup_code(random_below)
        if not any(other.fits(key, digits) for other in others):
            return digits, PickupCode(compartment, case_number, _mac(key, compartment, case_number, digits))
    raise BugError("the source of randomness repeats itself")


def _mac(key: bytes, compartment: int, case_number: str, digits: str) -> bytes:
    # The fields cannot run into each other: number and case hold no vertical bar.
    return hmac.digest(key, f"pickup|{compartment}|{case_number}|{digits}".encode(), "sha256")
