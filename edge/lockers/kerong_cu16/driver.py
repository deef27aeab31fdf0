"""What a KERONG CU16 or CU12 says and understands: hooks and items from one status frame, also after an unlock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from edge.lockers.board import Answer, Question, Tongue, polled
from edge.lockers.kerong_cu16.codec import GetStatus, Status, Unlock, frames_in
from edge.lockers.line import LineSettings
from edge.ports import Inside


class Settings(LineSettings):
    """Polarities are commissioned per board. Without infrared sensors their bits are constant, so they are opt-in."""

    baud: Annotated[int, Field(ge=1200, le=460800)] = 19200
    bitmap_polarity: Literal["one_is_locked", "one_is_unlocked"] = "one_is_locked"
    infrared: Literal["none", "one_is_item", "one_is_empty"] = "none"


class KerongCu16(Tongue):
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
        """Say that a status came, which is taken before the hook has moved and shows nothing."""
        return "answered" if self._mine(heard) else None

    def _find(self, heard: bytes) -> Answer | None:
        mine = self._mine(heard)
        if not mine:
            return None
        status = mine[-1]
        one_is_locked = self._settings.bitmap_polarity == "one_is_locked"
        doors = status.doors(self._channels, one_is_locked=one_is_locked)
        return Answer(status.to_bytes(), doors, self._inside(status))

    def _inside(self, status: Status) -> Mapping[int, Inside]:
        if self._settings.infrared == "none":
            return {}
        return status.inside(self._channels, one_is_item=self._settings.infrared == "one_is_item")

    def _mine(self, heard: bytes) -> list[Status]:
        return [status for status in frames_in(heard) if status.address == self._address]


board = polled(KerongCu16)
