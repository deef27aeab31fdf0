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
# RFC 9864 prefers the name "Ed25519"; the published wire says "EdDSA", and only Ed25519 keys are ever pinned.
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)


class SignatureRefusedError(Exception):
    """The token is not a compact JWS by a pinned key; `reason` is `malformed`, `unknown_key` or `bad_signature`."""

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
    """Return `(kid, payload)` of a token signed by one of `keys` for this `typ`.

    Raises:
        SignatureRefusedError: for every other token, whatever it is.
    """
    try:
        parts = jws.extract_compact(token.encode())
        header = parts.headers()
    except (JoseError, ValueError) as error:
        raise SignatureRefusedError("malformed") from error
    kid = header.get("kid")
    if not isinstance(kid, str) or kid not in keys or header.get("alg") != "EdDSA" or header.get("typ") != typ:
        raise SignatureRefusedError("unknown_key")
    try:
        return kid, jws.deserialize_compact(token, keys[kid], algorithms=ALGORITHMS).payload
    except (JoseError, ValueError) as error:
        raise SignatureRefusedError("bad_signature") from error
