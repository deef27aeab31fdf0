"""The secret of the file store: kept outside its folder, made once, and never mistaken for another one."""

from __future__ import annotations

import hmac
import logging
import secrets
from pathlib import Path

from hub.errors import ConfigError
from hub.services.file_disk import FileDisk, write_new
from hub.services.file_format import FileKeys
from hub.services.key_files import SECRET_BYTES, shared_secret

log = logging.getLogger(__name__)

PROOF = "key-proof"


def open_disk(directory: Path, key_file: Path) -> FileDisk:
    """Return the folder of contents with its key; the key is made when the folder is new.

    Raises:
        ConfigError: the key is missing, unreadable, in the folder itself, or not the one that the folder was written
            with.
    """
    if key_file.resolve().is_relative_to(directory.resolve()):
        raise ConfigError("--files-key", "a file outside the folder of --files")
    try:
        return _opened(directory, key_file)
    except OSError as error:
        raise ConfigError(f"--files {directory}", f"a folder that can be written ({error.strerror})") from error


def _opened(directory: Path, key_file: Path) -> FileDisk:
    proof = directory / PROOF
    if not key_file.exists():
        if proof.exists():
            raise ConfigError(f"--files-key {key_file}", f"the key that {directory} was written with")
        _make(key_file)
    keys = FileKeys(shared_secret(key_file))
    if not proof.exists():
        write_new(proof, keys.proof().encode())
    if not hmac.compare_digest(proof.read_bytes(), keys.proof().encode()):
        raise ConfigError(f"--files-key {key_file}", f"the key that {directory} was written with")
    return FileDisk(directory, keys)


def _make(key_file: Path) -> None:
    """Several processes may start at once: one of them makes it."""
    if write_new(key_file, f"{secrets.token_hex(SECRET_BYTES)}\n".encode()):
        log.warning("made a key for contents: %s; keep a copy elsewhere, without it nothing can be read", key_file)
