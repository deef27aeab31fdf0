"""The token behind a recipient's QR code: made at load by the station, verified by the same station, without any line.

A compact JWS (RFC 7515) with HS256 under a key derived from the station's own: nobody else can make one, neither hub
nor bystander. It names station, compartment and an end, and is bound to the case and to the very pickup code that is
live there (`jti`), so it dies with that code: by a pickup, a new code, or staff. It holds no personal data.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from edge.core.codes import PickupCode

LONGEST_TOKEN = 4096
_HEADER = {"alg": "HS256", "typ": "nd-pickup+jwt"}


@dataclass(frozen=True, slots=True)
class PickupToken:
    """What a genuine token says."""

    station: str
    compartment: int
    jti: str
    expires: int  # seconds since 1970

    def fits(self, key: bytes, code: PickupCode) -> bool:
        """Whether it was made with this live code; constant time."""
        return hmac.compare_digest(self.jti, _jti(key, code))


def make(key: bytes, station: str, code: PickupCode, expires: datetime) -> str:
    """Return the token that belongs to a code just drawn."""
    said = {"station": station, "compartment": code.compartment, "jti": _jti(key, code)}
    signed = f"{_encode(_HEADER)}.{_encode({**said, 'exp': int(expires.timestamp())})}"
    return f"{signed}.{_signature(key, signed)}"


def read(key: bytes, text: str) -> PickupToken | None:
    """Return what a token of this station's says, or None for any other text; never raises."""
    signed, _, signature = text.rpartition(".")
    # One header is ours: an algorithm that somebody else wishes is never looked at.
    ours = len(text) <= LONGEST_TOKEN and text.isascii() and signed.startswith(f"{_encode(_HEADER)}.")
    if (
        not hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), _signature(key, signed).encode())
        or not ours
    ):
        return None
    payload = signed.partition(".")[2]
    try:
        said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return PickupToken(str(said["station"]), int(said["compartment"]), str(said["jti"]), int(said["exp"]))
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None


def _jti(key: bytes, code: PickupCode) -> str:
    bound = f"pickup-token|{code.compartment}|{code.case_number}|".encode() + code.mac
    return hmac.digest(key, bound, "sha256")[:16].hex()


def _signature(key: bytes, signed: str) -> str:
    own = hmac.digest(key, b"pickup-token|key", "sha256")
    return _base64(hmac.digest(own, signed.encode("utf-8", "surrogatepass"), "sha256"))


def _encode(value: Mapping[str, object]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
