"""A receipt printer that reads ESC/POS bytes: answers DLE EOT at once, prints text or dots, cuts, runs out of paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Paper = Literal["ok", "near_end", "out"]

# Commands with a fixed number of bytes after the two that name them; GS V has its own rule.
_ARGUMENTS = {
    b"\x1da": 1,
    b"\x1b@": 0,
    b"\x1c&": 0,
    b"\x1c.": 0,
    b"\x1bd": 1,
    b"\x1bJ": 1,
    b"\x1ba": 1,
    b"\x1bE": 1,
    b"\x1d!": 1,
}
_INTRODUCERS = (0x1B, 0x1C, 0x1D)
_RASTER, _AUTOMATIC, _STORED = b"\x1dv", b"\x1da", b"\x1d("
# DLE DC4 8: what waits in the buffer is thrown away.
_CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


@dataclass(frozen=True, slots=True)
class Picture:
    """What a slip's head burned: lines of `across` bytes, 1 is black."""

    across: int
    lines: tuple[bytes, ...]


class ReceiptSimulator:
    """`text` is everything on the paper so far, with a line `✂` at each cut; `on_slip` gets each slip as it is cut.

    `pictures` are the slips that were printed as dots, oldest first, `codes` the QR codes that it drew itself.
    `rows_left`, when set, is how much paper there is for dots: the roll ends in the middle of a slip.
    """

    def __init__(
        self, on_slip: Callable[[str], None] = lambda _: None, say: Callable[[bytes], None] = lambda _: None
    ) -> None:
        self.text = ""
        self.pictures: list[Picture] = []
        self.codes: list[str] = []
        self.rows_left: int | None = None
        self._code = ""
        self._say, self._automatic = say, 0
        self._lines: list[bytes] = []
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
        if paper != "out":
            self.rows_left = None
        self._tell()
        self._print()

    @property
    def cover_open(self) -> bool:
        """Whether somebody left the cover open."""
        return self._cover_open

    @cover_open.setter
    def cover_open(self, cover_open: bool) -> None:
        self._cover_open = cover_open
        self._tell()
        self._print()

    def receive(self, data: bytes) -> bytes:
        """Take bytes in any portions and return the answers; without paper the rest waits in the buffer."""
        answers = b"".join(self._realtime_answers(data))
        self._print()
        return answers

    def _realtime_answers(self, data: bytes) -> list[bytes]:
        """Take real-time commands out of the stream wherever they stand; a double-byte character cannot contain one."""
        answers: list[bytes] = []
        stream, done = self._realtime + data, 0
        while (at := stream.find(b"\x10", done)) >= 0:
            rest = stream[at:]
            if len(rest) < 3 or (rest.startswith(_CLEAR[:3]) and len(rest) < len(_CLEAR)):
                break
            if rest.startswith(_CLEAR):
                self._waiting, self._lines, stream, done = b"", [], rest[len(_CLEAR) :], 0
            elif rest.startswith(b"\x10\x04"):
                answers.append(self._status(rest[2]))
                stream, done = stream[:at] + rest[3:], at
            else:
                done = at + 1
        keep = at if at >= 0 else len(stream)
        self._waiting, self._realtime = self._waiting + stream[:keep], stream[keep:]
        return answers

    def _tell(self) -> None:
        """Say by itself what changed, if GS a asked for it; nothing of a job is lost by that."""
        if self._automatic:
            self._say(self._automatic_status())

    def _automatic_status(self) -> bytes:
        out = self._paper == "out"
        first = 0x10 | (0x08 if out or self._cover_open else 0) | (0x20 if self._cover_open else 0)
        roll = 0x0F if out else 0x03 if self._paper == "near_end" else 0
        return bytes((first, 0, roll, 0))

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
        if name == _RASTER:
            return self._raster(data)
        length = 2 + self._arguments(name, data)
        if len(data) < length:
            return 0
        if name == _STORED:
            self._stored(data[2:length])
        elif name == b"\x1dV":
            self._cut()
        elif name == _AUTOMATIC:
            self._automatic = data[2]
            self._tell()
        elif name in (b"\x1b@", b"\x1c&"):
            self._chinese = True
        elif name == b"\x1c.":
            self._chinese = False
        return length

    def _arguments(self, name: bytes, data: bytes) -> int:
        if name == b"\x1dV":
            return self._cut_arguments(data)
        if name == _STORED:
            return 3 + int.from_bytes(data[3:5], "little") if len(data) >= 5 else 3
        return _ARGUMENTS.get(name, 0)

    def _stored(self, function: bytes) -> None:
        """GS ( k: function 80 stores the text of a QR code, function 81 prints it."""
        match function[:1], function[3:5]:
            case b"k", b"1P":
                self._code = function[6:].decode("ascii")
            case b"k", b"1Q":
                self.codes.append(self._code)

    def _raster(self, data: bytes) -> int:
        """Burn the rows that are there, one by one: the roll may end between two of them. GS v 0 m xL xH yL yH."""
        if len(data) < 8:
            return 0
        across, rows = int.from_bytes(data[4:6], "little"), int.from_bytes(data[6:8], "little")
        if len(data) < 8 + across * rows:
            return 0
        for at in range(rows):
            if self.rows_left == 0:
                # The rest stays in the buffer and comes out when there is paper again.
                head = data[:6] + (rows - at).to_bytes(2, "little")
                self._waiting = head + data[8 + at * across :]
                self.paper = "out"
                return 0
            self.rows_left = None if self.rows_left is None else self.rows_left - 1
            self._lines.append(data[8 + at * across : 8 + (at + 1) * across])
        return 8 + across * rows

    @staticmethod
    def _cut_arguments(data: bytes) -> int:
        # GS V m cuts here; GS V 65 n and GS V 66 n feed to the cutter first.
        return 2 if data[2:3] in (b"A", b"B") else 1

    def _put(self, text: str) -> None:
        self.text += text
        self._slip += text

    def _cut(self) -> None:
        if self._lines:
            self.pictures.append(Picture(len(self._lines[0]), tuple(self._lines)))
            self._lines = []
        self._on_slip(self._slip)
        self._slip = ""
        self.text += "✂\n"
