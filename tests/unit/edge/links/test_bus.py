from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from edge.errors import LinkError, NoAnswerError, NonsenseError, UnlockRefusedError
from edge.links.bus import SharedBus
from edge.links.memory import MemoryLink
from edge.links.wire import OpenLink


class Sockets:
    """Opens memory links; `far` is the other end of the last one. While `missing`, opening fails."""

    def __init__(self) -> None:
        self.opened = 0
        self.missing = False
        self.far = MemoryLink()

    async def open(self, port: str, _baud: int) -> OpenLink:
        if self.missing:
            raise LinkError(f"{port}: missing")
        near, self.far = MemoryLink.pair()
        self.opened += 1
        return near


def _bus(sockets: Sockets, *, quiet: float = 0.0, late: float = 0.0, settle: float = 0.2) -> SharedBus:
    return SharedBus(
        "port", 9600, quiet=quiet, late=late, settle=settle, name="main", nonsense_limit=3, opener=sockets.open
    )


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the bus sets no event for its tests
            await asyncio.sleep(0.005)


async def test_a_conversation() -> None:
    sockets = Sockets()
    async with _bus(sockets) as bus, bus.conversation(urgent=False) as link:
        await link.write(b"question")
        assert await sockets.far.read(100, 1) == b"question"
        await sockets.far.write(b"answer")
        assert await link.read(100, 1) == b"answer"


async def test_stale_bytes_are_gone_before_a_question() -> None:
    sockets = Sockets()
    async with _bus(sockets, quiet=0.01) as bus:
        await sockets.far.write(b"stale")
        async with bus.conversation(urgent=False) as link:
            assert await link.read(100, 0.02) == b""


async def test_quiet_between_conversations() -> None:
    sockets = Sockets()
    loop = asyncio.get_running_loop()
    async with _bus(sockets, quiet=0.05) as bus:
        async with bus.conversation(urgent=False):
            pass
        ended = loop.time()
        async with bus.conversation(urgent=True):
            assert loop.time() - ended >= 0.045


async def test_the_silence_that_ended_an_answer_counts_as_quiet() -> None:
    sockets = Sockets()
    loop = asyncio.get_running_loop()
    async with _bus(sockets, quiet=0.5) as bus:
        async with bus.conversation(urgent=False) as link:
            await sockets.far.write(b"answer")
            assert await link.read(100, 1) == b"answer"
            last_byte = loop.time()
            assert await link.read(100, 0.4) == b""
        async with bus.conversation(urgent=True):
            assert 0.49 <= loop.time() - last_byte < 0.85


async def test_after_silence_a_late_answer_is_waited_out() -> None:
    sockets = Sockets()
    async with _bus(sockets, late=0.15) as bus:
        with pytest.raises(NoAnswerError):
            async with bus.conversation(urgent=False):
                raise NoAnswerError("nothing came")
        asyncio.get_running_loop().call_later(
            0.05, lambda: late.append(asyncio.ensure_future(sockets.far.write(b"late")))
        )
        late: list[asyncio.Future[None]] = []
        async with bus.conversation(urgent=False) as link:
            assert late, "the next question waits until late answers are in"
            assert await link.read(100, 0.01) == b""


async def test_after_a_cancelled_question_its_answer_is_waited_out() -> None:
    sockets = Sockets()
    async with _bus(sockets, late=0.05) as bus:

        async def ask() -> None:
            async with bus.conversation(urgent=False) as link:
                await link.write(b"?")
                await link.read(1, 60)

        asking = asyncio.create_task(ask())
        assert await sockets.far.read(1, 1) == b"?"
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        ended = asyncio.get_running_loop().time()
        async with bus.conversation(urgent=False):
            assert asyncio.get_running_loop().time() - ended >= 0.045


async def test_a_line_that_is_never_silent() -> None:
    sockets = Sockets()
    async with _bus(sockets, quiet=0.05) as bus:

        async def babble() -> None:
            while True:
                await sockets.far.write(b"x")
                await asyncio.sleep(0.002)

        babbling = asyncio.create_task(babble())
        await asyncio.sleep(0)
        with pytest.raises(NoAnswerError, match="never silent"):
            async with bus.conversation(urgent=True):
                pytest.fail("nothing may be sent")
        babbling.cancel()
        assert await sockets.far.read(10, 0.01) == b""


async def test_a_broken_wire_is_opened_again() -> None:
    sockets = Sockets()
    async with _bus(sockets) as bus:
        sockets.missing = True
        await sockets.far.close()
        await _until(lambda: not bus.is_open)
        with pytest.raises(LinkError):
            async with bus.conversation(urgent=False):
                pytest.fail("there is no wire")
        sockets.missing = False
        await _until(lambda: bus.is_open)
        assert sockets.opened == 2
        async with bus.conversation(urgent=False) as link:
            await link.write(b"again")
        assert await sockets.far.read(10, 1) == b"again"


async def test_a_wire_that_is_not_there_at_the_start() -> None:
    sockets = Sockets()
    sockets.missing = True
    async with _bus(sockets) as bus:
        with pytest.raises(LinkError, match="missing"):
            async with bus.conversation(urgent=False):
                pytest.fail("there is no wire")
        sockets.missing = False
        await _until(lambda: bus.is_open)


async def _ask_for_nonsense(bus: SharedBus) -> None:
    with pytest.raises(NonsenseError):
        async with bus.conversation(urgent=False):
            raise NonsenseError("heard something")


async def _answered(bus: SharedBus, sockets: Sockets) -> None:
    async with bus.conversation(urgent=False) as link:
        await sockets.far.write(b"answer")
        assert await link.read(9, 1) == b"answer"


async def test_a_run_of_nonsense_closes_the_wire_and_refuses_unlocks_until_an_answer() -> None:
    sockets, loop = Sockets(), asyncio.get_running_loop()
    async with _bus(sockets) as bus:
        await _ask_for_nonsense(bus)
        await _answered(bus, sockets)
        for _ in range(3):
            assert bus.quarantine is None
            await _ask_for_nonsense(bus)
        closed_at = loop.time()
        assert bus.quarantine == "main"
        await _until(lambda: bus.is_open)
        assert sockets.opened == 2
        with pytest.raises(UnlockRefusedError, match="quarantine"):
            async with bus.conversation(urgent=True):
                pytest.fail("nothing may be sent")
        assert await sockets.far.read(9, 0.01) == b""
        await _answered(bus, sockets)
        assert loop.time() - closed_at >= 0.95, "left alone for a while"
        assert bus.quarantine is None
        async with bus.conversation(urgent=True) as link:
            await link.write(b"unlock")
        assert await sockets.far.read(9, 1) == b"unlock"


async def test_silence_is_no_nonsense_and_an_unlock_no_answer() -> None:
    sockets = Sockets()
    async with _bus(sockets) as bus:
        for _ in range(5):
            with pytest.raises(NoAnswerError):
                async with bus.conversation(urgent=False):
                    raise NoAnswerError("silence")
        assert bus.quarantine is None
        for _ in range(3):
            async with bus.conversation(urgent=True) as link:
                await sockets.far.write(b"done")
                await link.read(9, 1)
            await _ask_for_nonsense(bus)
        assert bus.quarantine == "main"


async def test_everything_on_the_wire_is_overheard() -> None:
    sockets, heard = Sockets(), list[bytes]()
    async with _bus(sockets, quiet=0.01) as bus:
        bus.overhear(heard.append)
        await sockets.far.write(b"una")
        await sockets.far.write(b"sked")
        await _until(lambda: heard == [b"unasked"])
        await _answered(bus, sockets)
        assert heard == [b"unasked", b"answer"]
        await sockets.far.write(b"again")
        async with bus.conversation(urgent=True) as link:
            assert await link.read(9, 0.02) == b""
        assert heard == [b"unasked", b"answer", b"again"]


async def test_closing_twice() -> None:
    sockets = Sockets()
    async with _bus(sockets) as bus:
        await bus.close()
        await bus.close()
    assert not sockets.far.is_open
