"""How a stored file looks on the disk: AES-256-GCM in chunks, each bound to its place, with an end that must be there.

```text
header  4 bytes "NDF" and the algorithm's number (1: AES-256-GCM), 32 bytes of salt
chunk   64 KiB of content and a tag of 16 bytes; as many as are full
end     the rest (shorter than a chunk), the SHA-256 of the whole content, and a tag
```

Each file has a key of its own (HKDF from the store's key and the salt), so a nonce is simply the chunk's number and
whether it is the end; the header is associated data. A chunk that was changed, moved, left out or taken from another
file does not open, nor does a file that was cut, even between two chunks: only the end opens as an end. The hash inside
it says what the file is, whatever its name.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edge.errors import FileLostError

KEY_BYTES = 32
CHUNK = 64 * 1024
_MAGIC = b"NDF\x01"
_SALT = 32
HEADER = len(_MAGIC) + _SALT
_TAG = 16
_DIGEST = 32
SEALED_CHUNK = CHUNK + _TAG
_LEAST_END = _DIGEST + _TAG
# What a file is longer than its content, at most: for asking whether there is room.
OVERHEAD_OF_64_MIB = HEADER + _LEAST_END + 1024 * _TAG


def derive(key: bytes, purpose: bytes, salt: bytes | None = None) -> bytes:
    """Return a key for one purpose, from which nobody learns the other ones."""
    return HKDF(SHA256(), KEY_BYTES, salt, b"nightdesk files: " + purpose).derive(key)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the chunks of a file of that many bytes lie."""

    full: int
    tail: int

    @property
    def size(self) -> int:
        """Length of the content."""
        return self.full * CHUNK + self.tail

    @property
    def end(self) -> tuple[int, int]:
        """Place and length of the end."""
        return HEADER + self.full * SEALED_CHUNK, self.tail + _LEAST_END


def layout(file_size: int) -> Layout:
    """Read it off the file's length.

    Raises:
        FileLostError: no file of ours has this length.
    """
    full, tail = divmod(file_size - HEADER - _LEAST_END, SEALED_CHUNK)
    if full < 0 or tail >= CHUNK:
        raise FileLostError("a stored file has an impossible length")
    return Layout(full, tail)


class Sealer:
    """Seals one content, piece by piece: `start`, then `add` as often as one likes, then `end`."""

    def __init__(self, key: bytes) -> None:
        self.start = _MAGIC + secrets.token_bytes(_SALT)
        self._aead = _aead(key, self.start)
        self._rest = bytearray()
        self._chunks = 0
        self._hash = hashlib.sha256()
        self.size = 0

    def add(self, content: bytes) -> bytes:
        """Return what can be written now."""
        self._hash.update(content)
        self.size += len(content)
        self._rest += content
        whole = len(self._rest) - len(self._rest) % CHUNK
        sealed = [self._seal(bytes(self._rest[at : at + CHUNK]), end=False) for at in range(0, whole, CHUNK)]
        del self._rest[:whole]
        return b"".join(sealed)

    def end(self) -> bytes:
        """Return the end; nothing may be added any more."""
        return self._seal(bytes(self._rest) + self._hash.digest(), end=True)

    @property
    def sha256(self) -> str:
        """Hash of what was added so far."""
        return self._hash.hexdigest()

    def _seal(self, plain: bytes, *, end: bool) -> bytes:
        sealed = self._aead.encrypt(_nonce(self._chunks, end=end), plain, self.start)
        self._chunks += 1
        return sealed


class Opener:
    """Opens chunks of one file; whatever does not open is `FileLostError` and never handed out."""

    def __init__(self, key: bytes, header: bytes) -> None:
        if len(header) != HEADER or not header.startswith(_MAGIC):
            raise FileLostError("a stored file does not begin like one")
        self._aead, self._header = _aead(key, header), header

    def chunk(self, number: int, sealed: bytes) -> bytes:
        """Return the content of one full chunk."""
        return self._open(number, sealed, end=False)

    def end(self, number: int, sealed: bytes) -> tuple[bytes, str]:
        """Return the last bytes and the hash of the whole content."""
        plain = self._open(number, sealed, end=True)
        return plain[:-_DIGEST], plain[-_DIGEST:].hex()

    def _open(self, number: int, sealed: bytes, *, end: bool) -> bytes:
        try:
            return self._aead.decrypt(_nonce(number, end=end), sealed, self._header)
        except InvalidTag as error:
            raise FileLostError(f"chunk {number} of a stored file is damaged") from error


def _aead(key: bytes, header: bytes) -> AESGCM:
    return AESGCM(derive(key, b"content", header[len(_MAGIC) :]))


def _nonce(number: int, *, end: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([end])
