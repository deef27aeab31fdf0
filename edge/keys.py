"""Keys of a station: its own secret, and the public keys of the hub that its file pins.

The secret (64 hexadecimal digits) keys the hashes of pickup codes and encrypts files that wait for the hub. It lies
outside the data directory, so that a copied database gives no code and no document away; it does not protect against
somebody who has the whole disk. In production it belongs into a credential that the TPM seals.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey
from joserfc.util import urlsafe_b64encode

from contract.sealed import load_sealing_key
from contract.signing import load_key
from edge.config import StationConfig
from edge.errors import ConfigError

STATION_KEY_BYTES = 32
_MISSING = {
    "station.key_file": "{}, which `python -m edge keys` makes; it is not there",
    "station.card_key_file": "{}, a copy of the hub's card key; it is not there",
}


def station_key(file: Path, config: StationConfig) -> bytes:
    """Return the station's secret.

    Raises:
        ConfigError: no such file, others may read it, it lies in the data directory, or it holds something else.
    """
    return _secret(file, config, config.station.key_file, "station.key_file")


def card_key(file: Path, config: StationConfig) -> bytes | None:
    """Return the secret that keys hashes of citizen numbers, None if none is named; raises as `station_key`."""
    path = config.station.card_key_file
    return None if path is None else _secret(file, config, path, "station.card_key_file")


def file_key(secret: bytes) -> bytes:
    """Return the key of stored files: another one than the secret itself, so that neither use tells of the other."""
    return HKDF(SHA256(), STATION_KEY_BYTES, None, b"nightdesk station: files").derive(secret)


def paper_key(secret: bytes) -> OKPKey:
    """Return the key with which the station signs its slips; whoever has the secret has it."""
    seed = HKDF(SHA256(), STATION_KEY_BYTES, None, b"nightdesk station: papers").derive(secret)
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    told = {name: urlsafe_b64encode(value).decode() for name, value in (("d", seed), ("x", public))}
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "kid": "papers", **told})


def write_paper_key(config: StationConfig, secret: bytes) -> Path:
    """Write the public half of `paper_key` beside the station key, for the hub's list; return its file."""
    file = config.station.key_file.with_suffix(".papers.pub.jwk")
    file.write_text(json.dumps(paper_key(secret).as_dict(private=False)), encoding="ascii")
    return file


def _secret(file: Path, config: StationConfig, path: Path, key: str) -> bytes:
    if path.resolve().is_relative_to(config.station.data_dir.resolve()):
        raise ConfigError(str(file), key, "a file outside station.data_dir")
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
        secret = bytes.fromhex(text)
    except FileNotFoundError as error:
        raise ConfigError(str(file), key, _MISSING[key].format(path)) from error
    except (OSError, ValueError) as error:
        raise ConfigError(str(file), key, f"a readable file of {2 * STATION_KEY_BYTES} hexadecimal digits") from error
    if stat.S_IMODE(mode) & 0o077:
        raise ConfigError(str(file), key, f"a file that only its owner reads (chmod 600 {path})")
    if len(secret) != STATION_KEY_BYTES:
        raise ConfigError(str(file), key, f"a readable file of {2 * STATION_KEY_BYTES} hexadecimal digits")
    return secret


def make_station_key(config: StationConfig) -> bool:
    """Make the station's secret if there is none; return whether one was made. An existing one is never replaced."""
    path = config.station.key_file
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_hex(STATION_KEY_BYTES) + "\n")
        out.flush()
        os.fsync(out.fileno())
    return True


def notify_key(file: Path, config: StationConfig) -> ECKey:
    """Return the public key that sealed fields are made for; raises ConfigError."""
    pinned = config.hub.notify_key
    try:
        key = load_sealing_key(pinned.jwk_file)
    except (OSError, ValueError, KeyError, JoseError) as error:
        raise _unreadable(file, "hub.notify_key.jwk_file", "P-256") from error
    _require_public(file, "hub.notify_key", key, pinned.kid)
    return key


def document_keys(file: Path, config: StationConfig) -> dict[str, dict[str, OKPKey]]:
    """Return the keys that may sign documents, by kind and then by `kid`; raises ConfigError."""
    by_kind: dict[str, dict[str, OKPKey]] = {}
    for number, pinned in enumerate(config.hub.document_keys):
        key = _signing_key(file, f"hub.document_keys[{number}]", pinned.jwk_file, pinned.kid)
        for kind in pinned.kinds:
            by_kind.setdefault(kind, {})[pinned.kid] = key
    return by_kind


def command_keys(file: Path, config: StationConfig) -> dict[str, tuple[OKPKey, datetime]]:
    """Return the keys that may sign commands with the end of their validity, by `kid`; raises ConfigError."""
    return {
        pinned.kid: (
            _signing_key(file, f"hub.command_keys[{number}]", pinned.jwk_file, pinned.kid),
            pinned.valid_until,
        )
        for number, pinned in enumerate(config.hub.command_keys)
    }


def _signing_key(file: Path, place: str, jwk_file: Path, kid: str) -> OKPKey:
    try:
        key = load_key(jwk_file)
    except (OSError, ValueError, KeyError, JoseError) as error:
        raise _unreadable(file, f"{place}.jwk_file", "Ed25519") from error
    _require_public(file, place, key, kid)
    return key


def _require_public(file: Path, place: str, key: ECKey | OKPKey, kid: str) -> None:
    if key.is_private:
        raise ConfigError(str(file), f"{place}.jwk_file", "a public key; this file holds a private one")
    if key.kid != kid:
        raise ConfigError(str(file), f"{place}.kid", f"{key.kid}, the kid in its file")


def _unreadable(file: Path, key: str, curve: str) -> ConfigError:
    return ConfigError(str(file), key, f"a readable file with a public {curve} key as a JWK")
