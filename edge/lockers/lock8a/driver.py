"""What a board of the 0x8A family says and understands: doors from whole-board queries, unlock by a single frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from edge.lockers.board import Answer, Question, Tongue, polled
from edge.lockers.line import LineSettings
from edge.lockers.lock8a.codec import SECONDS, Feedback, QueryAll, Status, Unlock, frames_in
from edge.ports import Door


class Settings(LineSettings):
    """Commissioned per board by opening and closing doors: sources contradict each other about all three."""

    status_byte_order: Literal["high_first", "low_first"] = "high_first"
    single_polarity: Literal["closed_is_11", "closed_is_00"] = "closed_is_11"
    bitmap_polarity: Literal["one_is_open", "one_is_closed"] = "one_is_open"
    open_seconds: Annotated[int, Field(ge=SECONDS[0], le=SECONDS[-1])] | None = None
    """Unlock for whole seconds instead of the board's own pulse, for locks that bear it; no vendor confirms this."""

    @property
    def powered_ms(self) -> int:
        """How long a coil is powered by one unlock."""
        return self.pulse_ms if self.open_seconds is None else 1000 * self.open_seconds


class Lock8a(Tongue):
    """One board's tongue."""

    answers_unlock: ClassVar[bool] = True

    def __init__(self, address: int, channels: range, settings: Settings) -> None:
        self._address, self._channels, self._settings = address, channels, settings

    def unlock(self, channel: int) -> bytes:
        """Return the frame for one lock."""
        return Unlock(self._address, channel, self._settings.open_seconds).to_bytes()

    def questions(self) -> Sequence[Question]:
        """Ask once for the whole board."""
        return [Question(QueryAll(self._address).to_bytes(), self._find)]

    def feedback(self, channel: int, heard: bytes) -> str | None:
        """Say what the contact said after the unlock: on "closing feedback" locks a failure looks like an echo."""
        found = [frame for frame in frames_in(heard) if isinstance(frame, Feedback) and not frame.unsolicited]
        if not found:
            return None
        return "still shut, or an echo" if self._door(found[0]) is Door.CLOSED else "opened"

    def hints(self, heard: bytes) -> Sequence[tuple[int, Door]]:
        """Return what `82` frames of this address say; many boards send none, and no vendor prints their layout."""
        changes = [frame for frame in frames_in(heard) if isinstance(frame, Feedback) and frame.unsolicited]
        return [(change.lock, self._door(change)) for change in changes if change.address == self._address]

    def _door(self, said: Feedback) -> Door:
        closed_contact = 0x11 if self._settings.single_polarity == "closed_is_11" else 0x00
        return Door.CLOSED if said.contact == closed_contact else Door.OPEN

    def _find(self, heard: bytes) -> Answer | None:
        mine = [frame for frame in frames_in(heard) if isinstance(frame, Status) and frame.address == self._address]
        if not mine:
            return None
        high_first = self._settings.status_byte_order == "high_first"
        one_is_open = self._settings.bitmap_polarity == "one_is_open"
        doors = mine[-1].doors(self._channels, high_first=high_first, one_is_open=one_is_open)
        return Answer(mine[-1].to_bytes(), doors)


board = polled(Lock8a)
