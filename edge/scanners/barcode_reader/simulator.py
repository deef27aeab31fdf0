"""Code readers that answer bytes: one that sends by itself, two that are told to look, and one that types."""

from __future__ import annotations

from collections.abc import Callable

from edge.scanners.barcode_reader import codec
from edge.scanners.barcode_reader.keys import KEY_ENTER, KEY_LEFT_SHIFT, KEYS, event

_COMMANDS = {
    "plain": (b"", b"", b""),
    "gm65": (codec.GM65_START, codec.GM65_STOP, codec.gm65_ack()),
    "gm72": (codec.SSI_START, codec.SSI_STOP, codec.SSI_ACK),
}
_LONGEST_COMMAND = 16


class ScannerSimulator:
    """A reader on a serial line; `send` carries what it says whenever it says it."""

    def __init__(
        self, family: str, send: Callable[[bytes], None], *, terminator: bytes = b"\r", looks_always: bool = False
    ) -> None:
        self._start, self._stop, self._ack = _COMMANDS[family]
        self._send, self._terminator = send, terminator
        self._always = looks_always or family == "plain"
        self.looking = self._always
        self._shown = b""
        self._heard = b""

    def show(self, text: str, encoding: str = "utf-8") -> None:
        """Hold a code in front of it; it is read once, as soon as the reader looks."""
        self._shown = text.encode(encoding) + self._terminator
        self._look()

    def receive(self, data: bytes) -> bytes:
        """Take bytes in any portions and return the answers; what is shown follows."""
        self._heard = (self._heard + data)[-_LONGEST_COMMAND:]
        answers = b""
        for command, looks in ((self._start, True), (self._stop, False)):
            if command and command in self._heard:
                self._heard = self._heard.split(command, 1)[1]
                self.looking = looks or self._always
                answers += self._ack
        if self._ack == codec.gm65_ack() and codec.GM65_ASK_BAUD in self._heard:
            self._heard = self._heard.split(codec.GM65_ASK_BAUD, 1)[1]
            answers += codec.gm65_ack(b"\x39\x01")
        shown = self._take() if self.looking else b""
        return answers + shown

    def _look(self) -> None:
        if self.looking and self._shown:
            self._send(self._take())

    def _take(self) -> bytes:
        shown, self._shown = self._shown, b""
        if shown and not self._always:
            # Told to look, it reads one code and rests.
            self.looking = False
        return shown


def typed(text: str) -> bytes:
    """Return the events by which a keyboard scanner types a text of ASCII, ENTER at its end."""
    codes = {symbol: (code, shifted) for code, row in KEYS.items() for shifted, symbol in enumerate(row)}
    events = b""
    for symbol in text:
        code, shifted = codes[symbol]
        keys = event(code, 1) + event(0, 0, kind=0) + event(code, 0)
        events += event(KEY_LEFT_SHIFT, 1) + keys + event(KEY_LEFT_SHIFT, 0) if shifted else keys
    return events + event(KEY_ENTER, 1) + event(KEY_ENTER, 0)
