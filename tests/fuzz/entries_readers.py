"""What card and code readers put on their lines: frames, a card's text, codes, key events."""

from __future__ import annotations

import zlib

from edge.scanners.barcode_reader import codec as codes
from edge.scanners.barcode_reader.keys import KeyParser
from edge.scanners.barcode_reader.simulator import typed
from edge.scanners.id_reader import codec as sdt
from edge.scanners.id_reader.cards import CardDataError, id_card, read_text
from edge.scanners.id_reader.codec import CardBlocks, FrameError, Reply, ReplyParser, Status
from edge.scanners.id_reader.simulator import PERSONS, SdtSimulator
from tests.fuzz.runner import Entry

_CARDS = [Reply(Status.OK, sdt.card_data(CardBlocks(card.text(), card.photo))).to_bytes() for card in PERSONS.values()]
_REPLIES = [Reply(status, bytes(4)).to_bytes() for status in Status]
_REQUESTS = [sdt.RESET, sdt.FIND, sdt.SELECT, sdt.READ, sdt.READ_WITH_FINGERPRINT, sdt.READ_NEWEST_ADDRESS]


def _portions(data: bytes) -> list[bytes]:
    """Cut by the input's own check sum, so that an input says how it arrives."""
    step = 1 + zlib.crc32(data) % 97
    return [data[n : n + step] for n in range(0, len(data), step)]


def _frames(data: bytes) -> None:
    parser, replies = ReplyParser(), []
    for portion in _portions(data):
        replies += parser.feed(portion)
    replies += parser.give_up()
    assert not parser.waits
    for reply in replies:
        for fingerprint in (False, True):
            try:
                blocks = sdt.card_blocks(reply.data, fingerprint=fingerprint)
                id_card(read_text(blocks.text), blocks.photo)
            except (FrameError, CardDataError):
                continue


def _card(data: bytes) -> None:
    read_text(data[:256].ljust(256, b"\x00"))


def _requests(data: bytes) -> None:
    simulator = SdtSimulator()
    simulator.put(PERSONS["wang"])
    for portion in _portions(data):
        simulator.receive(portion)


def _lines(data: bytes) -> None:
    parser = codes.CodeParser((codes.gm65_ack(), codes.SSI_ACK))
    for portion in _portions(data):
        for code in parser.feed(portion) + (parser.silence() if len(portion) % 5 == 0 else []):
            assert len(code) <= codes.LONGEST_CODE
            codes.decode(code)


def _keys(data: bytes) -> None:
    parser = KeyParser()
    for portion in _portions(data):
        assert all(len(text) <= codes.LONGEST_CODE for text in parser.feed(portion))


ENTRIES = [
    Entry("sdt replies", _frames, [*_CARDS, *_REPLIES, b"".join(_REPLIES)]),
    Entry("sdt requests", _requests, [*_REQUESTS, b"".join(_REQUESTS)]),
    Entry("card texts", _card, [card.text() for card in PERSONS.values()], (CardDataError,)),
    Entry(
        "code lines",
        _lines,
        [
            b"code\r",
            b"\x02\x00\x00\x01\x00\x33\x31code\r\n",
            "取件\n".encode(),
            "取件\n".encode("gb18030"),
            b"x" * 4200,
        ],
    ),
    Entry("key events", _keys, [typed("ABC-123_x"), typed("a" * 300)]),
]
