"""What a board of the 0x8A family says and understands: doors from whole-board queries, unlock by a single frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from edge.lockers.board import Answer, Question, Tongue, polled
from edge.lockers.line import LineSettings
from edge.lockers.lock8a.codec import Feedback, QueryAll, Status, Unlock, frames_in


class Settings(LineSettings):
    """Commissioned per board by opening and closing doors: sources contradict each other about all three."""

    status_byte_order: Literal["high_first", "low_first"] = "high_first"
    single_polarity: Literal["closed_is_11", "closed_is_00"] = "closed_is_11"
    bitmap_polarity: Literal["one_is_open", "one_is_closed"] = "one_is_open"


class Lock8a(Tongue):
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
        """Say what the contact said after the unlock: on "closing feedback" locks a failure looks like an echo."""
        found = [frame for frame in frames_in(heard) if isinstance(frame, Feedback) and not frame.unsolicited]
        if not found:
            return None
        closed_contact = 0x11 if self._settings.single_polarity == "closed_is_11" else 0x00
        return "still shut, or an echo" if found[0].contact == closed_contact else "opened"

    def _find(self, heard: bytes) -> Answer | None:
        mine = [frame for frame in frames_in(heard) if isinstance(frame, Status) and frame.address == self._address]
        if not mine:
            return None
        high_first = self._settings.status_byte_order == "high_first"
        one_is_open = self._settings.bitmap_polarity == "one_is_open"
        doors = mine[-1].doors(self._channels, high_first=high_first, one_is_open=one_is_open)
        return Answer(mine[-1].to_bytes(), doors)


board = polled(Lock8a)
