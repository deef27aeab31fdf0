"""The picture of every door, kept by asking the boards, and the one call that moves a coil.

The picture is what sensors said, never what was commanded. Silence makes a door `UNKNOWN` after `SILENT_POLLS` missed
answers (a single lost frame on a noisy line is not news). What a door did is kept per door until the watch took it, so
a door that was open only while the disk was busy is still seen to have been open.

Some boards report a change unasked. Such a hint has no answer's standing: nothing asked for it, one byte checks it, and
it may be late. It makes the board be asked at once, and the picture is what the answer says. One thing only the hint
can show: a door that was opened and shut again between two polls. If an answer from before and one from after both say
CLOSED and a hint in between said OPEN, that is a sighting of its own, marked `hinted`: an opening that nobody proved
and nobody can rule out. It never moves a visit forward; at a door that nobody was given it is an alarm like any other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from edge.clock import Clock
from edge.errors import LinkError
from edge.ports import Door, Inside, LockBoard
from edge.services.changes import Changes
from edge.services.steady import Steady

IDLE_POLL_S = 0.25
BUSY_POLL_S = 0.1
SILENT_POLLS = 2
SILENT_POLL_S = 2.0
FRESH_READ_TRIES = 2
KEPT_SIGHTINGS = 3


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a compartment's lock and sensor are connected."""

    board: str
    channel: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A door was seen in a new position; `hinted` when only its board's unasked word says so."""

    number: int
    door: Door
    hinted: bool = False


class _Board:
    """One board with what was last heard of it."""

    def __init__(self, board: LockBoard) -> None:
        self.board = board
        self.missed = 0
        self.asking = asyncio.Lock()
        self.hurry = asyncio.Event()
        self.said_open: set[int] = set()
        board.on_hint(self._hinted)

    @property
    def silent(self) -> bool:
        return self.missed >= SILENT_POLLS

    def _hinted(self, channel: int, door: Door) -> None:
        if door is Door.OPEN:
            self.said_open.add(channel)
        self.hurry.set()


class Doors:
    """All doors of the station, behind whatever boards there are.

    `wiring` maps the number on a door to its board and channel. `look` before anything else, then `run` for ever.
    """

    def __init__(
        self,
        boards: Mapping[str, LockBoard],
        wiring: Mapping[int, Channel],
        clock: Clock,
        *,
        idle_poll_s: float = IDLE_POLL_S,
        busy_poll_s: float = BUSY_POLL_S,
        steady: Steady | None = None,
    ) -> None:
        self._boards = {name: _Board(board) for name, board in boards.items()}
        self._wiring = dict(wiring)
        self._clock = clock
        self._idle_poll_s, self._busy_poll_s = idle_poll_s, busy_poll_s
        self._doors = dict.fromkeys(self._wiring, Door.UNKNOWN)
        self._sightings: dict[int, list[Sighting]] = {number: [] for number in self._wiring}
        self._steady = Steady() if steady is None else steady
        self._hurried = False
        self.changes = Changes()

    async def look(self) -> None:
        """Ask every board once; what does not answer stays `UNKNOWN`."""
        await asyncio.gather(*(self._poll(board) for board in self._boards.values()))

    async def run(self) -> None:
        """Keep asking every board, each on its own, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for board in self._boards.values():
                group.create_task(self._keep_polling(board))

    def door(self, number: int) -> Door:
        """Return what was last seen of a door."""
        return self._doors[number]

    def all(self) -> dict[int, Door]:
        """Return what was last seen of every door."""
        return dict(self._doors)

    def has_eyes(self, number: int) -> bool:
        """Whether a sensor looks into this compartment."""
        where = self._wiring[number]
        return where.channel in self._boards[where.board].board.inside

    def inside(self, number: int) -> Inside:
        """Return what that sensor last said; `UNKNOWN` where there is none, or its board is silent."""
        where = self._wiring[number]
        board = self._boards[where.board]
        return Inside.UNKNOWN if board.silent else board.board.inside.get(where.channel, Inside.UNKNOWN)

    def silent_boards(self) -> frozenset[str]:
        """Return the names of the boards that don't answer."""
        return frozenset(name for name, board in self._boards.items() if board.silent)

    def boards(self) -> tuple[str, ...]:
        """Return the names of all boards."""
        return tuple(self._boards)

    async def ask(self, board: str) -> bool:
        """Ask one board now and return whether it answered."""
        return await self._poll(self._boards[board])

    def flapping(self) -> frozenset[int]:
        """Return the doors whose sensors flicker: `UNKNOWN` until they rest."""
        return self._steady.flapping

    def quarantined_buses(self) -> frozenset[str]:
        """Return the names of the buses that talk nonsense, on which no unlock is sent."""
        return frozenset(name for board in self._boards.values() if (name := board.board.quarantine) is not None)

    def take_sightings(self) -> list[Sighting]:
        """Return what was seen since the last call, in order for each door, and forget it."""
        taken = [sighting for sightings in self._sightings.values() for sighting in sightings]
        for sightings in self._sightings.values():
            sightings.clear()
        return taken

    def hurry(self, *, on: bool) -> None:
        """Ask the boards more often while a person is at a door, from the next unlock on.

        Nothing is asked at once: that question would be on the wire before the unlock that is about to come.
        """
        self._hurried = on

    async def unlock(self, number: int) -> None:
        """Send one unlock frame for this door; whether it opened, `until` and `read` tell.

        Raises:
            UnknownChannelError: the wiring names a channel the board does not have; nothing was sent.
            UnlockRefusedError: this lock, or its bus, may not be unlocked now; nothing was sent.
            LinkError: the bytes could not be written; the door must be read before anything else.
        """
        where = self._wiring[number]
        self._steady.unlocked(number)
        await self._boards[where.board].board.unlock(where.channel)
        self._boards[where.board].hurry.set()

    async def read(self, number: int) -> Door:
        """Ask the board now, at most twice, and return the door; `UNKNOWN` when it does not answer."""
        board = self._boards[self._wiring[number].board]
        for _ in range(FRESH_READ_TRIES):
            if await self._poll(board):
                return self._doors[number]
        return Door.UNKNOWN

    async def read_patiently(self, number: int, seconds: float) -> Door:
        """`read`, again and again for at most `seconds` while the board does not answer."""
        give_up_at = self._clock.monotonic() + seconds
        door = await self.read(number)
        while door is Door.UNKNOWN and self._clock.monotonic() < give_up_at:
            await asyncio.sleep(self._busy_poll_s)
            door = await self.read(number)
        return door

    async def until(self, number: int, door: Door, seconds: float) -> bool:
        """Wait at most `seconds` until the picture shows the door so; return whether it does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._doors[number] is not door:
                    await self.changes.after(self.changes.revision)
        return self._doors[number] is door

    async def _keep_polling(self, board: _Board) -> None:
        while True:
            await self._pause(board)
            await self._poll(board)

    async def _pause(self, board: _Board) -> None:
        if board.silent:
            # Each question to it holds the bus until its time is over: the others on that bus come first.
            await asyncio.sleep(min(self._idle_poll_s * 2 ** min(board.missed - SILENT_POLLS, 8), SILENT_POLL_S))
            return
        # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._busy_poll_s if self._hurried else self._idle_poll_s):
                await board.hurry.wait()

    async def _poll(self, board: _Board) -> bool:
        """Ask once; return whether the board answered."""
        async with board.asking:
            board.hurry.clear()
            # What is hinted while the question is under way, only the next answer can judge.
            hinted, board.said_open = board.said_open, set()
            try:
                seen = await board.board.read_doors()
            except LinkError:
                board.said_open |= hinted
                self._missed(board)
                return False
            self._heard(board, seen, hinted)
            return True

    def _missed(self, board: _Board) -> None:
        board.missed += 1
        if board.missed == SILENT_POLLS:
            for number in self._behind(board):
                self._see(number, Door.UNKNOWN)
            self.changes.notify()

    def _heard(self, board: _Board, seen: Mapping[int, Door], hinted: set[int]) -> None:
        was_silent, board.missed = board.silent, 0
        news, now = [], self._clock.monotonic()
        for number in self._behind(board):
            channel = self._wiring[number].channel
            door = self._steady.judge(number, seen.get(channel, Door.UNKNOWN), now)
            between = channel in hinted and self._doors[number] is door is Door.CLOSED
            if between:
                self._keep(Sighting(number, Door.OPEN, hinted=True))
                self._keep(Sighting(number, Door.CLOSED, hinted=True))
            news.append(self._see(number, door) or between)
        if was_silent or any(news):
            self.changes.notify()

    def _behind(self, board: _Board) -> list[int]:
        return [number for number, where in self._wiring.items() if where.board == board.board.name]

    def _see(self, number: int, door: Door) -> bool:
        if self._doors[number] is door:
            return False
        self._doors[number] = door
        self._keep(Sighting(number, door))
        return True

    def _keep(self, sighting: Sighting) -> None:
        kept = self._sightings[sighting.number]
        kept.append(sighting)
        if len(kept) > KEPT_SIGHTINGS:
            # The watch is behind (a busy disk): a pair in the middle goes, the last position and one opening stay.
            del kept[1:3]
