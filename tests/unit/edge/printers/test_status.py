"""Status of receipt printers: every documented bit pattern, and streams in which everything comes at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.printers.receipt.status import Demultiplexer, Status, from_answers, from_automatic

GOOD = (0x12, 0x12, 0x12, 0x12)
# DLE EOT n, the byte, the trouble and the paper: facts on hardware, §4.1, table of bits and values.
ANSWERS = [
    (1, 0x12, (), "ok"),
    (1, 0x16, (), "ok"),
    (1, 0x1A, ("offline",), "ok"),
    (2, 0x16, ("cover open",), "ok"),
    (2, 0x1A, ("feed button",), "ok"),
    (2, 0x32, ("paper out",), "out"),
    (2, 0x52, (), "ok"),
    (3, 0x16, ("mechanical error",), "ok"),
    (3, 0x1A, ("cutter error",), "ok"),
    (3, 0x32, ("unrecoverable error",), "ok"),
    (3, 0x52, ("head too hot",), "ok"),
    (4, 0x1E, (), "near_end"),
    (4, 0x72, ("paper out",), "out"),
    (4, 0x7E, ("paper out",), "out"),
]
AUTOMATIC = [
    ("10 00 00 00", (), "ok"),
    ("14 00 00 00", (), "ok"),
    ("18 00 00 00", ("offline",), "ok"),
    ("38 00 00 00", ("cover open",), "ok"),
    ("50 00 00 00", ("feed button",), "ok"),
    ("18 04 00 00", ("mechanical error",), "ok"),
    ("18 08 00 00", ("cutter error",), "ok"),
    ("18 20 00 00", ("unrecoverable error",), "ok"),
    ("18 40 00 00", ("head too hot",), "ok"),
    ("10 00 03 00", (), "near_end"),
    ("18 00 0f 00", ("paper out",), "out"),
    ("18 00 0c 00", ("paper out",), "out"),
]


@pytest.mark.parametrize(("n", "byte", "troubles", "paper"), ANSWERS)
def test_every_answer_to_dle_eot(n: int, byte: int, troubles: tuple[str, ...], paper: str) -> None:
    answers = list(GOOD)
    answers[n - 1] = byte
    said = from_answers(*answers)
    assert (said.troubles, said.paper) == (troubles, paper)
    assert said.ready == (not troubles)


@pytest.mark.parametrize(("four", "troubles", "paper"), AUTOMATIC)
def test_every_automatic_status(four: str, troubles: tuple[str, ...], paper: str) -> None:
    said = from_automatic(bytes.fromhex(four))
    assert (said.troubles, said.paper) == (troubles, paper)
    assert said.ready == (not troubles)


def test_several_troubles_are_all_told_paper_first() -> None:
    assert from_answers(0x1A, 0x36, 0x1A, 0x72).troubles == ("paper out", "cover open", "cutter error")


@given(
    st.lists(
        st.one_of(
            st.sampled_from([byte for _, byte, _, _ in ANSWERS]),
            st.sampled_from([bytes.fromhex(four) for four, _, _ in AUTOMATIC]),
        ),
        max_size=12,
    ),
    st.data(),
)
def test_answers_status_and_flow_control_are_told_apart_however_they_are_cut(
    said: list[int | bytes], data: st.DataObject
) -> None:
    stream = bytearray()
    for each in said:
        for byte in each if isinstance(each, bytes) else (each,):
            stream += data.draw(st.sampled_from([b"", b"\x11", b"\x13"])) + bytes((byte,))
    demultiplexer, heard = Demultiplexer(), list[int | Status]()
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        heard += demultiplexer.feed(bytes(stream[:size]))
        del stream[:size]
    assert heard == [from_automatic(each) if isinstance(each, bytes) else each for each in said]


def test_an_answer_may_stand_inside_an_automatic_status() -> None:
    heard = list(Demultiplexer().feed(bytes.fromhex("18 00 12 0f 00")))
    assert heard == [0x12, from_automatic(bytes.fromhex("18 00 0f 00"))]


@given(st.binary(max_size=200))
def test_noise_is_never_more_than_what_it_says(noise: bytes) -> None:
    for said in Demultiplexer().feed(noise):
        assert isinstance(said, Status) or said & 0x93 == 0x12


def test_a_status_that_lacks_its_end_is_none() -> None:
    heard = list(Demultiplexer().feed(bytes.fromhex("18 00 18 20 00 00")))
    assert heard == [from_automatic(bytes.fromhex("18 20 00 00"))]
