"""The simulated card reader and code reader of a station: cards one can put on it, codes one can show to it.

What they carry is personal (made up, but treated as if it were not): none of their bytes are written to a log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.config import StationConfig
from edge.links.simulator import Pty
from edge.links.simulator_control import Answer, RefusedError, Request
from edge.scanners.barcode_reader.codec import LONGEST_CODE
from edge.scanners.barcode_reader.simulator import ScannerSimulator
from edge.scanners.id_reader.cards import PHOTO_BYTES
from edge.scanners.id_reader.simulator import FAULTS, PERSONS, Card, SdtSimulator, citizen_card
from edge.sections import is_path

ID_READER, BARCODE_READER = "id-reader", "barcode-reader"
_NUMBER_SYMBOLS = 18


class SimulatedReaders:
    """Those readers of a station file that stand at a plain path and are no keyboard."""

    def __init__(self, config: StationConfig, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.ptys: dict[str, Pty] = {}
        self._cards = SdtSimulator()
        self._person = ""
        self._scanner: ScannerSimulator | None = None
        if config.id_reader is not None and is_path(config.id_reader.port):
            self.ptys[ID_READER] = Pty(Path(config.id_reader.port), self._card_reader_heard)
        codes = config.barcode_reader
        if codes is not None and codes.family != "grab" and is_path(codes.port):
            pty = self.ptys[BARCODE_READER] = Pty(Path(codes.port), self._scanner_heard)
            looks_always = codes.settings.get("trigger") == "none"
            self._scanner = ScannerSimulator(codes.family, pty.send, looks_always=looks_always)

    def state(self) -> Answer:
        """Return what a person sees of them."""
        return {
            "id_reader": {
                "plugged": ID_READER in self.ptys and self.ptys[ID_READER].plugged,
                "card": self._person,
                "fault": self._cards.fault,
                "asked": self._cards.finds,
                "persons": {key: _shown(card) for key, card in PERSONS.items()},
                "faults": list(FAULTS),
            },
            "barcode_reader": {
                "plugged": BARCODE_READER in self.ptys and self.ptys[BARCODE_READER].plugged,
                "looking": self._scanner is not None and self._scanner.looking,
            },
        }

    def card(self, request: Request) -> None:
        """Put a card on the reader, take it away, or let the reader fail; `RefusedError` says what is wrong."""
        if ID_READER not in self.ptys:
            raise RefusedError("this station has no simulated card reader")
        if "fault" in request:
            if request["fault"] not in FAULTS:
                raise RefusedError(f"fault must be one of {', '.join(FAULTS)}")
            self._cards.fault = request["fault"]
        if request.get("on") is True:
            self._person, card = _card(request)
            self._cards.put(card)
        elif request.get("on") is False:
            self._person = ""
            self._cards.put(None)
        elif "fault" not in request:
            raise RefusedError("on must be true or false")

    def scan(self, request: Request) -> None:
        """Show a code to the reader; `RefusedError` says what is wrong."""
        text = request.get("text")
        if self._scanner is None:
            raise RefusedError("this station has no simulated code reader")
        if not isinstance(text, str) or not 0 < len(text.encode("utf-8", "replace")) <= LONGEST_CODE:
            raise RefusedError(f"text must be 1 to {LONGEST_CODE} bytes")
        self._scanner.show(text)

    def _card_reader_heard(self, data: bytes) -> None:
        if answer := self._cards.receive(data):
            if self._person and self._cards.card is None:
                # It was taken away in the middle of a reading.
                self._person = ""
                self._changed()
            asyncio.get_running_loop().call_later(self._cards.delay, self.ptys[ID_READER].send, answer)

    def _scanner_heard(self, data: bytes) -> None:
        assert self._scanner is not None
        looked = self._scanner.looking
        answer = self._scanner.receive(data)
        if self._scanner.looking != looked:
            self._changed()
        if answer:
            self.ptys[BARCODE_READER].send(answer)


def _card(request: Request) -> tuple[str, Card]:
    """Return whose card is meant: one of the made-up persons, or a citizen's with a number."""
    number = request.get("number")
    if isinstance(number, str) and len(number) == _NUMBER_SYMBOLS and number[:17].isascii() and number[:17].isdigit():
        card = citizen_card(str(request.get("name") or "测试"), number)
        photo = str(request.get("photo", "")).encode()[:PHOTO_BYTES].ljust(PHOTO_BYTES, b"\x00")
        return "?", replace(card, photo=photo)
    person = str(request.get("person"))
    if person not in PERSONS:
        raise RefusedError(f"person must be one of {', '.join(PERSONS)}, or number eighteen symbols")
    return person, PERSONS[person]


def _shown(card: Card) -> Answer:
    return {"name": card.fields["name"] or card.fields["english_name"], "number": card.fields["number"]}
