"""ESC/POS as bytes: a slip of text in Chinese mode, and the answers to DLE EOT.

Status bits as in the EPSON TM-U220, Citizen CT-S2000 and Bixolon SRP-350 manuals; Chinese mode as in the SP91 manual,
whose GB18030 has only the double-byte areas.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

_INITIALISE = b"\x1b\x40"
_CHINESE_MODE = b"\x1c\x26"
_FEED_AND_CUT = b"\x1d\x56\x42\x00"
# 〓, the printers' own sign for a character that is not there.
_MISSING = "〓".encode("gb18030")

# Controls, format characters, lone surrogates, unassigned code points, line and paragraph separators.
_NOT_TEXT = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})

# DLE EOT n, in the order they are asked: printer, cause of being offline, roll paper.
QUESTIONS = (1, 2, 4)


def question(n: int) -> bytes:
    """Return DLE EOT n, answered at once even in the middle of a job."""
    return bytes((0x10, 0x04, n))


def is_answer(byte: int) -> bool:
    """Whether a byte has the pattern 0xx1xx10 of an answer to DLE EOT; XON, XOFF and automatic status have not."""
    return byte & 0x93 == 0x12


def slip(lines: Iterable[str]) -> bytes:
    """Return one job: initialise, Chinese mode, the lines, feed to the cutter and cut."""
    text = b"".join(b"".join(map(_encoded, line)) + b"\n" for line in lines)
    return _INITIALISE + _CHINESE_MODE + text + _FEED_AND_CUT


def _encoded(character: str) -> bytes:
    # Control characters would be commands to the printer; four-byte codes print as other characters.
    if unicodedata.category(character) in _NOT_TEXT:
        return _MISSING
    try:
        code = character.encode("gb18030")
    except UnicodeEncodeError:
        return _MISSING
    return code if len(code) <= 2 else _MISSING


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """The three answers, to DLE EOT 1, 2 and 4."""

    printer: int
    offline_cause: int
    paper: int

    @property
    def near_end(self) -> bool:
        """Whether the roll is nearly used up (bits 2 and 3); it still prints."""
        return self.paper & 0x0C == 0x0C

    @property
    def roll(self) -> Literal["ok", "near_end", "out"]:
        """What is left of the roll."""
        if self.paper & 0x60 == 0x60 or self.offline_cause & 0x20:
            return "out"
        return "near_end" if self.near_end else "ok"

    @property
    def troubles(self) -> list[str]:
        """Why the printer will not print, empty when it will."""
        signs = {
            "paper out": self.paper & 0x60 == 0x60 or self.offline_cause & 0x20,
            "cover open": self.offline_cause & 0x04,
            "error": self.offline_cause & 0x40,
            "offline": self.printer & 0x08,
        }
        return [trouble for trouble, sign in signs.items() if sign]
