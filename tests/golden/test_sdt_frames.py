"""SDT frames byte by byte as the sources print them, and a synthetic card whose check byte is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.scanners.id_reader import codec
from edge.scanners.id_reader.cards import CardDataError, id_card, read_text
from edge.scanners.id_reader.codec import CardBlocks, Reply, ReplyParser, Status
from edge.scanners.id_reader.simulator import Card, citizen_card

HEAD = "aa aa aa 96 69 "


@pytest.mark.parametrize(
    ("request_frame", "printed"),
    [
        (codec.RESET, "00 03 10 ff ec"),
        (codec.SAM_STATUS, "00 03 11 ff ed"),
        (codec.SAM_NUMBER, "00 03 12 ff ee"),
        (codec.FIND, "00 03 20 01 22"),
        (codec.SELECT, "00 03 20 02 21"),
        (codec.READ, "00 03 30 01 32"),
        (codec.READ_WITH_FINGERPRINT, "00 03 30 10 23"),
        (codec.READ_NEWEST_ADDRESS, "00 03 30 03 30"),
        (codec.BAUD[115200], "00 03 60 00 63"),
        (codec.BAUD[57600], "00 03 60 01 62"),
        (codec.BAUD[9600], "00 03 60 04 67"),
    ],
)
def test_requests(request_frame: bytes, printed: str) -> None:
    assert request_frame.hex(" ") == HEAD + printed


@pytest.mark.parametrize(
    ("printed", "reply"),
    [
        ("00 04 00 00 90 94", Reply(Status.OK)),
        ("00 08 00 00 9f 00 00 00 00 97", Reply(Status.FOUND, bytes(4))),
        ("00 0c 00 00 90 00 00 00 00 00 00 00 00 9c", Reply(Status.OK, bytes(8))),
        ("00 04 00 00 80 84", Reply(Status.FIND_FAILED)),
        ("00 04 00 00 81 85", Reply(Status.SELECT_FAILED)),
        ("00 04 00 00 41 45", Reply(Status.READ_FAILED)),
    ],
)
def test_replies(printed: str, reply: Reply) -> None:
    frame = bytes.fromhex(HEAD + printed)
    assert reply.to_bytes() == frame
    assert ReplyParser().feed(frame) == [reply]


def card(number: str) -> Card:
    made = citizen_card("测试一", number)
    return replace(made, fields={**made.fields, "name": "测试一", "sex": "1"})


@pytest.mark.parametrize(("number", "check"), [("110101199001010015", 0xCE), ("11010119900101001X", 0xA3)])
def test_a_whole_card(number: str, check: int) -> None:
    blocks = CardBlocks(card(number).text(), bytes(1024))
    frame = Reply(Status.OK, codec.card_data(blocks)).to_bytes()
    assert (len(frame), frame[:14].hex(" "), frame[-1]) == (1295, HEAD + "05 08 00 00 90 01 00 04 00", check)
    (reply,) = ReplyParser().feed(frame)
    assert codec.card_blocks(reply.data) == blocks


def test_the_card_whose_check_symbol_is_wrong_is_not_believed() -> None:
    assert id_card(read_text(card("110101199001010015").text()), b"").name == "测试一"
    with pytest.raises(CardDataError):
        read_text(card("11010119900101001X").text())


def test_a_card_with_fingerprints() -> None:
    blocks = CardBlocks(bytes(256), bytes(1024), bytes(range(256)) * 4)
    data = bytes.fromhex("0100 0400 0400") + blocks.text + blocks.photo + blocks.fingerprint
    frame = Reply(Status.OK, data).to_bytes()
    assert (len(frame), frame[5:7].hex()) == (2321, "090a")
    (reply,) = ReplyParser().feed(frame)
    assert codec.card_blocks(reply.data, fingerprint=True) == blocks
