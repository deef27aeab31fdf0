"""A receipt printer that reads ESC/POS bytes: answers DLE EOT at once, prints text, cuts, runs out of paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Paper = Literal["ok", "near_end", "out"]

# Commands with a fixed number of bytes after the two that name them; GS V has its own rule.
_ARGUMENTS = {b"\x1b@": 0, b"\x1c&": 0, b"\x1c.": 0, b"\x1bd": 1, b"\x1bJ": 1, b"\x1ba": 1, b"\x1bE": 1, b"\x1d!": 1}
_INTRODUCERS = (0x1B, 0x1C, 0x1D)


class ReceiptSimulator:
    """`text` is everything on the paper so far, with a line `✂` at each cut; `on_slip` gets each slip as it is cut."""

    def __init__(self, on_slip: Callable[[str], None] = lambda _: None) -> None:
        self.text = ""
        self._cover_open = False
        self._paper: Paper = "ok"
        self._on_slip = on_slip
        self._realtime = b""
        self._waiting = b""
        self._chinese = True
        self._slip = ""

    @property
    def paper(self) -> Paper:
        """What the roll's sensors say."""
        return self._paper

    @paper.setter
    def paper(self, paper: Paper) -> None:
        self._paper = paper
        self._print()

    @property
    def cover_open(self) -> bool:
        """Whether somebody left the cover open."""
        return self._cover_open

    @cover_open.setter
    def cover_open(self, cover_open: bool) -> None:
        self._cover_open = cover_open
        self._print()

    def receive(self, data: bytes) -> bytes:
        """Take bytes in any portions and return the answers; without paper the rest waits in the buffer."""
        answers = b"".join(self._realtime_answers(data))
        self._print()
        return answers

    def _realtime_answers(self, data: bytes) -> list[bytes]:
        """Take DLE EOT n out of the stream wherever it stands; a double-byte character cannot contain it."""
        answers: list[bytes] = []
        stream = self._realtime + data
        while (at := stream.find(b"\x10\x04")) >= 0 and at + 2 < len(stream):
            answers.append(self._status(stream[at + 2]))
            self._waiting += stream[:at]
            stream = stream[at + 3 :]
        keep = at if at >= 0 else len(stream) - stream.endswith(b"\x10")
        self._waiting, self._realtime = self._waiting + stream[:keep], stream[keep:]
        return answers

    def _status(self, n: int) -> bytes:
        out = self._paper == "out"
        signs = {
            1: 0x08 if out or self._cover_open else 0,
            2: (0x20 if out else 0) | (0x04 if self._cover_open else 0),
            3: 0,
            4: (0x60 if out else 0) | (0x0C if self._paper == "near_end" else 0),
        }
        return bytes((0x12 | signs[n],)) if n in signs else b""

    def _print(self) -> None:
        while self._waiting and self._paper != "out" and not self._cover_open:
            length = self._element(self._waiting)
            if length == 0:
                return
            self._waiting = self._waiting[length:]

    def _element(self, data: bytes) -> int:
        """Print the first element; return its length, or 0 when it has not arrived whole."""
        if data[0] in _INTRODUCERS:
            return self._command(data)
        double = self._chinese and 0x81 <= data[0] <= 0xFE
        if double and len(data) < 2:
            return 0
        code = data[: 2 if double else 1]
        if code == b"\n" or code[0] >= 0x20:
            self._put(code.decode("gb18030", errors="replace"))
        return len(code)

    def _command(self, data: bytes) -> int:
        name = data[:2]
        if len(name) < 2:
            return 0
        length = 2 + (self._cut_arguments(data) if name == b"\x1dV" else _ARGUMENTS.get(name, 0))
        if len(data) < length:
            return 0
        if name == b"\x1dV":
            self._cut()
        elif name in (b"\x1b@", b"\x1c&"):
            self._chinese = True
        elif name == b"\x1c.":
            self._chinese = False
        return length

    @staticmethod
    def _cut_arguments(data: bytes) -> int:
        # GS V m cuts here; GS V 65 n and GS V 66 n feed to the cutter first.
        return 2 if data[2:3] in (b"A", b"B") else 1

    def _put(self, text: str) -> None:
        self.text += text
        self._slip += text

    def _cut(self) -> None:
        self._on_slip(self._slip)
        self._slip = ""
        self.text += "✂\n"
