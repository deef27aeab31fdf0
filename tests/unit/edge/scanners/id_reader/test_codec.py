"""Replies are found in whatever a line brings; cards' texts are taken apart or refused, never guessed."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.scanners.id_reader import codec
from edge.scanners.id_reader.cards import LAYOUTS, TEXT_BYTES, CardDataError, read_text
from edge.scanners.id_reader.codec import HEAD, CardBlocks, FrameError, Reply, ReplyParser, Status
from edge.scanners.id_reader.simulator import PERSONS

REPLIES = st.builds(Reply, st.sampled_from(list(Status)), st.binary(max_size=60))
NOISE = st.one_of(
    st.binary(max_size=12), st.just(HEAD), st.just(HEAD[:3]), st.just(codec.FIND), st.just(HEAD + b"\x0f\xff")
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    marks = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(marks)]


@given(st.lists(REPLIES, max_size=4), st.lists(st.integers(0, 400), max_size=12))
def test_replies_are_found_however_they_are_cut_and_glued(replies: list[Reply], places: list[int]) -> None:
    parser, found = ReplyParser(), []
    for portion in cut(b"".join(each.to_bytes() for each in replies), places):
        found += parser.feed(portion)
    assert found == replies
    assert not parser.waits


@given(NOISE, REPLIES, st.lists(st.integers(0, 400), max_size=6))
def test_a_reply_behind_noise_is_found_at_the_latest_when_time_is_over(
    noise: bytes, reply: Reply, places: list[int]
) -> None:
    parser, found = ReplyParser(), []
    for portion in cut(noise + reply.to_bytes(), places):
        found += parser.feed(portion)
    assert reply in found + parser.give_up()


@given(REPLIES, st.integers(0, 400), st.integers(1, 255))
def test_a_reply_with_one_wrong_byte_is_none(reply: Reply, place: int, change: int) -> None:
    frame = bytearray(reply.to_bytes())
    frame[place % len(frame)] ^= change
    parser = ReplyParser()
    assert parser.feed(bytes(frame)) + parser.give_up() == []


def test_our_own_request_that_comes_back_is_no_reply() -> None:
    assert ReplyParser().feed(codec.FIND + codec.SELECT + codec.READ + Reply(Status.OK).to_bytes()) == [
        Reply(Status.OK)
    ]


@pytest.mark.parametrize("data", [b"", b"\x01", bytes.fromhex("01000400"), bytes.fromhex("01000400") + bytes(1279)])
def test_blocks_whose_lengths_do_not_agree_are_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        codec.card_blocks(data)


def test_what_a_card_says_is_in_no_repr() -> None:
    assert "\\x" not in repr((Reply(Status.OK, b"\x00\x01"), CardBlocks(b"\x00", b"\x01")))


@pytest.mark.parametrize("person", PERSONS)
def test_every_layout_is_read_back(person: str) -> None:
    card = PERSONS[person]
    found = read_text(card.text())
    assert (found.kind, dict(found.fields)) == (card.kind, dict.fromkeys(LAYOUTS[card.kind], "") | dict(card.fields))
    assert (found.valid_to is None) == (card.fields["valid_to"] == "长期")
    assert card.fields["number"] not in repr(found)


@pytest.mark.parametrize("kind", LAYOUTS)
def test_no_field_of_a_layout_lies_on_another(kind: str) -> None:
    places = sorted([*LAYOUTS[kind].values(), (248, 2)])  # type: ignore[index]  # parametrize gives plain text
    assert all(at + length <= following for (at, length), (following, _) in pairwise(places))
    assert sum(places[-1]) <= TEXT_BYTES


@pytest.mark.parametrize("size", [0, 1, 255, 257, 512])
def test_a_truncated_text_is_a_typed_error(size: int) -> None:
    with pytest.raises(CardDataError):
        read_text((PERSONS["wang"].text() * 3)[:size])


@given(st.binary(min_size=TEXT_BYTES, max_size=TEXT_BYTES), st.integers(0, TEXT_BYTES), st.sampled_from(list(PERSONS)))
def test_any_text_is_read_or_refused(noise: bytes, at: int, person: str) -> None:
    text = PERSONS[person].text()
    for mixed in (noise, text[:at] + noise[at:], noise[:at] + text[at:]):
        said = ""
        try:
            assert read_text(mixed).birth < date(9999, 12, 31)
        except CardDataError as error:
            said = str(error)
        assert said.isascii()
