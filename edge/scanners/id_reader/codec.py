"""SDT frames of second-generation identity card readers: requests, replies, and the search for replies in noise.

A frame begins `AA AA AA 96 69`, then two bytes of length, which counts everything after itself, then what is said, then
the XOR of all from the length on. A request is a command and its parameter; a reply begins with three status bytes, of
which the third says how it went. (SAM_V serial protocol, as several vendors of readers describe it.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import reduce
from operator import xor

HEAD = b"\xaa\xaa\xaa\x96\x69"
_LENGTH_AT, _BODY_AT = len(HEAD), len(HEAD) + 2
# Status and check: a shorter frame is a request, our own that came back.
_SHORTEST_REPLY = 4
# The longest that is known is a card with two fingerprints: 2,314.
_LONGEST_REPLY = 4096


class FrameError(ValueError):
    """Bytes that are not what they were taken for; never with the bytes in its text."""


class Status(IntEnum):
    """The third status byte."""

    OK = 0x90
    FOUND = 0x9F
    HOST_CHECKSUM = 0x10
    HOST_LENGTH = 0x11
    HOST_COMMAND = 0x21
    UNCLEAR = 0x24
    CARD_NOT_BELIEVED = 0x31
    READER_NOT_BELIEVED = 0x32
    INFORMATION_WRONG = 0x33
    WRONG_CARD = 0x40
    READ_FAILED = 0x41
    RANDOM_FAILED = 0x47
    SELF_TEST_FAILED = 0x60
    NOT_AUTHORISED = 0x66
    FIND_FAILED = 0x80
    SELECT_FAILED = 0x81
    NO_CONTENT = 0x91  # UNCONFIRMED; nothing here depends on it


def frame(body: bytes) -> bytes:
    """Return the frame around what is said."""
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return HEAD + counted + bytes([reduce(xor, counted, 0)])


def request(command: int, parameter: int, data: bytes = b"") -> bytes:
    """Return the frame of a request."""
    return frame(bytes((command, parameter)) + data)


RESET = request(0x10, 0xFF)
SAM_STATUS = request(0x11, 0xFF)
SAM_NUMBER = request(0x12, 0xFF)
FIND = request(0x20, 0x01)
SELECT = request(0x20, 0x02)
READ = request(0x30, 0x01)
READ_WITH_FINGERPRINT = request(0x30, 0x10)
READ_NEWEST_ADDRESS = request(0x30, 0x03)
BAUD: Mapping[int, bytes] = {115200: request(0x60, 0x00), 57600: request(0x60, 0x01), 9600: request(0x60, 0x04)}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reader answered; `status` may be a code that no source knows."""

    status: int
    data: bytes = field(default=b"", repr=False)

    def to_bytes(self) -> bytes:
        """Return its frame."""
        return frame(bytes((0, 0, self.status)) + self.data)


class ReplyParser:
    """Takes what a line brings, in any portions, and gives the replies in it; noise and echoes are passed over."""

    def __init__(self) -> None:
        self._heard = bytearray()

    def feed(self, data: bytes) -> list[Reply]:
        """Return the replies that are whole now."""
        self._heard += data
        replies: list[Reply] = []
        while (found := self._next()) is not None:
            replies.append(found)
        return replies

    def give_up(self) -> list[Reply]:
        """Time is over: what looks like a frame's beginning was none; return the replies that stand behind it."""
        replies: list[Reply] = []
        while self._heard:
            del self._heard[:1]
            replies += self.feed(b"")
            if not self._heard.startswith(HEAD[:1]):
                self._heard.clear()
        return replies

    @property
    def waits(self) -> bool:
        """Whether a frame has begun and is not whole."""
        return self._heard.startswith(HEAD)

    def _next(self) -> Reply | None:
        """Take the first reply out, None when there is none that is whole."""
        while self._align():
            length = int.from_bytes(self._heard[_LENGTH_AT:_BODY_AT], "big")
            if length + _BODY_AT > len(self._heard) and _SHORTEST_REPLY <= length <= _LONGEST_REPLY:
                return None
            reply = _reply(bytes(self._heard[_LENGTH_AT : _BODY_AT + length]))
            if reply is not None:
                del self._heard[: _BODY_AT + length]
                return reply
            # Not a reply: another one may begin right inside.
            del self._heard[:1]
        return None

    def _align(self) -> bool:
        """Drop what cannot begin a frame; False while a head and its length have not come."""
        at = self._heard.find(HEAD)
        if at < 0:
            # The end may be the beginning of a head.
            keep = next((n for n in range(len(HEAD) - 1, 0, -1) if self._heard.endswith(HEAD[:n])), 0)
            del self._heard[: len(self._heard) - keep]
            return False
        del self._heard[:at]
        return len(self._heard) >= _BODY_AT


def _reply(counted: bytes) -> Reply | None:
    length = int.from_bytes(counted[:2], "big")
    if not _SHORTEST_REPLY <= length <= _LONGEST_REPLY or reduce(xor, counted, 0) or counted[2:4] != b"\x00\x00":
        return None
    return Reply(counted[4], counted[5:-1])


@dataclass(frozen=True, slots=True)
class CardBlocks:
    """What a card holds, undecoded."""

    text: bytes = field(repr=False)
    photo: bytes = field(repr=False)
    fingerprint: bytes = field(default=b"", repr=False)


def card_blocks(data: bytes, *, fingerprint: bool = False) -> CardBlocks:
    """Take apart the data of a reply to `READ` (or `READ_WITH_FINGERPRINT`): lengths first, then the blocks.

    Raises:
        FrameError: the lengths do not agree with what came.
    """
    count = 3 if fingerprint else 2
    lengths = [int.from_bytes(data[2 * n : 2 * n + 2], "big") for n in range(count)]
    if len(data) != 2 * count + sum(lengths):
        raise FrameError(f"blocks of {lengths} bytes in {len(data)}")
    blocks, at = [], 2 * count
    for length in lengths:
        blocks.append(data[at : at + length])
        at += length
    return CardBlocks(*blocks)


def card_data(blocks: CardBlocks) -> bytes:
    """Return the data of a reply to `READ`, the reverse of `card_blocks`."""
    return b"".join(len(each).to_bytes(2, "big") for each in (blocks.text, blocks.photo)) + blocks.text + blocks.photo
