"""Key files: made once, private halves readable by their owner only, never overwritten."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from contract.sealed import load_sealing_key, new_sealing_key
from contract.signing import load_key, new_signing_key
from hub.errors import ConfigError

SECRET_BYTES = 32
KINDS = ("notify", "dispatch", "documents", "offline")


def private_file(folder: Path, kind: str) -> Path:
    """Return where the private half lies."""
    return folder / f"{kind}.jwk"


def public_file(folder: Path, kind: str) -> Path:
    """Return where the public half lies, which station files name."""
    return folder / f"{kind}.pub.jwk"


def make_pair(folder: Path, kind: str, kid: str) -> tuple[Path, Path]:
    """Make a key pair and return its files.

    Raises:
        ConfigError: there is one already: stations believe it, so it is not replaced by accident.
    """
    key: ECKey | OKPKey = new_sealing_key(kid) if kind == "notify" else new_signing_key(kid)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_new(private_file(folder, kind), key.as_dict(private=True), 0o600)
    _write_new(public_file(folder, kind), key.as_dict(private=False), 0o644)
    return private_file(folder, kind), public_file(folder, kind)


def write_private(path: Path, key: OKPKey) -> None:
    """Write the private half of a key to a new file that only its owner reads.

    Raises:
        ConfigError: there is such a file.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_new(path, key.as_dict(private=True), 0o600)


def _write_new(path: Path, key: Any, mode: int) -> None:  # noqa: ANN401 -- joserfc's dictionary type
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    except FileExistsError as error:
        raise ConfigError(str(path), "no file yet: keys are not overwritten") from error
    with os.fdopen(file, "w", encoding="ascii") as stream:
        json.dump(key, stream)
        stream.flush()
        os.fsync(stream.fileno())


def signing_key(path: Path) -> OKPKey:
    """Load a private Ed25519 key.

    Raises:
        ConfigError: no such file, or another kind of key.
    """
    try:
        key = load_key(path)
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise ConfigError(str(path), "a file with a private Ed25519 JWK") from error
    if not key.is_private or not key.kid:
        raise ConfigError(str(path), "a private Ed25519 JWK with a kid")
    return key


def sealing_key(path: Path) -> ECKey:
    """Load a private P-256 key.

    Raises:
        ConfigError: no such file, or another kind of key.
    """
    try:
        key = load_sealing_key(path)
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise ConfigError(str(path), "a file with a private P-256 JWK") from error
    if not key.is_private or not key.kid:
        raise ConfigError(str(path), "a private P-256 JWK with a kid")
    return key


def shared_secret(path: Path) -> bytes:
    """Load a secret of 64 hexadecimal digits that only its owner reads.

    Raises:
        ConfigError: no such file, others may read it, or it holds something else.
    """
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ConfigError(str(path), "a file that only its owner reads (chmod 600)")
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise ConfigError(str(path), "a readable file of 64 hexadecimal digits") from error
    if len(secret) != SECRET_BYTES:
        raise ConfigError(str(path), "a readable file of 64 hexadecimal digits")
    return secret
