"""Sealed fields: personal data that only the notify process can read.

Compact JWE (RFC 7516) with ECDH-ES on P-256 and A256GCM to the hub's notify key. The protected header repeats station,
event id and field name, so a sealed value cannot be moved to another event or another field unnoticed.
"""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.registry import HeaderParameter

ALGORITHMS = ["ECDH-ES", "A256GCM"]
_REGISTRY = jwe.JWERegistry(
    {name: HeaderParameter(f"{name} of the sealed field", "str") for name in ("station", "event", "field")},
    algorithms=ALGORITHMS,
    strict_check_header=False,
)


class UnsealError(Exception):
    """The value was not sealed to this key, for this event, for this field."""


def new_sealing_key(kid: str) -> ECKey:
    """Make a P-256 key pair named `kid`."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "enc"})


def load_sealing_key(path: Path) -> ECKey:
    """Load a private or public P-256 JWK from a JSON file."""
    return ECKey.import_key(json.loads(path.read_text()))


def seal(plain: str, key: ECKey, *, station: str, event: UUID, field: str) -> str:
    """Seal `plain` to `key`, bound to one field of one event of one station."""
    header = {
        "alg": "ECDH-ES",
        "enc": "A256GCM",
        "kid": key.kid,
        "station": station,
        "event": str(event),
        "field": field,
    }
    return jwe.encrypt_compact(header, plain.encode(), key, registry=_REGISTRY)


def unseal(value: str, key: ECKey, *, station: str, event: UUID, field: str) -> str:
    """Return the plain text.

    Raises:
        UnsealError: another key, altered, or bound to another station, event or field.
    """
    try:
        opened = jwe.decrypt_compact(value, key, registry=_REGISTRY)
    except (JoseError, ValueError) as error:
        raise UnsealError("cannot be opened with this key") from error
    header = opened.headers()
    if (header.get("station"), header.get("event"), header.get("field")) != (station, str(event), field):
        raise UnsealError("bound to another event or field")
    return (opened.plaintext or b"").decode()
