"""What a KERONG CU48 says and understands: doors from one status frame; an unlock that nothing answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from edge.lockers.board import Answer, Question, Tongue, polled
from edge.lockers.kerong_cu48.codec import GetStatus, Unlock, frames_in
from edge.lockers.line import LineSettings


class Settings(LineSettings):
    """The polarity is commissioned per board: it depends on the locks' switches."""

    baud: Annotated[int, Field(ge=1200, le=460800)] = 19200
    bitmap_polarity: Literal["one_is_locked", "one_is_unlocked"] = "one_is_locked"


class KerongCu48(Tongue):
    """One board's tongue."""

    def __init__(self, address: int, channels: range, settings: Settings) -> None:
        self._address, self._channels, self._settings = address, channels, settings

    def unlock(self, channel: int) -> bytes:
        """Return the frame for one lock; this board never answers it."""
        return Unlock(self._address, channel).to_bytes()

    def questions(self) -> Sequence[Question]:
        """Ask once for all locks."""
        return [Question(GetStatus(self._address).to_bytes(), self._find)]

    def _find(self, heard: bytes) -> Answer | None:
        mine = [frame for frame in frames_in(heard) if frame.address == self._address]
        if not mine:
            return None
        one_is_locked = self._settings.bitmap_polarity == "one_is_locked"
        return Answer(mine[-1].to_bytes(), mine[-1].doors(self._channels, one_is_locked=one_is_locked))


board = polled(KerongCu48)
