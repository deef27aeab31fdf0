"""IPP messages as bytes, both ways (RFC 8010, §3): groups of attributes with typed values, then a document.

Ours because the choice was between a client that cannot send a job by itself (pyipp), one under the GPL (pycups), and a
program to be fed with files (ipptool); see ADR 0017. Bytes come from a printer, so they are believed no further than
they are well formed: whatever they hold, decoding gives a message or `IppNonsenseError`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

MOST_DEPTH = 8
_VERSION = (2, 0)
_HEAD = struct.Struct(">BBhi")
_LENGTH = struct.Struct(">H")


class IppNonsenseError(ValueError):
    """Bytes that are no IPP message."""


class Group(IntEnum):
    """Delimiters of groups."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05


class Tag(IntEnum):
    """Types of values; the three of a collection frame its members."""

    UNSUPPORTED = 0x10
    UNKNOWN = 0x12
    NO_VALUE = 0x13
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    OCTETS = 0x30
    DATE_TIME = 0x31
    RESOLUTION = 0x32
    RANGE = 0x33
    COLLECTION = 0x34
    TEXT_LANGUAGE = 0x35
    NAME_LANGUAGE = 0x36
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    URI_SCHEME = 0x46
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME = 0x49
    MEMBER = 0x4A


_NOTHING = frozenset({Tag.UNSUPPORTED, Tag.UNKNOWN, Tag.NO_VALUE})
_NUMBERS = frozenset({Tag.INTEGER, Tag.ENUM})
_TEXTS = frozenset({Tag.TEXT, Tag.NAME, Tag.KEYWORD, Tag.URI, Tag.URI_SCHEME, Tag.CHARSET, Tag.LANGUAGE, Tag.MIME})

Plain = int | bool | str | bytes | tuple[int, int] | None | tuple["Attribute", ...]
"""A number, a truth, a text, octets (types that are not read here stay octets), a range, nothing, a collection."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value and its type."""

    tag: int
    plain: Plain


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name with one or several values."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A request (`code` is the operation) or an answer (`code` is the status); `data` is the document behind it."""

    code: int
    request_id: int
    groups: tuple[tuple[int, tuple[Attribute, ...]], ...]
    data: bytes = field(default=b"", repr=False)
    version: tuple[int, int] = _VERSION

    def named(self, group: Group) -> dict[str, tuple[Plain, ...]]:
        """Return the plain values of the first group of a kind by name."""
        for tag, attributes in self.groups:
            if tag == group:
                return {each.name: tuple(value.plain for value in each.values) for each in attributes}
        return {}


def of(name: str, tag: Tag, *plain: Plain) -> Attribute:
    """Return an attribute whose values are all of one type."""
    return Attribute(name, tuple(Value(tag, each) for each in plain))


def encode(message: Message) -> bytes:
    """Return the message as bytes.

    Raises:
        ValueError: a value that its type cannot hold, or one longer than 32,767 bytes.
    """
    out = [_HEAD.pack(*message.version, message.code, message.request_id)]
    for tag, attributes in message.groups:
        out.append(bytes((tag,)))
        for attribute in attributes:
            out += _attribute(attribute)
    return b"".join((*out, bytes((Group.END,)), message.data))


def _attribute(attribute: Attribute) -> Iterator[bytes]:
    name = attribute.name.encode("ascii")
    for value in attribute.values:
        yield from _field(value.tag, name, value.plain)
        name = b""


def _field(tag: int, name: bytes, plain: Plain) -> Iterator[bytes]:
    if tag != Tag.COLLECTION:
        yield _framed(tag, name, _octets(tag, plain))
        return
    yield _framed(tag, name, b"")
    for member in plain if isinstance(plain, tuple) else (plain,):
        match member:
            case Attribute():
                yield _framed(Tag.MEMBER, b"", member.name.encode("ascii"))
                for value in member.values:
                    yield from _field(value.tag, b"", value.plain)
            case _:
                raise ValueError("members of a collection")
    yield _framed(Tag.END_COLLECTION, b"", b"")


def _framed(tag: int, name: bytes, octets: bytes) -> bytes:
    if max(len(name), len(octets)) > 0x7FFF:
        raise ValueError("a value of at most 32,767 bytes")
    return bytes((tag,)) + _LENGTH.pack(len(name)) + name + _LENGTH.pack(len(octets)) + octets


def _octets(tag: int, plain: Plain) -> bytes:
    match plain:
        case None:
            return b""
        case bool():
            return bytes((plain,))
        case int():
            try:
                return struct.pack(">i", plain)
            except struct.error as error:
                raise ValueError("a number of 32 bits") from error
        case str():
            return plain.encode()
        case bytes():
            return plain
        case (int(low), int(high)) if tag == Tag.RANGE:
            return struct.pack(">ii", low, high)
    raise ValueError("a value of its type")


def decode(data: bytes) -> Message:
    """Return the message.

    Raises:
        IppNonsenseError: too short, lengths that lead beyond the end, values that their type cannot hold, collections
            that do not close or are nested too deep.
    """
    reader = _Reader(data)
    major, minor, code, request_id = _HEAD.unpack(reader.take(_HEAD.size))
    groups: list[tuple[int, tuple[Attribute, ...]]] = []
    tag = reader.byte()
    while tag != Group.END:
        if not 0x01 <= tag <= 0x0F:
            raise IppNonsenseError("no group")
        attributes, following = _group(reader)
        groups.append((tag, tuple(attributes)))
        tag = following
    return Message(code, request_id, tuple(groups), reader.rest(), (major, minor))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise IppNonsenseError("too short")
        self._at += size
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def sized(self) -> bytes:
        return self.take(_LENGTH.unpack(self.take(2))[0])

    def rest(self) -> bytes:
        return self._data[self._at :]


def _group(reader: _Reader) -> tuple[list[Attribute], int]:
    attributes: list[Attribute] = []
    while (tag := reader.byte()) > 0x0F:
        name, value = _text(reader.sized()), _value(reader, tag, 0)
        if name:
            attributes.append(Attribute(name, (value,)))
        elif attributes:
            last = attributes[-1]
            attributes[-1] = Attribute(last.name, (*last.values, value))
        else:
            raise IppNonsenseError("a value without a name")
    return attributes, tag


def _value(reader: _Reader, tag: int, depth: int) -> Value:
    octets = reader.sized()
    if tag == Tag.COLLECTION:
        return Value(tag, tuple(_members(reader, depth + 1)))
    if tag in {Tag.MEMBER, Tag.END_COLLECTION}:
        raise IppNonsenseError("a member of nothing")
    return Value(tag, _plain(tag, octets))


def _members(reader: _Reader, depth: int) -> Iterable[Attribute]:
    if depth > MOST_DEPTH:
        raise IppNonsenseError("nested too deep")
    members: list[Attribute] = []
    while True:
        tag = reader.byte()
        if reader.sized():
            raise IppNonsenseError("a named member")
        if tag == Tag.END_COLLECTION:
            reader.sized()
            return members
        if tag == Tag.MEMBER:
            members.append(Attribute(_text(reader.sized()), ()))
        elif members and tag > 0x0F:
            last = members[-1]
            members[-1] = Attribute(last.name, (*last.values, _value(reader, tag, depth)))
        else:
            raise IppNonsenseError("a value of no member")


def _plain(tag: int, octets: bytes) -> Plain:
    if tag in _NOTHING:
        return None
    if tag in _NUMBERS and len(octets) == 4:
        return int.from_bytes(octets, "big", signed=True)
    if tag == Tag.BOOLEAN and octets in {b"\x00", b"\x01"}:
        return octets == b"\x01"
    if tag == Tag.RANGE and len(octets) == 8:
        low, high = struct.unpack(">ii", octets)
        return low, high
    if tag in _TEXTS:
        return _text(octets)
    if tag in _NUMBERS | {Tag.BOOLEAN, Tag.RANGE}:
        raise IppNonsenseError("a value of another length")
    return octets


def _text(octets: bytes) -> str:
    # Printers of some makers write names in a charset of their own; what cannot be read is shown as such.
    return octets.decode("utf-8", errors="replace")
