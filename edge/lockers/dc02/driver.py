"""What a 12-way `DC 02` board says and understands: doors from one mask, unlock by a single frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from edge.lockers.board import Answer, Question, Tongue, polled
from edge.lockers.dc02.codec import QueryAll, Status, Unlock, answers_in
from edge.lockers.line import LineSettings


class Settings(LineSettings):
    """Commissioned per board: one public program decodes the mask, and the meaning depends on the locks' switches."""

    status_byte_order: Literal["high_first", "low_first"] = "high_first"
    bitmap_polarity: Literal["one_is_open", "one_is_closed"] = "one_is_open"


class Dc02(Tongue):
    """One board's tongue."""

    answers_unlock: ClassVar[bool] = True

    def __init__(self, address: int, channels: range, settings: Settings) -> None:
        self._address, self._channels, self._settings = address, channels, settings

    def unlock(self, channel: int) -> bytes:
        """Return the frame for one lock."""
        return Unlock(self._address, channel).to_bytes()

    def questions(self) -> Sequence[Question]:
        """Ask once for the whole board."""
        return [Question(QueryAll(self._address).to_bytes(), self._find)]

    def feedback(self, channel: int, heard: bytes) -> str | None:
        """Say what the board answered; some boards do not repeat the lock."""
        for answer in answers_in(heard):
            if answer.address == self._address and not isinstance(answer, Status):
                return "ok" if answer.result == 1 else f"result {answer.result:02X}"
        return None

    def _find(self, heard: bytes) -> Answer | None:
        mine = [each for each in answers_in(heard) if isinstance(each, Status) and each.address == self._address]
        if not mine:
            return None
        high_first = self._settings.status_byte_order == "high_first"
        one_is_open = self._settings.bitmap_polarity == "one_is_open"
        doors = mine[-1].doors(self._channels, high_first=high_first, one_is_open=one_is_open)
        return Answer(mine[-1].to_bytes(), doors)


board = polled(Dc02)
