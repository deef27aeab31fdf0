"""The frames of a search move no coil: of no family, glued together, and misheard at any other speed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import pairwise
from operator import xor

import pytest

from edge.lockers.commissioning import COMMISSIONABLE, doors, only_answer
from edge.lockers.lock8a.contact import ask_contact, read_contact
from edge.ports import Door

SPEEDS = (4800, 9600, 19200, 38400, 57600, 115200)


def crc16(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def moves_a_coil(heard: bytes) -> bool:
    """Whether a frame begins here that some board acts on, spelled from the vendors' tables and not from codecs.

    Check sums are demanded where the family has one; a board that does not check them is not protected by this.
    """
    head = heard[:1]
    if head in (b"\x8a", b"\x9a", b"\x9b") and heard[3:4] == b"\x11":
        return any(len(heard) >= n and reduce(xor, heard[:n]) == 0 for n in (5, 6))
    if head == b"\x90":
        batch = len(heard) >= 6 and reduce(xor, heard[:6]) == 0
        return batch or heard[1:3] == b"\x06\x05"
    if heard[:4] == b"WKLY":
        return heard[6:7] in (b"\x80", b"\x82", b"\x86", b"\x87", b"\x88")
    if head == b"\x02":
        short = (
            len(heard) >= 5 and heard[2] in (0x31, 0x33, 0x39) and heard[3] == 3 and sum(heard[:4]) % 256 == heard[4]
        )
        long = len(heard) >= 6 and heard[3] in (0x51, 0x61) and heard[4] == 3 and sum(heard[:5]) % 256 == heard[5]
        return short or long
    if heard[:2] == b"\xdc\x02":
        return heard[3:4] in (b"\x10", b"\x14", b"\x15", b"\x16", b"\x18", b"\x1a")
    if head == b"\xf5" and heard[3:4] == b"\x71":
        return True
    return heard[1:2] in (b"\x05", b"\x06", b"\x0f", b"\x10") and any(
        len(heard) >= n and crc16(heard[:n]) == 0 for n in (8, 10)
    )


@pytest.mark.parametrize(
    "frame",
    [
        "8A 01 01 11 9B", "8A 01 00 11 9A", "8A 01 01 11 03 98", "90 01 02 02 02 93", "9A 01 01 11 8B",
        "57 4B 4C 59 09 00 82 01 83", "02 00 00 51 03 56", "02 0A 30 51 03 90", "02 00 00 61 03 66", "02 00 31 03 36",
        "02 00 33 03 38", "DC 02 01 10 01 01 13", "90 06 05 00 01 03", "01 05 02 00 00 07 8D B0",
        "01 0F 00 00 00 08 01 00 FE 95",
    ],
)  # fmt: skip
def test_the_judge_knows_the_vendors_frames(frame: str) -> None:
    assert moves_a_coil(bytes.fromhex(frame))


def questions(name: str) -> list[bytes]:
    """Every frame that a search may send to a family, in the order in which it does."""
    kind = COMMISSIONABLE[name]
    return [
        question.request
        for address in kind.addresses
        for tongue in kind.tongues(address).values()
        for question in tongue.questions()
    ]


def contacts(name: str) -> Iterator[bytes]:
    kind = COMMISSIONABLE[name]
    if kind.contacts is not None:
        for address in kind.addresses:
            for channel in kind.locks:
                yield kind.contacts.question(address, channel).request


def everything() -> list[bytes]:
    once = {frame for name in COMMISSIONABLE for frame in questions(name)}
    return sorted(once)


def coils_in(stream: bytes) -> list[int]:
    return [at for at in range(len(stream)) if moves_a_coil(stream[at : at + 16])]


@pytest.mark.parametrize("name", COMMISSIONABLE)
def test_unlock_frames_of_the_family_are_seen_by_the_judge(name: str) -> None:
    """Or the tests below would pass for a family that the judge does not know."""
    kind = COMMISSIONABLE[name]
    for tongue in kind.tongues(kind.addresses[0]).values():
        assert moves_a_coil(tongue.unlock(kind.locks[0]))


def test_no_question_moves_a_coil_even_glued_to_any_other() -> None:
    frames = everything()
    assert len(frames) > 40
    for one in frames:
        for other in frames:
            assert coils_in(one + other) == [], (one + other).hex(" ")


@pytest.mark.parametrize("name", COMMISSIONABLE)
def test_nor_do_questions_about_single_locks(name: str) -> None:
    frames = list(contacts(name))
    for one, other in pairwise(frames):
        assert coils_in(one + other) == [], (one + other).hex(" ")


def misheard(frame: bytes, sent_at: int, heard_at: int) -> tuple[bytes, bytes]:
    """What a receiver set to another speed makes of a frame: with bytes of a wrong stop bit, and without them."""
    level = [1, *(bit for byte in frame for bit in (0, *((byte >> n) & 1 for n in range(8)), 1)), *[1] * 24]
    every, whole = bytearray(), bytearray()
    # Times are counted in 1 / (2 * sent_at * heard_at) seconds, so that samples fall on whole numbers.
    bit, sample = 2 * heard_at, 2 * sent_at
    at = 1
    while at < len(level) - 24:
        if not (level[at - 1] == 1 and level[at] == 0):
            at += 1
            continue
        start = at * bit
        reads = [level[min((start + sample // 2 + n * sample) // bit, len(level) - 1)] for n in range(10)]
        byte = sum(value << n for n, value in enumerate(reads[1:9]))
        if reads[0] == 0:
            every.append(byte)
            if reads[9] == 1:
                whole.append(byte)
        at = max(at + 1, -(-(start + sample // 2 + 9 * sample) // bit))
    return bytes(every), bytes(whole)


def test_a_receiver_of_the_same_speed_hears_what_was_sent() -> None:
    assert misheard(b"\x80\x01\x00\x33\xb2", 9600, 9600) == (b"\x80\x01\x00\x33\xb2",) * 2


@pytest.mark.parametrize("sent_at", SPEEDS)
def test_no_question_misheard_at_another_speed_moves_a_coil(sent_at: int) -> None:
    for frame in everything():
        for heard_at in SPEEDS:
            for heard in misheard(frame, sent_at, heard_at):
                assert coils_in(heard) == [], (frame.hex(" "), sent_at, heard_at, heard.hex(" "))


def test_two_answers_to_one_question_are_not_believed() -> None:
    tongue = next(iter(COMMISSIONABLE["kerong_cu48"].tongues(0).values()))
    [question] = tongue.questions()
    answer = bytes.fromhex("02 00 00 65 FE FF FF FF FF FF 03 63")
    assert only_answer(question, answer) == answer
    assert only_answer(question, answer + answer) is None
    assert only_answer(question, b"\x03" + answer[:-1]) is None


def test_readings_are_those_of_the_drivers() -> None:
    """Lock 2 as two sources send it: `80 01 00 00 02 33 B0` with the high group first."""
    frame = bytes.fromhex("80 01 00 00 02 33 B0")
    moved = {
        (dict(reading)["status_byte_order"], dict(reading)["bitmap_polarity"]): [
            channel
            for channel, door in doors(tongue.questions(), [frame]).items()
            if (door is Door.OPEN) == (dict(reading)["bitmap_polarity"] == "one_is_open")
        ]
        for reading, tongue in COMMISSIONABLE["lock8a"].tongues(1).items()
    }
    assert moved["high_first", "one_is_open"] == moved["high_first", "one_is_closed"] == [2]
    assert moved["low_first", "one_is_open"] == moved["low_first", "one_is_closed"] == [18]


def test_one_contact_asked_alone_as_the_source_prints_it() -> None:
    question = ask_contact(1, 1)
    assert question.request == bytes.fromhex("80 01 01 33 B3")
    shorted, open_ = bytes.fromhex("80 01 01 11 91"), bytes.fromhex("80 01 01 00 80")
    for answer in (shorted, open_):
        assert only_answer(question, question.request + answer) == answer
    assert only_answer(question, shorted + open_) is None
    assert only_answer(ask_contact(1, 2), shorted) is None
    assert read_contact(shorted, {"single_polarity": "closed_is_11"}) is Door.CLOSED
    assert read_contact(shorted, {"single_polarity": "closed_is_00"}) is Door.OPEN
