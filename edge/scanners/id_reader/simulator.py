"""A reader of identity cards that answers SDT bytes, and synthetic persons whose cards can be put on it.

Nobody real: names and numbers are made up, and the numbers carry a right check symbol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Literal, get_args

from contract.citizen_numbers import PersonKind
from edge.scanners.id_reader import codec
from edge.scanners.id_reader.cards import KIND_FLAGS, LAYOUTS, PHOTO_BYTES, TEXT_BYTES
from edge.scanners.id_reader.codec import HEAD, Reply, Status

Fault = Literal["taken_away", "cut_off", "wrong_card", "unreadable", "self_test", "refused", "silent", "slow", "none"]
FAULTS = get_args(Fault)
SLOW_SECONDS = 1.5
_REQUEST_LIMIT = 64


@dataclass(frozen=True)
class Card:
    """A card: its kind, and what stands in the fields of its layout."""

    kind: PersonKind
    fields: Mapping[str, str]
    photo: bytes = field(default=bytes(PHOTO_BYTES), repr=False)

    def text(self) -> bytes:
        """Return its 256 bytes, spaces where nothing stands."""
        text = bytearray(" ".encode("utf-16-le") * (TEXT_BYTES // 2))
        flag = next(flag for flag, kind in KIND_FLAGS.items() if kind == self.kind) or " "
        text[248:250] = flag.encode("utf-16-le")
        for name, said in self.fields.items():
            at, length = LAYOUTS[self.kind][name]
            text[at : at + length] = said.ljust(length // 2).encode("utf-16-le")[:length]
        return bytes(text)


def citizen_card(name: str, number: str, *, valid_to: str = "20400101") -> Card:
    """Return a citizen's card with made-up other fields."""
    sex = "1" if int(number[16]) % 2 else "2"
    return Card(
        "citizen",
        {
            "name": name,
            "sex": sex,
            "ethnicity": "01",
            "birth": number[6:14],
            "address": "测试省测试市测试路1号",
            "number": number,
            "authority": "测试市公安局",
            "valid_from": "20200101",
            "valid_to": valid_to,
        },
    )


PERSONS: Mapping[str, Card] = {
    "wang": citizen_card("王测试", "110101199003070011"),
    "li": citizen_card("李样例", "11010119900307002X", valid_to="长期"),
    "zhang": citizen_card("张示范", "110101200002290157"),
    "zhao": citizen_card("赵过期", "110101196001010011", valid_to="20251231"),
    "chan": Card(
        "hmt_resident",
        {
            **citizen_card("陈港生", "810000199506150113").fields,
            "pass_number": "H00000000",
            "issue": "01",
        },
    ),
    "smith": Card(
        "foreign_2017",
        {
            "english_name": "SAMPLE, SAM",
            "sex": "1",
            "number": "USA110181101211",
            "country": "USA",
            "name": "样山姆",
            "valid_from": "20180101",
            "valid_to": "20280101",
            "birth": "19811012",
            "version": "01",
            "authority": "1500",
        },
    ),
    "jones": Card(
        "foreign_2023",
        {
            "name": "样琼",
            "sex": "1",
            "issue": "01",
            "birth": "19811012",
            "english_name": "SAMPLE, JOAN",
            "number": "911840198110120019",
            "valid_from": "20240101",
            "valid_to": "20340101",
            "country": "USA",
        },
    ),
}


class SdtSimulator:
    """One reader. `finds_again` False: a card that was read is not found until it was lifted, as some readers do."""

    def __init__(self, *, finds_again: bool = True) -> None:
        self.fault: Fault = "none"
        self.card: Card | None = None
        self._finds_again, self._read = finds_again, False
        self._found = self._selected = False
        self._heard = b""
        self.finds = 0

    def put(self, card: Card | None) -> None:
        """Put a card on the reader, or take the one there away."""
        self.card, self._read, self._found, self._selected = card, False, False, False

    @property
    def delay(self) -> float:
        """Seconds until what was just answered leaves."""
        return SLOW_SECONDS if self.fault == "slow" and self.card is not None else 0.0

    def receive(self, data: bytes) -> bytes:
        """Take bytes in any portions and return the replies."""
        self._heard += data
        replies = b""
        while (body := self._take()) is not None:
            replies += self._reply(body)
        return replies

    def _take(self) -> bytes | None:
        """Return what the next whole frame says, `b""` for one whose check is wrong, None when none is whole."""
        while (at := self._heard.find(HEAD)) >= 0:
            self._heard = self._heard[at:]
            length = int.from_bytes(self._heard[5:7], "big")
            if len(self._heard) < 7 or (len(self._heard) < 7 + length <= 7 + _REQUEST_LIMIT):
                return None
            counted = self._heard[5 : 7 + length]
            if 3 <= length <= _REQUEST_LIMIT and reduce(xor, counted, 0) == 0:
                self._heard = self._heard[7 + length :]
                return counted[2:-1]
            self._heard = self._heard[1:]
            if 3 <= length <= _REQUEST_LIMIT:
                return b""
        self._heard = self._heard[-len(HEAD) + 1 :]
        return None

    def _reply(self, body: bytes) -> bytes:
        if self.fault == "silent":
            return b""
        if self.fault == "self_test":
            return Reply(Status.SELF_TEST_FAILED).to_bytes()
        if self.fault == "refused":
            return Reply(Status.NOT_AUTHORISED).to_bytes()
        if not body:
            return Reply(Status.HOST_CHECKSUM).to_bytes()
        ok = Reply(Status.OK)
        answers: Mapping[bytes, Callable[[], bytes]] = {
            codec.RESET: ok.to_bytes,
            codec.SAM_STATUS: ok.to_bytes,
            codec.SAM_NUMBER: Reply(Status.OK, bytes(16)).to_bytes,
            codec.FIND: self._find,
            codec.SELECT: self._select,
            codec.READ: self._answer_reading,
            codec.READ_NEWEST_ADDRESS: self._newest_address,
            **dict.fromkeys(codec.BAUD.values(), ok.to_bytes),
        }
        return answers.get(codec.frame(body), Reply(Status.HOST_COMMAND).to_bytes)()

    def _newest_address(self) -> bytes:
        return (Reply(Status.OK, bytes(70)) if self._selected else Reply(Status.READ_FAILED)).to_bytes()

    def _find(self) -> bytes:
        self.finds += 1
        self._selected = False
        self._found = self.card is not None and (self._finds_again or not self._read)
        return (Reply(Status.FOUND, bytes(4)) if self._found else Reply(Status.FIND_FAILED)).to_bytes()

    def _select(self) -> bytes:
        if self.fault == "wrong_card" and self._found:
            return Reply(Status.WRONG_CARD).to_bytes()
        self._selected = self._found and self.card is not None
        return (Reply(Status.OK, bytes(8)) if self._selected else Reply(Status.SELECT_FAILED)).to_bytes()

    def _answer_reading(self) -> bytes:
        card = self.card
        if card is None or not self._selected or self.fault == "unreadable":
            return Reply(Status.READ_FAILED).to_bytes()
        reply = Reply(Status.OK, codec.card_data(codec.CardBlocks(card.text(), card.photo))).to_bytes()
        if self.fault in {"taken_away", "cut_off"}:
            if self.fault == "taken_away":
                self.put(None)
            return reply[: len(reply) // 3]
        self._read = True
        return reply
