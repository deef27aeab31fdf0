"""Messages between the station's agent and a worker of its own: a JSON head and blobs, with their lengths before them.

Contents go through a pipe and never through a file. A message that is too long or no JSON ends the conversation: the
worker's bytes are not trusted more than a wire's.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_LENGTHS = struct.Struct(">II")
LONGEST_HEAD = 1 << 20
LONGEST_BLOBS = 1 << 28


class NoMessageError(ValueError):
    """Bytes that are no message."""


@dataclass(frozen=True, slots=True)
class Message:
    """`kind` says what it is; `facts` are plain JSON, `blobs` pictures or a document."""

    kind: str
    facts: dict[str, Any] = field(default_factory=dict, repr=False)
    blobs: tuple[bytes, ...] = field(default=(), repr=False)


def encode(message: Message) -> bytes:
    """Return the message as bytes."""
    head = {"kind": message.kind, "facts": message.facts, "blobs": [len(blob) for blob in message.blobs]}
    text = json.dumps(head).encode()
    return b"".join((_LENGTHS.pack(len(text), sum(map(len, message.blobs))), text, *message.blobs))


class Decoder:
    """Takes bytes as they come and gives the whole messages among them."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield what is whole now.

        Raises:
            NoMessageError: the bytes belong to no message; nothing after them can be understood.
        """
        self._waiting += data
        while (message := self._take()) is not None:
            yield message

    def _take(self) -> Message | None:
        if len(self._waiting) < _LENGTHS.size:
            return None
        head, blobs = _LENGTHS.unpack_from(self._waiting)
        if head > LONGEST_HEAD or blobs > LONGEST_BLOBS:
            raise NoMessageError("too long")
        whole = _LENGTHS.size + head + blobs
        if len(self._waiting) < whole:
            return None
        text = bytes(self._waiting[_LENGTHS.size : _LENGTHS.size + head])
        body = bytes(self._waiting[_LENGTHS.size + head : whole])
        del self._waiting[:whole]
        return _message(text, body)


def _message(text: bytes, body: bytes) -> Message:
    try:
        head = json.loads(text)
        kind, facts, lengths = head["kind"], head["facts"], head["blobs"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoMessageError("no head") from error
    if not isinstance(kind, str) or not isinstance(facts, dict) or not isinstance(lengths, list):
        raise NoMessageError("no head")
    if not all(type(each) is int and each >= 0 for each in lengths) or sum(lengths) != len(body):
        raise NoMessageError("lengths")
    blobs, start = [], 0
    for length in lengths:
        blobs.append(body[start : start + length])
        start += length
    return Message(kind, facts, tuple(blobs))
