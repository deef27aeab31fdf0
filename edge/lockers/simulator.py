"""Simulated locker doors with spring, lock and sensor, and what every simulated board does with them.

A board's simulator builds its bytes by itself from the vendor's table: it shares nothing with the driver's codec.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Leaf = Literal["open", "closed"]


@dataclass(slots=True)
class SimulatedDoor:
    """One door as it physically is, and what its sensor makes of it."""

    channel: int
    leaf: Leaf = "closed"
    locked: bool = True
    jammed: bool = False
    stuck_sensor: Leaf | None = None
    pulses: int = 0
    item: bool = False

    @property
    def sensed(self) -> Leaf:
        """What the contact reports, right or stuck."""
        return self.stuck_sensor or self.leaf


class Note(Protocol):
    """Writes down what is about to happen, before it does."""

    def __call__(self, what: str, channel: int, **facts: str) -> None:
        """Take one happening: `pulse` or `door`."""


def _forget(what: str, channel: int, **facts: str) -> None:
    """Note nothing."""


class SimulatedBank:
    """The doors of one board. Everything that moves is noted before it moves."""

    def __init__(self, channels: range, *, spring: bool = True, note: Note = _forget) -> None:
        self.doors = {channel: SimulatedDoor(channel) for channel in channels}
        self._spring, self._note = spring, note
        self.on_change: Callable[[SimulatedDoor], None] = lambda _: None

    def pulse(self, channel: int) -> None:
        """The coil gets its pulse; a lock that is not jammed releases, and the spring pushes the door open."""
        door = self.doors.get(channel)
        if door is None:
            return
        self._note("pulse", channel)
        door.pulses += 1
        if not door.jammed:
            door.locked = False
            if self._spring:
                self._move(door, "open", "spring")
        self.on_change(door)

    def pull(self, channel: int) -> bool:
        """A person pulls; a locked door stays shut. Returns whether it is open now."""
        door = self.doors[channel]
        if not door.locked:
            self._move(door, "open", "pull")
        return door.leaf == "open"

    def push(self, channel: int) -> None:
        """A person shuts the door; it latches."""
        door = self.doors[channel]
        self._move(door, "closed", "push")
        door.locked = True
        self.on_change(door)

    def force(self, channel: int) -> None:
        """Somebody opens the door without unlocking it."""
        door = self.doors[channel]
        door.locked = False
        self._move(door, "open", "force")

    def sensed_open(self, channel: int) -> bool:
        """What the contact says; a channel without a door has an open contact for ever."""
        door = self.doors.get(channel)
        return door is None or door.sensed == "open"

    def _move(self, door: SimulatedDoor, leaf: Leaf, cause: str) -> None:
        if door.leaf == leaf:
            return
        self._note("door", door.channel, door=leaf, cause=cause)
        door.leaf = leaf
        self.on_change(door)


class BoardSimulator(Protocol):
    """A board as its bus sees it: bytes in at a time, frames out."""

    bank: SimulatedBank

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Take what the bus brought at `now` (seconds) and return the frames sent in answer."""

    def door_changed(self, door: SimulatedDoor) -> list[bytes]:
        """Return the frames that the board sends by itself when a contact changes."""


# A board gives up half a frame when no further byte comes for so long.
HALF_FRAME_SECONDS = 0.1


class HostFrames:
    """Cuts the host's bytes into frames of one length, or of the length that their first bytes tell."""

    def __init__(self, length: int | Callable[[bytes], int], fits: Callable[[bytes], bool]) -> None:
        self._length: Callable[[bytes], int] = length if callable(length) else lambda _: length
        self._fits = fits
        self._heard = bytearray()
        self._last = 0.0

    def cut(self, data: bytes, now: float) -> list[bytes]:
        """Return the whole frames that `fits` accepts; of anything else one byte is skipped and the rest tried."""
        if now - self._last > HALF_FRAME_SECONDS:
            self._heard.clear()
        self._last = now
        self._heard += data
        frames: list[bytes] = []
        while self._heard and len(self._heard) >= (length := self._length(bytes(self._heard))):
            frame = bytes(self._heard[:length])
            fits = self._fits(frame)
            del self._heard[: length if fits else 1]
            if fits:
                frames.append(frame)
        return frames
