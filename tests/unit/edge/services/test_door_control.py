"""The order of bytes on the wire when a person is at a door."""

from __future__ import annotations

import asyncio

from edge.clock import SystemClock
from edge.errors import NoAnswerError
from edge.links.bus import SharedBus
from edge.links.memory import MemoryLink
from edge.links.wire import OpenLink
from edge.lockers.line import CoilPacer
from edge.lockers.lock8a import driver as lock8a
from edge.ports import Door, LockBoard
from edge.services.door_control import Channel, Doors


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
