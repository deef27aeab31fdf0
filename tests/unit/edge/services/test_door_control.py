"""The order of bytes on the wire when a person is at a door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from edge.clock import SystemClock
from edge.errors import NoAnswerError
from edge.links.bus import SharedBus
from edge.links.memory import MemoryLink
from edge.links.wire import OpenLink
from edge.lockers.coils import CoilPacer
from edge.lockers.lock8a import driver as lock8a
from edge.ports import Door, LockBoard
from edge.services.door_control import Channel, Doors, Sighting


async def test_hurrying_asks_nothing_before_the_unlock_and_soon_after_it() -> None:
    near, far = MemoryLink.pair()

    async def opened(_port: str, _baud: int) -> OpenLink:
        return near

    settings = lock8a.Settings(answer_ms=20)
    async with SharedBus("port", 9600, quiet=0.0, late=0.0, opener=opened) as bus:
        board = lock8a.board(
            "main", address=1, channels=range(1, 25), settings=settings, bus=bus, pacer=CoilPacer(settings)
        )
        doors = Doors({"main": board}, {7: Channel("main", 7)}, SystemClock("Asia/Shanghai"), idle_poll_s=60)
        running = asyncio.create_task(doors.run())
        assert await far.read(100, 0.05) == b"", "the first pause lasts a minute"
        doors.hurry(on=True)
        assert await far.read(100, 0.05) == b""
        await doors.unlock(7)
        assert await far.read(100, 1) == bytes.fromhex("8a0107119d")
        assert await far.read(100, 1) == bytes.fromhex("80010033b2")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


class Board(LockBoard):
    """A board that a test lets speak: what it answers, and what it reports unasked."""

    name, channels = "main", range(1, 25)

    def __init__(self) -> None:
        self.doors = {7: Door.CLOSED}
        self.asked = 0
        self.told: Callable[[int, Door], None] = lambda _channel, _door: None
        self.during: Callable[[], None] = lambda: None

    def on_hint(self, told: Callable[[int, Door], None]) -> None:
        self.told = told

    async def unlock(self, channel: int) -> None:
        raise AssertionError(channel)

    async def read_doors(self) -> dict[int, Door]:
        self.asked += 1
        self.during()
        return dict(self.doors)


@asynccontextmanager
async def _watched(board: Board) -> AsyncIterator[Doors]:
    """Doors that are asked once a minute, unless something hurries them."""
    doors = Doors({"main": board}, {7: Channel("main", 7)}, SystemClock("Asia/Shanghai"), idle_poll_s=60)
    await doors.look()
    doors.take_sightings()
    running = asyncio.create_task(doors.run())
    await asyncio.sleep(0)
    yield doors
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _asked(board: Board, times: int) -> None:
    async with asyncio.timeout(5):
        while board.asked < times:  # noqa: ASYNC110 - the board sets no event
            await asyncio.sleep(0.001)


async def test_a_hint_makes_the_board_be_asked_and_the_answer_is_believed() -> None:
    board = Board()
    async with _watched(board) as doors:
        board.doors[7] = Door.OPEN
        board.told(7, Door.OPEN)
        await _asked(board, 2)
        assert doors.door(7) is Door.OPEN
        assert doors.take_sightings() == [Sighting(7, Door.OPEN)]
        board.told(7, Door.CLOSED)
        await _asked(board, 3)
        assert doors.door(7) is Door.OPEN, "a hint alone moves no door"
        assert doors.take_sightings() == []


async def test_an_opening_between_two_answers_is_known_from_its_hint_alone() -> None:
    board = Board()
    async with _watched(board) as doors:
        board.told(7, Door.OPEN)
        board.told(7, Door.CLOSED)
        await _asked(board, 2)
        assert doors.take_sightings() == [Sighting(7, Door.OPEN, hinted=True), Sighting(7, Door.CLOSED, hinted=True)]
        board.told(9, Door.OPEN)
        board.told(7, Door.CLOSED)
        await _asked(board, 3)
        assert doors.take_sightings() == [], "another channel; and shut is what it was"


async def test_a_hint_during_a_question_waits_for_the_next_answer() -> None:
    board = Board()
    async with _watched(board) as doors:

        def opens() -> None:
            board.told(7, Door.OPEN)
            board.during = lambda: board.doors.update({7: Door.OPEN})

        board.during = opens
        board.told(7, Door.CLOSED)
        await _asked(board, 3)
        assert doors.take_sightings() == [Sighting(7, Door.OPEN)], "the answer was older than the hint"


async def test_a_silent_board_is_asked_ever_more_rarely_and_heard_again() -> None:
    class Quiet(LockBoard):
        """A board of which nothing is heard until somebody mends it."""

        name, channels = "main", range(1, 25)

        def __init__(self) -> None:
            self.asked_at: asyncio.Queue[float] = asyncio.Queue()
            self.mended = False

        async def unlock(self, channel: int) -> None:
            raise AssertionError(channel)

        async def read_doors(self) -> dict[int, Door]:
            self.asked_at.put_nowait(asyncio.get_running_loop().time())
            if not self.mended:
                raise NoAnswerError("silence")
            return {7: Door.CLOSED}

    board = Quiet()
    doors = Doors({"main": board}, {7: Channel("main", 7)}, SystemClock("Asia/Shanghai"), idle_poll_s=0.01)
    running = asyncio.create_task(doors.run())
    async with asyncio.timeout(10):
        asked = [await board.asked_at.get() for _ in range(8)]
        assert asked[-1] - asked[-2] > 8 * 0.01
        board.mended = True
        while doors.door(7) is not Door.CLOSED:
            await doors.changes.after(doors.changes.revision)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
