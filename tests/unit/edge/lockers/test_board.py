"""The board that is asked, over a wire in memory: an invented family with a question for every door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from edge.errors import NoAnswerError
from edge.links.bus import SharedBus
from edge.links.memory import MemoryLink
from edge.links.wire import OpenLink
from edge.lockers.board import Answer, PolledBoard, Question, Tongue
from edge.lockers.coils import CoilPacer
from edge.lockers.line import LineSettings
from edge.ports import Door, Inside, LockBoard

HASTY = LineSettings(quiet_ms=1, answer_ms=60, silence_ms=4, late_ms=1, pulse_ms=50, coil_gap_ms=0)
SAID = {b"o": Door.OPEN, b"c": Door.CLOSED}


class Letters(Tongue):
    """`?n` is answered by `=n`, `o` or `c`, and `+` when something lies inside; `!n` unlocks and is not answered."""

    def unlock(self, channel: int) -> bytes:
        return b"!%d" % channel

    def questions(self) -> Sequence[Question]:
        return [Question(b"?%d" % channel, self._finder(channel)) for channel in (1, 2, 3)]

    def _finder(self, channel: int) -> Callable[[bytes], Answer | None]:
        def find(heard: bytes) -> Answer | None:
            at = heard.find(b"=%d" % channel)
            if at < 0:
                return None
            door, inside = heard[at + 2 : at + 3], heard[at + 3 : at + 4]
            found = {channel: Inside.PRESENT if inside == b"+" else Inside.ABSENT} if inside else {}
            return Answer(heard[at : at + 4], {channel: SAID[door]}, found)

        return find


@dataclass
class Peer:
    """The far end: what it says for each question, and everything it was asked."""

    says: dict[bytes, bytes]
    asked: list[bytes] = field(default_factory=list)
    echoes: bool = False

    async def serve(self, far: MemoryLink) -> None:
        while True:
            request = await far.read(9, 60)
            self.asked.append(request)
            if answer := (request if self.echoes else b"") + self.says.get(request, b""):
                await far.write(answer)


@asynccontextmanager
async def _against(peer: Peer) -> AsyncIterator[PolledBoard]:
    near, far = MemoryLink.pair()

    async def opened(_port: str, _baud: int) -> OpenLink:
        return near

    async with SharedBus("memory", 9600, quiet=0.001, late=0.001, opener=opened) as bus:
        serving = asyncio.create_task(peer.serve(far))
        yield PolledBoard("b", Letters(), channels=range(1, 5), settings=HASTY, bus=bus, pacer=CoilPacer(HASTY))
        serving.cancel()


async def test_a_picture_of_many_answers() -> None:
    async with _against(Peer({b"?1": b"=1c+", b"?2": b"=2o", b"?3": b"=3c-"})) as board:
        assert isinstance(board, LockBoard)
        assert board.inside == {}
        doors = await board.read_doors()
        assert doors == {1: Door.CLOSED, 2: Door.OPEN, 3: Door.CLOSED, 4: Door.UNKNOWN}
        assert board.inside == {1: Inside.PRESENT, 3: Inside.ABSENT}


async def test_only_the_question_whose_answer_is_new_is_asked_again() -> None:
    peer = Peer({b"?1": b"=1c", b"?2": b"=2c", b"?3": b"=3c"})
    async with _against(peer) as board:
        await board.read_doors()
        peer.asked.clear()
        peer.says[b"?2"] = b"=2o"
        await board.read_doors()
    assert peer.asked == [b"?1", b"?2", b"?2", b"?3"]


async def test_one_answer_that_is_missing_makes_one_door_unknown() -> None:
    peer = Peer({b"?1": b"=1c", b"?3": b"=3c"})
    async with _against(peer) as board:
        assert await board.read_doors() == {1: Door.CLOSED, 2: Door.UNKNOWN, 3: Door.CLOSED, 4: Door.UNKNOWN}


async def test_a_board_that_does_not_answer_is_not_asked_everything() -> None:
    peer = Peer({})
    async with _against(peer) as board:
        with pytest.raises(NoAnswerError):
            await board.read_doors()
        assert peer.asked == [b"?1", b"?1"]
        peer.says[b"?1"] = b"=1c"
        peer.asked.clear()
        assert set((await board.read_doors()).values()) == {Door.CLOSED, Door.UNKNOWN}
    assert peer.asked == [b"?1", b"?1", b"?2", b"?2", b"?3", b"?3"]


async def test_an_echo_before_an_answer_is_taken_away() -> None:
    peer = Peer({b"?1": b"=1o", b"?2": b"=2c", b"?3": b"=3c"}, echoes=True)
    async with _against(peer) as board:
        for _ in range(2):
            assert (await board.read_doors())[1] is Door.OPEN


class Slow(Letters):
    """Unlocks are answered too: with the state, as on boards where that looks like the answer to a question."""

    answers_unlock: ClassVar[bool] = True


async def test_a_late_answer_to_an_unlock_finds_nobody_asking() -> None:
    near, far = MemoryLink.pair()
    asked_when_late: list[bytes] = []

    async def opened(_port: str, _baud: int) -> OpenLink:
        return near

    async def serve() -> None:
        assert await far.read(9, 60) == b"!1"
        asked_when_late.append(await far.read(9, 0.1))
        await far.write(b"=1o")
        await Peer({b"?1": b"=1c", b"?2": b"=2c", b"?3": b"=3c"}).serve(far)

    async with SharedBus("memory", 9600, quiet=0.001, late=0.2, opener=opened) as bus:
        serving = asyncio.create_task(serve())
        board = PolledBoard("b", Slow(), channels=range(1, 4), settings=HASTY, bus=bus, pacer=CoilPacer(HASTY))
        await board.unlock(1)
        assert set((await board.read_doors()).values()) == {Door.CLOSED}
        serving.cancel()
    assert asked_when_late == [b""]
