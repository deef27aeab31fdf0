"""IPP as bytes: the example of RFC 8010, every message back and forth, and whatever else may come."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.printers.licence.ipp import (
    Attribute,
    Group,
    IppNonsenseError,
    Message,
    Plain,
    Tag,
    Value,
    decode,
    encode,
    of,
)

# After the Print-Job request of RFC 8010, A.1, field by field.
PRINT_JOB = bytes.fromhex(
    "0200 0002 00000001 01"
    "47 0012 617474726962757465732d63686172736574 0005 7574662d38"
    "48 001b 617474726962757465732d6e61747572616c2d6c616e6775616765 0005 656e2d7573"
    "45 000b 7072696e7465722d757269 0019 6970703a2f2f7072696e7465722e6578616d706c652f697070"
    "42 0008 6a6f622d6e616d65 0006 666f6f626172"
    "22 0016 6970702d6174747269627574652d666964656c697479 0001 01"
    "02"
    "21 0006 636f70696573 0004 00000014"
    "44 0005 7369646573 0013 74776f2d73696465642d6c6f6e672d65646765"
    "03"
    "2521"
)

names = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20)
numbers = st.integers(-(2**31), 2**31 - 1)
values = st.one_of(
    st.builds(Value, st.sampled_from([Tag.INTEGER, Tag.ENUM]).map(int), numbers),
    st.builds(Value, st.just(int(Tag.BOOLEAN)), st.booleans()),
    st.builds(Value, st.sampled_from([Tag.TEXT, Tag.NAME, Tag.KEYWORD, Tag.URI]).map(int), st.text(max_size=20)),
    st.builds(Value, st.just(int(Tag.RANGE)), st.tuples(numbers, numbers)),
    st.builds(Value, st.just(int(Tag.OCTETS)), st.binary(max_size=20)),
    st.builds(Value, st.sampled_from([Tag.NO_VALUE, Tag.UNKNOWN]).map(int), st.none()),
)


def _collected(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    members = st.lists(st.builds(Attribute, names, st.lists(inner, min_size=1, max_size=2).map(tuple)), max_size=3)
    return st.builds(Value, st.just(int(Tag.COLLECTION)), members.map(tuple))


anything = st.recursive(values, _collected, max_leaves=6)
attributes = st.builds(Attribute, names, st.lists(anything, min_size=1, max_size=3).map(tuple))
groups = st.tuples(st.sampled_from([1, 2, 4, 5]), st.lists(attributes, max_size=4).map(tuple))
messages = st.builds(
    Message, st.integers(-(2**15), 2**15 - 1), numbers, st.lists(groups, max_size=3).map(tuple), st.binary(max_size=30)
)


def test_the_example_of_the_rfc_is_read_and_written() -> None:
    message = decode(PRINT_JOB)
    assert (message.version, message.code, message.request_id, message.data) == ((2, 0), 2, 1, b"%!")
    assert message.named(Group.OPERATION)["job-name"] == ("foobar",)
    assert message.named(Group.OPERATION)["ipp-attribute-fidelity"] == (True,)
    assert message.named(Group.JOB) == {"copies": (20,), "sides": ("two-sided-long-edge",)}
    assert encode(message) == PRINT_JOB


def test_a_collection_is_framed_as_the_rfc_says() -> None:
    """RFC 8010, §3.1.6: begin, name of each member as a value, its value without a name, end."""
    size: Plain = (of("x-dimension", Tag.INTEGER, 21000),)
    written = encode(Message(2, 1, ((2, (of("media-size", Tag.COLLECTION, size),)),)))
    expected = (
        "0200 0002 00000001 02"
        "34 000a 6d656469612d73697a65 0000"
        "4a 0000 000b 782d64696d656e73696f6e"
        "21 0000 0004 00005208"
        "37 0000 0000 03"
    )
    assert written == bytes.fromhex(expected)


@given(messages)
def test_every_message_comes_back(message: Message) -> None:
    assert decode(encode(message)) == message


@given(st.binary(max_size=300))
@example(PRINT_JOB[:-3])
def test_whatever_comes_is_a_message_or_nonsense(data: bytes) -> None:
    try:
        message = decode(data)
    except IppNonsenseError:
        return
    assert isinstance(message, Message)


@given(st.integers(0, len(PRINT_JOB) - 1), st.integers(0, 255))
def test_one_wrong_byte_is_a_message_or_nonsense(at: int, byte: int) -> None:
    data = bytearray(PRINT_JOB)
    data[at] = byte
    try:
        decode(bytes(data))
    except IppNonsenseError:
        return


@pytest.mark.parametrize("cut", range(len(PRINT_JOB) - 2))
def test_a_message_that_lacks_its_end_is_nonsense(cut: int) -> None:
    with pytest.raises(IppNonsenseError):
        decode(PRINT_JOB[:cut])


def test_collections_without_end_are_nonsense() -> None:
    deep = bytes.fromhex("0200 0002 00000001 02 34 0001 61 0000") + bytes.fromhex("4a 0000 0001 62 34 0000 0000") * 2000
    with pytest.raises(IppNonsenseError, match="deep"):
        decode(deep + b"\x03")


@pytest.mark.parametrize(
    "value",
    [Value(Tag.INTEGER, 2**31), Value(Tag.TEXT, "x" * 40000), Value(Tag.COLLECTION, 3), Value(Tag.INTEGER, (1, 2))],
)
def test_what_no_type_holds_is_not_written(value: Value) -> None:
    with pytest.raises(ValueError, match="of"):
        encode(Message(2, 1, ((2, (Attribute("a", (value,)),)),)))
