"""The code on a paper: what it is, its number, when it was issued and what it says, signed by an issuing key.

A QR code carries it, as the end of a link or alone. It holds no personal data. Capitals and digits only, which a QR
code packs into 5.5 bits each, and none that people mix up (Crockford's base 32, as receipt numbers):

    ND1 + base32(kind 1 | day 2 | digest 12 | key 4 | number 1 to 180 | Ed25519 signature 64)

`kind` is a number of `KINDS`, `day` counts from 2020-01-01 in Beijing, `digest` are the first 96 bits of the SHA-256
of what is on the paper, `key` the first bytes of the SHA-256 of the public key, `number` UTF-8. Nothing of a key's own
name is believed: the list of issuing keys says who may issue which kinds, and when.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64decode
from pydantic import Field, StringConstraints

from contract.ids import CROCKFORD
from contract.wire import AwareDatetime, WireModel

KINDS: Final[Mapping[str, int]] = {
    "licence_original": 1,
    "licence_copy": 2,
    "notice": 3,
    "tax_record": 4,
    "tax_certificate_table": 5,
    "tax_certificate_text": 6,
    "archive_mark": 7,
    "received": 8,
    "receipt": 32,
    "failure": 33,
    "pickup": 34,
}
"""Layouts that carry a code, by the number that stands in it; a number is never given twice."""
STATION_KINDS: Final = ("receipt", "failure", "pickup")
"""What a station issues by itself; everything else is the hub's."""

MARK: Final = "ND1"
LONGEST_TEXT: Final = 1024
SHORT_SYMBOLS: Final = 12
# A key of one day is not used up by a clock that is a little ahead.
AHEAD: Final = timedelta(days=1)
BEIJING: Final = timezone(timedelta(hours=8))
_FIRST_DAY: Final = date(2020, 1, 1)
_DIGEST, _KEY, _SIGNATURE, _HEAD = 12, 4, 64, 19
_LONGEST_NUMBER = 180
_SAID_FIRST = b"nightdesk paper 1\0"
_NAMES = {number: kind for kind, number in KINDS.items()}
# What stands on a paper because of its code is not part of what the code speaks of.
_OF_THE_CODE = frozenset({"qr", "check_code"})


class Finding(StrEnum):
    """What a code is worth."""

    GENUINE = "genuine"
    NO_CODE = "no_code"  # no code of ours, or part of one is missing
    UNKNOWN_KEY = "unknown_key"  # signed by a key that the list does not have
    FORGED = "forged"  # claims a key that did not sign it
    NOT_ENTITLED = "not_entitled"  # signed by a key that may not issue this kind of paper
    OUT_OF_PERIOD = "out_of_period"  # dated outside the time in which its key was in use, or in the future
    KEY_REVOKED = "key_revoked"  # the key was lost: whoever has it can sign anything under any date


class IssuingKey(WireModel):
    """A public key that issues papers. `issuer` is `hub` or a station; `x` the key, as in a JWK (RFC 8037)."""

    kid: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")]
    issuer: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{3,32}$")]
    kinds: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)]
    x: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    revoked_at: AwareDatetime | None = None
    reason: Annotated[str, Field(max_length=200)] = ""


class IssuingKeyList(WireModel):
    """Every key that ever issued papers, with the ends of their use; published, and kept by who checks offline."""

    made_at: AwareDatetime
    keys: Annotated[tuple[IssuingKey, ...], Field(max_length=10_000)]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a code says and what it is worth; nothing of it but `finding` holds unless that is `genuine`."""

    finding: Finding
    kind: str = ""
    number: str = ""
    issued_on: date | None = None
    digest_start: str = ""
    issuer: str = ""
    short: str = ""

    def speaks_of(self, sha256: str) -> bool:
        """Whether the paper with this content is the one that was signed."""
        return bool(self.digest_start) and sha256.startswith(self.digest_start)


def key_name(key: OKPKey) -> str:
    """Return the name of an issuing key: the first bytes of its public half's hash, in hexadecimal."""
    return _name(_public_bytes(key)).hex()


def public_x(key: OKPKey) -> str:
    """Return the public half as `IssuingKey.x`."""
    return str(key.as_dict(private=False)["x"])


def issue(kind: str, number: str, issued_on: date, digest: str, key: OKPKey) -> str:
    """Return the code of a paper. `digest` is the SHA-256 of its content (`digest_of_facts`, or that of a PDF).

    For a QR code put the address of the hub's page before it: `HTTPS://HOST/V/`, in capitals as far as it can be.

    Raises:
        ValueError: an unknown kind, a number that no code can carry, a day before 2020.
    """
    day = (issued_on - _FIRST_DAY).days
    if kind not in KINDS or not 0 <= day < 1 << 16 or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError("a known kind, a day since 2020 and a SHA-256")
    said = number.encode()
    if not _is_number(number) or len(said) > _LONGEST_NUMBER:
        raise ValueError("a number of 1 to 60 printable characters")
    head = bytes([KINDS[kind]]) + day.to_bytes(2) + bytes.fromhex(digest)[:_DIGEST] + _name(_public_bytes(key))
    private = key.get_op_key("sign")
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError("an Ed25519 key")
    signature = private.sign(_SAID_FIRST + head + said)
    return MARK + _base32(head + said + signature)


def check(text: str, keys: IssuingKeyList, at: datetime) -> Verdict:
    """Say what a scanned or typed text is worth; never raises. Whatever stands before the last `/` is not looked at."""
    body = _plain(text)
    data = _bytes(body)
    if data is None or len(data) <= _HEAD + _SIGNATURE:
        return Verdict(Finding.NO_CODE)
    told, signature = data[:-_SIGNATURE], data[-_SIGNATURE:]
    named = [key for key in keys.keys if key.kid == told[_HEAD - _KEY : _HEAD].hex()]
    if not named:
        return Verdict(Finding.UNKNOWN_KEY)
    signer = next((key for key in named if _signed(key, told, signature)), None)
    if signer is None:
        return Verdict(Finding.FORGED)
    return _judged(told, signer, short(body), at)


def short(code: str) -> str:
    """Return the twelve symbols that a person can type instead of a code; only the hub's page knows what they mean."""
    value = int.from_bytes(hashlib.sha256(_plain(code).encode()).digest()[:8]) >> 4
    return "".join(CROCKFORD[value >> 5 * place & 31] for place in reversed(range(SHORT_SYMBOLS)))


def show_short(symbols: str) -> str:
    """Group the twelve symbols for eyes: `7K3M-9Q2T-8X4C`."""
    return "-".join(symbols[place : place + 4] for place in range(0, SHORT_SYMBOLS, 4))


def read_short(text: str) -> str | None:
    """Return the twelve symbols that a person typed, or None."""
    body = _plain(text)
    return body if len(body) == SHORT_SYMBOLS and set(body) <= set(CROCKFORD) else None


def digest_of_facts(facts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a layout is told, in one form whatever the order, without the code itself."""
    told = {name: value for name, value in facts.items() if name not in _OF_THE_CODE}
    form = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(form.encode("utf-8", "surrogatepass")).hexdigest()


def _judged(told: bytes, signer: IssuingKey, symbols: str, at: datetime) -> Verdict:
    kind = _NAMES.get(told[0], "")
    issued_on = _FIRST_DAY + timedelta(days=int.from_bytes(told[1:3]))
    try:
        number = told[_HEAD:].decode()
    except UnicodeDecodeError:
        return Verdict(Finding.NO_CODE)
    if not _is_number(number):
        return Verdict(Finding.NO_CODE)
    finding = _finding(kind, issued_on, signer, at)
    return Verdict(finding, kind, number, issued_on, told[3 : 3 + _DIGEST].hex(), signer.issuer, symbols)


def _finding(kind: str, issued_on: date, signer: IssuingKey, at: datetime) -> Finding:
    if signer.revoked_at is not None and signer.revoked_at <= at:
        return Finding.KEY_REVOKED
    if kind not in signer.kinds:
        return Finding.NOT_ENTITLED
    first, last = (moment.astimezone(BEIJING).date() for moment in (signer.valid_from, signer.valid_until))
    known = first <= issued_on <= last and issued_on <= (at + AHEAD).astimezone(BEIJING).date()
    return Finding.GENUINE if known else Finding.OUT_OF_PERIOD


def _signed(key: IssuingKey, told: bytes, signature: bytes) -> bool:
    try:
        public = urlsafe_b64decode(key.x.encode())
        if _name(public) != told[_HEAD - _KEY : _HEAD]:
            return False
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _SAID_FIRST + told)
    except (InvalidSignature, ValueError):
        return False
    return True


def _name(public: bytes) -> bytes:
    return hashlib.sha256(public).digest()[:_KEY]


def _public_bytes(key: OKPKey) -> bytes:
    return urlsafe_b64decode(public_x(key).encode())


def _is_number(text: str) -> bool:
    return 1 <= len(text) <= 60 and all(unicodedata.category(sign)[0] not in "CZ" for sign in text)


def _plain(text: str) -> str:
    """Return what was typed as it is signed: the end of a link, without spaces and hyphens, I L O read as 1 1 0."""
    if len(text) > LONGEST_TEXT or not text.isascii():
        return ""
    end = text.strip().rpartition("/")[2]
    return re.sub(r"[\s-]", "", end).upper().translate(str.maketrans("OIL", "011"))


def _base32(data: bytes) -> str:
    symbols = -(-len(data) * 8 // 5)
    value = int.from_bytes(data) << symbols * 5 - len(data) * 8
    return "".join(CROCKFORD[value >> 5 * place & 31] for place in reversed(range(symbols)))


def _bytes(body: str) -> bytes | None:
    """Return what `_base32` was given; None for anything that it does not write."""
    symbols = body.removeprefix(MARK)
    if symbols == body or not symbols or not set(symbols) <= set(CROCKFORD):
        return None
    value = 0
    for symbol in symbols:
        value = value << 5 | CROCKFORD.index(symbol)
    size = len(symbols) * 5 // 8
    data = (value >> len(symbols) * 5 - size * 8).to_bytes(size)
    # Bits that are left over are zero: a code has one spelling.
    return data if _base32(data) == symbols else None
