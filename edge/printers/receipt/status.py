"""What a receipt printer says of itself, from DLE EOT 1 to 4 or from the four bytes of automatic status (GS a).

Bits as in the EPSON TM-U220, Citizen CT-S2000 and PMU2xxx and Bixolon SRP-350 manuals (facts on hardware, §4.1).
Silence is `unknown`, and unknown is never "paper plenty".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Paper = Literal["ok", "near_end", "out", "unknown"]
QUESTIONS = (1, 2, 3, 4)
"""DLE EOT n, in the order in which they are asked: printer, cause of being offline, error, roll."""
AUTOMATIC_ON = b"\x1d\x61\x0e"
"""GS a: tell by yourself when online, errors or paper change."""
_FLOW = frozenset({0x11, 0x13})
_AUTOMATIC_BYTES = 4


@dataclass(frozen=True, slots=True)
class Status:
    """`troubles` are reasons why it does not print, in a fixed order; `automatic` ones mend themselves."""

    online: bool
    paper: Paper
    troubles: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether it prints what comes now."""
        return self.online and not self.troubles and self.paper in {"ok", "near_end"}


UNKNOWN = Status(online=False, paper="unknown", troubles=("no answer",))


def from_answers(printer: int, offline: int, error: int, roll: int) -> Status:
    """Return the status from the four answers to DLE EOT 1, 2, 3 and 4."""
    out = roll & 0x60 == 0x60 or bool(offline & 0x20)
    return _status(
        is_offline=bool(printer & 0x08),
        cover=bool(offline & 0x04),
        feeding=bool(offline & 0x08),
        mechanical=bool(error & 0x04),
        cutter=bool(error & 0x08),
        unrecoverable=bool(error & 0x20),
        hot=bool(error & 0x40),
        paper="out" if out else "near_end" if roll & 0x0C == 0x0C else "ok",
    )


def from_automatic(four: bytes) -> Status:
    """Return the status from the four bytes that the printer sends by itself."""
    first, error, roll, _ = four
    return _status(
        is_offline=bool(first & 0x08),
        cover=bool(first & 0x20),
        feeding=bool(first & 0x40),
        mechanical=bool(error & 0x04),
        cutter=bool(error & 0x08),
        unrecoverable=bool(error & 0x20),
        hot=bool(error & 0x40),
        paper="out" if roll & 0x0C == 0x0C else "near_end" if roll & 0x03 == 0x03 else "ok",
    )


def _status(*, is_offline: bool, paper: Paper, **signs: bool) -> Status:
    names = {
        "cover": "cover open",
        "feeding": "feed button",
        "mechanical": "mechanical error",
        "cutter": "cutter error",
        "unrecoverable": "unrecoverable error",
        "hot": "head too hot",
    }
    troubles = [name for sign, name in names.items() if signs[sign]]
    if paper == "out":
        troubles.insert(0, "paper out")
    if is_offline and not troubles:
        troubles = ["offline"]
    return Status(not is_offline, paper, tuple(troubles))


class Demultiplexer:
    """Tells apart what comes on one line: answers to DLE EOT, automatic status, flow control, noise.

    Patterns of Citizen PMU2xxx, §5.3: an answer is 0xx1xx10, the first automatic byte 0xx1xx00, its three followers
    0xx0xxxx; XON and XOFF may stand anywhere, also between them.
    """

    def __init__(self) -> None:
        self._automatic = b""

    def feed(self, data: bytes) -> Iterator[int | Status]:
        """Yield answers as their byte and automatic status as a `Status`, in the order in which they became whole."""
        for byte in data:
            if byte in _FLOW:
                continue
            if byte & 0x93 == 0x12:
                yield byte
            elif byte & 0x93 == 0x10:
                # A first byte begins anew: what came before lacks its end.
                self._automatic = bytes((byte,))
            elif self._automatic and byte & 0x90 == 0:
                self._automatic += bytes((byte,))
                if len(self._automatic) == _AUTOMATIC_BYTES:
                    whole, self._automatic = self._automatic, b""
                    yield from_automatic(whole)
            else:
                self._automatic = b""
