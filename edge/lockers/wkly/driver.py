"""What a WKLY board says and understands: doors from one status frame, and changes told unasked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from edge.lockers.board import Answer, Question, Tongue, polled
from edge.lockers.line import LineSettings
from edge.lockers.wkly.codec import Change, QueryAll, Status, Unlock, Unlocked, door_of, frames_in
from edge.ports import Door


class Settings(LineSettings):
    """The vendor's demonstration says 00 = open; with the other kind of switch it is the other way round."""

    state_polarity: Literal["zero_is_open", "zero_is_closed"] = "zero_is_open"


class Wkly(Tongue):
    """One board's tongue."""

    answers_unlock: ClassVar[bool] = True

    def __init__(self, address: int, channels: range, settings: Settings) -> None:
        self._address, self._channels = address, channels
        self._zero_is_open = settings.state_polarity == "zero_is_open"

    def unlock(self, channel: int) -> bytes:
        """Return the frame for one lock."""
        return Unlock(self._address, channel).to_bytes()

    def questions(self) -> Sequence[Question]:
        """Ask once for the whole board."""
        return [Question(QueryAll(self._address).to_bytes(), self._find)]

    def feedback(self, channel: int, heard: bytes) -> str | None:
        """Say what the board answered; results other than 00 have no known names."""
        for answer in frames_in(heard):
            if isinstance(answer, Unlocked) and (answer.address, answer.lock) == (self._address, channel):
                return f"result {answer.result:02X}, door {answer.door:02X}"
        return None

    def hints(self, heard: bytes) -> Sequence[tuple[int, Door]]:
        """Return what `85` frames of this address say."""
        changes = [each for each in frames_in(heard) if isinstance(each, Change) and each.address == self._address]
        return [(change.lock, door_of(change.door, zero_is_open=self._zero_is_open)) for change in changes]

    def _find(self, heard: bytes) -> Answer | None:
        mine = [each for each in frames_in(heard) if isinstance(each, Status) and each.address == self._address]
        if not mine:
            return None
        return Answer(mine[-1].to_bytes(), mine[-1].doors(self._channels, zero_is_open=self._zero_is_open))


board = polled(Wkly)
