"""Commissioning, the pure part: which readings of the boards survive what a person showed by opening doors.

A board's answer means different things under different *readings* (order of its bytes, meaning of a bit), and sources
contradict each other about them. So an answer is read under every reading at once, and a reading that would have a door
do what it did not do is out. Nothing is ever guessed: no reading left, or more than one, is a refusal with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from edge.ports import Door

Reading = tuple[tuple[str, str], ...]
"""Settings of a board that say how its answers are read, as sorted pairs of setting and value."""
Views = Mapping[Reading, Mapping[int, Door]]
"""What one board said about its doors: channel -> door, under every reading of its family."""
Pictures = Mapping[str, Views]
"""What all boards said at one time, by the board's name."""


Sights = frozenset[tuple[Reading, int]]
"""Where something is seen to move: the channel under each reading. It is the same for one sensor whatever is true."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor of a board, before it is known which channel it belongs to."""

    board: str
    sights: Sights


@dataclass(frozen=True, slots=True)
class Contact:
    """A channel of a board."""

    board: str
    channel: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Exactly one sensor moved; `channels` holds the readings under which it went from closed to open."""

    sensor: Sensor
    channels: Mapping[Reading, int]


@dataclass(frozen=True, slots=True)
class NotOne:
    """No sensor moved, or several did; `sights` says where, by board."""

    sights: Mapping[str, Sights]


def compare(before: Pictures, after: Pictures) -> Moved | NotOne:
    """Say what moved between two pictures of the same boards."""
    seen = {board: sights for board, views in before.items() if (sights := _sights(views, after[board]))}
    if sum(map(_count, seen.values())) != 1:
        return NotOne(seen)
    [(board, sights)] = seen.items()
    channels = {
        reading: channel
        for reading, channel in sights
        if _said(before[board], reading, channel) is Door.CLOSED and _said(after[board], reading, channel) is Door.OPEN
    }
    return Moved(Sensor(board, sights), channels)


def _sights(before: Views, after: Views) -> Sights:
    return frozenset(
        (reading, channel)
        for reading in before
        for channel in before[reading].keys() | after[reading].keys()
        if _said(before, reading, channel) != _said(after, reading, channel)
    )


def _count(sights: Sights) -> int:
    """How many sensors were seen: a reading may have no channel for one of them, but none sees more than there are."""
    return max(Counter(reading for reading, _ in sights).values())


def _said(views: Views, reading: Reading, channel: int) -> Door:
    return views[reading].get(channel, Door.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen of one door: its sensor, and under which readings all of it fits (with the channel they claim)."""

    number: int
    sensor: Sensor
    channels: Mapping[Reading, int]

    def narrowed(self, fits: Callable[[Reading, int], bool]) -> Evidence:
        """Keep the readings (with their channel) that `fits` does not contradict."""
        return replace(self, channels={reading: n for reading, n in self.channels.items() if fits(reading, n)})

    def unlocked(self, channel: int) -> Evidence:
        """Take in that unlocking `channel` moved this door's sensor."""
        return self.narrowed(lambda _, claimed: claimed == channel)


@dataclass(frozen=True, slots=True)
class Wiring:
    """The doors seen so far; forgetting a door takes back all that it proved."""

    doors: tuple[Evidence, ...] = ()

    def with_door(self, evidence: Evidence) -> Wiring:
        """Return the wiring with one more door, or with what is now known of this one."""
        return Wiring((*self.without(evidence.number).doors, evidence))

    def without(self, *numbers: int) -> Wiring:
        """Return the wiring as if these doors had never been opened."""
        return Wiring(tuple(door for door in self.doors if door.number not in numbers))

    def door(self, number: int) -> Evidence | None:
        """Return the door with a number, if it was seen."""
        return next((door for door in self.doors if door.number == number), None)

    def door_at(self, sensor: Sensor) -> Evidence | None:
        """Return the door with a sensor, if it was seen."""
        return next((door for door in self.doors if door.sensor == sensor), None)

    def doors_in(self, board: str, sights: Sights) -> list[int]:
        """Return the numbers of the doors whose sensor is among these."""
        return [door.number for door in self.on(board) if door.sensor.sights <= sights]

    @property
    def boards(self) -> list[str]:
        """The boards that have doors, in the order in which they were met."""
        return list(dict.fromkeys(door.sensor.board for door in self.doors))

    def on(self, board: str) -> list[Evidence]:
        """Return the doors of a board."""
        return [door for door in self.doors if door.sensor.board == board]

    def readings(self, board: str) -> list[Reading]:
        """Return the readings that every door of the board agrees with; empty when doors contradict, or none is."""
        doors = self.on(board)
        return [
            reading
            for reading in (doors[0].channels if doors else ())
            if all(reading in door.channels for door in doors)
        ]

    def contradicting(self, board: str) -> list[int]:
        """Return the numbers of the doors outside the largest group that agrees; both sides when none is larger."""
        doors = self.on(board)
        if not doors or self.readings(board):
            return []
        votes = Counter(reading for door in doors for reading in door.channels)
        best = max(votes.values(), default=0)
        groups = {
            tuple(door.number for door in doors if reading not in door.channels)
            for reading, count in votes.items()
            if count == best
        }
        outside = groups or {tuple(door.number for door in doors)}
        return sorted({number for group in outside for number in group})

    def claims(self, number: int) -> list[int]:
        """Return the channels that the board's remaining readings claim for a door, lowest first."""
        door = self.door(number)
        if door is None:
            return []
        return sorted({door.channels[reading] for reading in self.readings(door.sensor.board)})

    def unclear(self, board: str) -> Evidence | None:
        """Return a door whose channel the remaining readings disagree about."""
        return next((door for door in self.on(board) if len(self.claims(door.number)) > 1), None)


def settled(readings: Sequence[Reading], unobserved: Iterable[str] = ()) -> Reading | None:
    """Return the one reading left, without the settings that nothing on this board shows; None when several are.

    A setting that is shown by answers which the board never gives is not guessed: it is left out.
    """
    hidden = frozenset(unobserved)
    left = {tuple(pair for pair in reading if pair[0] not in hidden) for reading in readings}
    return left.pop() if len(left) == 1 else None


@dataclass(frozen=True, slots=True)
class Answered:
    """A board's whole answer to a harmless question: who asked how, and at which address it answered."""

    family: str
    baud: int
    address: int


@dataclass(frozen=True, slots=True)
class ScanRefusal:
    """Why a scan does not tell what stands on the port; `text` is a key of the wizard's texts."""

    text: str
    facts: str = ""


def sort_answers(answers: Iterable[Answered], bauds: Mapping[str, Sequence[int]]) -> list[Answered] | ScanRefusal:
    """Return one line per board of a port, or why not; `bauds` are each family's, its usual one first.

    A wire without a speed of its own (a pseudo-terminal, a serial server) answers at every speed: the usual one is
    taken. Boards of one wire that answer at different speeds disturb each other.
    """
    heard = set(answers)
    families = sorted({each.family for each in heard})
    if not families:
        return ScanRefusal("nobody_answers")
    if len(families) > 1:
        return ScanRefusal("two_families", ", ".join(families))
    at = {n: {each.baud for each in heard if each.address == n} for n in {each.address for each in heard}}
    if len({frozenset(speeds) for speeds in at.values()}) > 1:
        return ScanRefusal("two_speeds", "; ".join(f"{n}: {sorted(speeds)}" for n, speeds in sorted(at.items())))
    baud = next(baud for baud in bauds[families[0]] if baud in next(iter(at.values())))
    return [Answered(families[0], baud, address) for address in sorted(at)]
