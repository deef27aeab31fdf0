"""Signatures: compact JWS with Ed25519 (`alg: EdDSA`, RFC 8037), keys pinned by `kid`."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OKPKey

ALGORITHMS = ["EdDSA"]
# Header members that nobody here knows are ignored (RFC 7515, section 4), unless `crit` names them.
_REGISTRY = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
LARGEST_TOKEN = 8 * 1024 * 1024
"""Bytes; the library's own limit would end a list of expected cases at about three hundred."""
_REGISTRY.max_payload_length = LARGEST_TOKEN
# What libraries write by themselves when they are told no `typ` (RFC 7519, RFC 7515): it says nothing.
_PLAIN_TYPES = frozenset({"jwt", "jose"})
# RFC 9864 prefers the name "Ed25519"; the published wire says "EdDSA", and only Ed25519 keys are ever pinned.
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)


class SignatureRefusedError(Exception):
    """No compact JWS by a pinned key; `reason` is `malformed` (or too long), `unknown_key` or `bad_signature`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def new_signing_key(kid: str) -> OKPKey:
    """Make an Ed25519 key pair named `kid`."""
    return OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig"})


def load_key(path: Path) -> OKPKey:
    """Load a private or public Ed25519 JWK from a JSON file."""
    return OKPKey.import_key(json.loads(path.read_text()))


def sign(payload: bytes, key: OKPKey, *, typ: str) -> str:
    """Return the compact JWS of `payload`; `typ` keeps commands and documents apart."""
    header = {"alg": "EdDSA", "kid": key.kid, "typ": typ}
    return jws.serialize_compact(header, payload, key, algorithms=ALGORITHMS)


def verify(token: str, keys: Mapping[str, OKPKey], *, typ: str) -> tuple[str, bytes]:
    """Return `(kid, payload)` of a token signed by one of `keys`, and not for another `typ` than this.

    A header may leave `typ` out, as RFC 7515 allows: keys are pinned for commands or for kinds of documents, and the
    two have no shape in common.

    Raises:
        SignatureRefusedError: for every other token, whatever it is.
    """
    header = _taken_apart(token).headers()
    kid, told = header.get("kid"), header.get("typ", typ)
    meant = told == typ or (isinstance(told, str) and told.lower() in _PLAIN_TYPES)
    if not isinstance(kid, str) or kid not in keys or header.get("alg") != "EdDSA" or not meant:
        raise SignatureRefusedError("unknown_key")
    try:
        return kid, jws.deserialize_compact(token, keys[kid], registry=_REGISTRY).payload
    except (JoseError, ValueError) as error:
        raise SignatureRefusedError("bad_signature") from error


def unverified(token: str) -> bytes:
    """Return the payload of a token whose signature somebody else will check.

    Raises:
        SignatureRefusedError: it is no compact JWS.
    """
    payload: bytes = _taken_apart(token).payload
    return payload


def _taken_apart(token: str) -> jws.CompactSignature:
    try:
        return jws.extract_compact(token.encode(), registry=_REGISTRY)
    except (JoseError, ValueError) as error:
        raise SignatureRefusedError("malformed") from error
