"""What a Winnsen board says and understands: one question for each door, and no check sum anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from edge.lockers.board import Answer, Question, Tongue, polled
from edge.lockers.line import LineSettings
from edge.lockers.winnsen.codec import Query, Status, Unlock, Unlocked, answers_in
from edge.ports import Door


class Settings(LineSettings):
    """The polarity is commissioned per board: it depends on the locks' switches."""

    state_polarity: Literal["one_is_open", "one_is_closed"] = "one_is_open"
    unlock_interval_ms: Annotated[int, Field(ge=0, le=60000)] = 15500
    """Rest of one lock between two unlocks. The firmware refuses the same lock for about 15 s."""


class Winnsen(Tongue):
    """One board's tongue. An answer must repeat station and lock; a door that changed is asked for twice."""

    answers_unlock: ClassVar[bool] = True

    def __init__(self, address: int, channels: range, settings: Settings) -> None:
        self._address, self._channels = address, channels
        one_is_open = settings.state_polarity == "one_is_open"
        self._doors = (Door.CLOSED, Door.OPEN) if one_is_open else (Door.OPEN, Door.CLOSED)

    def unlock(self, channel: int) -> bytes:
        """Return the frame for one lock."""
        return Unlock(self._address, channel).to_bytes()

    def questions(self) -> Sequence[Question]:
        """Ask for each lock: the protocol has no question for all."""
        return [Question(Query(self._address, lock).to_bytes(), partial(self._find, lock)) for lock in self._channels]

    def feedback(self, channel: int, heard: bytes) -> str | None:
        """Say what the board answered; a lock that cools down after its last pulse refuses too."""
        for answer in answers_in(heard):
            if isinstance(answer, Unlocked) and (answer.address, answer.lock) == (self._address, channel):
                return "ok" if answer.state else "failed, or still cooling down"
        return None

    def _find(self, lock: int, heard: bytes) -> Answer | None:
        for answer in reversed(answers_in(heard)):
            if isinstance(answer, Status) and (answer.address, answer.lock) == (self._address, lock):
                return Answer(answer.to_bytes(), {lock: self._doors[answer.state]})
        return None


board = polled(Winnsen)
