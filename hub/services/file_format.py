"""How a content looks on the hub's disk: AES-256-GCM in records, appended as they come, with an end that must be there.

```text
header     4 bytes "NDH" and the algorithm's number (1: AES-256-GCM), 32 bytes of salt
announced  a record: what a station said that it will send, as JSON
pieces     records: the content, each as long as it came
end        a record: the SHA-256 of the whole, written once it was counted
record     1 byte kind, 4 bytes length of what is sealed, 12 bytes nonce, then that and a tag of 16 bytes
```
Each file has a key of its own (HKDF from the store's key and the salt). A record is bound to its file, its kind and its
place in the content, so none can be changed, moved, left out or taken from another file, and a file without its end is
none. Nonces are random, not counted: after a cut the same place is sealed again with other bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.errors import HubError

_MAGIC = b"NDH\x01"
HEADER = len(_MAGIC) + 32
_HEAD = struct.Struct(">BI12s")
_TAG = 16
OVERHEAD = _HEAD.size + _TAG
ANNOUNCED, PIECE, END = range(3)
LARGEST_RECORD = 4 * 1024 * 1024


class DamagedError(HubError):
    """A stored file is not what was written; nothing of it is handed out."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What a station said that it will send."""

    sha256: str
    size: int
    media_type: str


class FileKeys:
    """What is derived from the store's secret: a key for each file, and names that tell nobody a hash."""

    def __init__(self, secret: bytes) -> None:
        self._contents = _derive(secret, b"contents")
        self._names = _derive(secret, b"names")
        self._papers = _derive(secret, b"papers")

    def name(self, sha256: str) -> str:
        """Return what a content is called on the disk: who has the document cannot look for it there."""
        return hmac.digest(self._names, bytes.fromhex(sha256), "sha256").hex()

    def proof(self) -> str:
        """Return what tells this key from every other one, and nothing about it."""
        return hmac.digest(self._names, b"proof", "sha256").hex()

    def for_papers(self) -> bytes:
        """Return the key of what is kept sealed in the database until it is printed."""
        return self._papers

    def for_file(self, header: bytes) -> AESGCM:
        """Return the key of one file."""
        return AESGCM(_derive(self._contents, b"file", header[len(_MAGIC) :]))


def _derive(secret: bytes, purpose: bytes, salt: bytes | None = None) -> bytes:
    return HKDF(SHA256(), 32, salt, b"nightdesk hub files: " + purpose).derive(secret)


@dataclass(frozen=True, slots=True)
class Record:
    """Where a record lies: `place` in the file, `offset` in the content."""

    kind: int
    place: int
    length: int
    offset: int
    nonce: bytes

    @property
    def ends(self) -> int:
        """The place behind it."""
        return self.place + OVERHEAD + self.length


class Sealing:
    """Seals and opens the records of one file."""

    def __init__(self, keys: FileKeys, header: bytes) -> None:
        if len(header) != HEADER or not header.startswith(_MAGIC):
            raise DamagedError("a stored file does not begin like one")
        self._aead, self._header = keys.for_file(header), header

    def seal(self, kind: int, offset: int, plain: bytes) -> bytes:
        """Return a record."""
        nonce = secrets.token_bytes(12)
        return _HEAD.pack(kind, len(plain), nonce) + self._aead.encrypt(nonce, plain, self._bound(kind, offset))

    def open(self, file: int, record: Record) -> bytes:
        """Return what is sealed in a record.

        Raises:
            DamagedError: it was not sealed like that.
        """
        sealed = os.pread(file, record.length + _TAG, record.place + _HEAD.size)
        try:
            return self._aead.decrypt(record.nonce, sealed, self._bound(record.kind, record.offset))
        except InvalidTag as error:
            raise DamagedError("a piece of a stored file is damaged") from error

    def _bound(self, kind: int, offset: int) -> bytes:
        return self._header + bytes([kind]) + offset.to_bytes(8, "big")


def new_file(keys: FileKeys, said: Announced) -> bytes:
    """Return the beginning of a file: its header, and what was announced."""
    header = _MAGIC + secrets.token_bytes(HEADER - len(_MAGIC))
    return header + Sealing(keys, header).seal(ANNOUNCED, 0, json.dumps(asdict(said)).encode())


def sealing_of(keys: FileKeys, file: int) -> Sealing:
    """Read a file's header; raises DamagedError."""
    return Sealing(keys, os.pread(file, HEADER, 0))


def walk(file: int) -> Iterator[Record]:
    """Yield the records that are there whole, by their lengths alone; a torn end is left out."""
    size, place, offset = os.fstat(file).st_size, HEADER, 0
    while place + OVERHEAD <= size:
        kind, length, nonce = _HEAD.unpack(os.pread(file, _HEAD.size, place))
        record = Record(kind, place, length, offset, nonce)
        if kind > END or length > LARGEST_RECORD or record.ends > size:
            return
        yield record
        place, offset = record.ends, offset + (length if kind == PIECE else 0)


def read_announced(sealing: Sealing, file: int) -> Announced:
    """Return what was announced; raises DamagedError."""
    first = next(walk(file), None)
    if first is None or first.kind != ANNOUNCED:
        raise DamagedError("a stored file does not say what it is")
    return Announced(**json.loads(sealing.open(file, first)))


def _pieces_and_end(file: int) -> tuple[list[Record], Record]:
    """Return the records behind the first; there is an end, nothing else between, and nothing behind it."""
    found = list(walk(file))[1:]
    kinds = [record.kind for record in found]
    if kinds != [PIECE] * (len(found) - 1) + [END] or found[-1].ends != os.fstat(file).st_size:
        raise DamagedError("a stored file has no end, or something behind it")
    return found[:-1], found[-1]


class WholeFile:
    """A file that has its end. Nothing is read of one that was cut, or is another's."""

    def __init__(self, keys: FileKeys, file: int) -> None:
        self._file, self._sealing = file, sealing_of(keys, file)
        self.said = read_announced(self._sealing, file)
        self._pieces, end = _pieces_and_end(file)
        self.size, self.sha256 = end.offset, self._sealing.open(file, end).hex()
        if (self.size, self.sha256) != (self.said.size, self.said.sha256):
            raise DamagedError("a stored file is not what was announced")

    def pieces(self) -> Iterator[bytes]:
        """Yield the content; raises DamagedError, and what was yielded before is sound."""
        return (self._sealing.open(self._file, record) for record in self._pieces)

    def hash(self) -> str:
        """Count the hash of what lies there now; raises DamagedError."""
        hashed = hashlib.sha256()
        for piece in self.pieces():
            hashed.update(piece)
        return hashed.hexdigest()
