"""What a "CU" board of the 60/61 variant says and understands: doors from one status frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from edge.lockers.board import Answer, Question, Tongue, polled
from edge.lockers.cu60.codec import GetStatus, Status, Unlock, Unlocked, answers_in
from edge.lockers.line import LineSettings


class Settings(LineSettings):
    """No source states the baud rate: that of the other CU boards is tried first. The polarity is commissioned."""

    baud: Annotated[int, Field(ge=1200, le=460800)] = 19200
    bitmap_polarity: Literal["one_is_closed", "one_is_open"] = "one_is_closed"


class Cu60(Tongue):
    """One board's tongue."""

    answers_unlock: ClassVar[bool] = True

    def __init__(self, address: int, channels: range, settings: Settings) -> None:
        self._address, self._channels, self._settings = address, channels, settings

    def unlock(self, channel: int) -> bytes:
        """Return the frame for one lock."""
        return Unlock(self._address, channel).to_bytes()

    def questions(self) -> Sequence[Question]:
        """Ask once for all locks."""
        return [Question(GetStatus(self._address).to_bytes(), self._find)]

    def feedback(self, channel: int, heard: bytes) -> str | None:
        """Say that the board took the unlock; of a failure only the code 00 is known, not the rest of the frame."""
        mine = [each for each in answers_in(heard) if isinstance(each, Unlocked) and each.address == self._address]
        return "ok" if mine else None

    def _find(self, heard: bytes) -> Answer | None:
        mine = [each for each in answers_in(heard) if isinstance(each, Status) and each.address == self._address]
        if not mine:
            return None
        one_is_closed = self._settings.bitmap_polarity == "one_is_closed"
        return Answer(mine[-1].to_bytes(), mine[-1].doors(self._channels, one_is_closed=one_is_closed))


board = polled(Cu60)
