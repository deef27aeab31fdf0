"""What the hub reads of others: the list of a submission, what a drawing process says, and files on its own disk."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from pydantic import ValidationError

from contract.manifest import Manifest
from contract.publish import EXAMPLES
from hub.services.drawing import pages
from hub.services.file_format import (
    END,
    HEADER,
    PIECE,
    Announced,
    DamagedError,
    FileKeys,
    Sealing,
    WholeFile,
    new_file,
)
from hub.services.picture.submissions import shown_name
from tests.fuzz.runner import Entry

_KEYS = FileKeys(b"k" * 32)
_SAID = Announced("ab" * 32, 5, "application/pdf")


def _list(data: bytes) -> None:
    for part in Manifest.model_validate_json(data).parts:
        shown_name(part.name)


def _stored(data: bytes) -> None:
    file = os.memfd_create("stored")
    try:
        os.write(file, data)
        b"".join(WholeFile(_KEYS, file).pieces())
    finally:
        os.close(file)


def _drawn(data: bytes) -> None:
    pages._read(data)


def _whole() -> bytes:
    """A file as the hub writes it, with a piece and its end."""
    content = b"a page"
    sha256 = hashlib.sha256(content)
    begun = new_file(_KEYS, Announced(sha256.hexdigest(), len(content), "application/pdf"))
    sealing = Sealing(_KEYS, begun[:HEADER])
    return begun + sealing.seal(PIECE, 0, content) + sealing.seal(END, len(content), sha256.digest())


def _example() -> bytes:
    return Path(EXAMPLES / "manifest_body.json").read_bytes()


ENTRIES = [
    Entry(
        "hub_list",
        _list,
        seeds=[_example(), json.dumps(json.loads(_example()), ensure_ascii=False).encode(), b"{}", b"[" * 5000],
        allowed=(ValidationError,),
    ),
    Entry(
        "hub_drawn",
        _drawn,
        seeds=[b'{"pages": 2, "width": 160, "height": 226}\n\xff\xd8\xff\xe0', b'{"refused": "encrypted"}\n'],
        allowed=(pages.UndrawableError,),
    ),
    Entry(
        "hub_stored_file",
        _stored,
        seeds=[_whole(), new_file(_KEYS, _SAID), new_file(_KEYS, _SAID) + bytes(33), b"NDH\x01" + bytes(32)],
        allowed=(DamagedError,),
    ),
]
