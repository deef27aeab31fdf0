"""What every lock board must do, whatever its family, on a clean line: run over real pseudo-terminals."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from edge.errors import LinkError, NoAnswerError, UnknownChannelError
from edge.ports import Door, LockBoard
from tests.conformance.bench import Bench, bench, eventually, lost
from tests.conformance.kinds import KINDS, Kind

pytestmark = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def _was_pulsed(b: Bench, channel: int) -> bool:
    return channel in b.pulses()


def _note(told: list[tuple[int, Door]], channel: int, door: Door) -> None:
    told.append((channel, door))


async def test_is_a_lock_board(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as b:
        assert isinstance(b.board, LockBoard)
        assert b.board.channels == range(1, kind.channels + 1)


async def test_unlock_is_one_frame_and_one_coil(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as b:
        channels = sorted({1, 8, 9, kind.channels} & set(b.bank.doors))
        for channel in channels:
            await b.board.unlock(channel)
            await eventually(partial(_was_pulsed, b, channel))
            assert b.unlocks[-1] == kind.unlock_frame(1, channel)
        assert b.pulses() == dict.fromkeys(channels, 1)
        assert len(b.unlocks) == len(channels)


async def test_doors_are_what_they_are(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as b:
        assert await b.board.read_doors() == b.truth()
        for channel in {1, 7, 8, 9, 16, 17, kind.channels} & set(b.bank.doors):
            b.bank.force(channel)
            assert await b.board.read_doors() == b.truth()
        b.bank.push(7)
        assert await b.board.read_doors() == b.truth()
        assert not b.unlocks


async def test_a_channel_that_is_not_there_sends_nothing(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as b:
        for channel in (-1, 0, kind.channels + 1, 255, 256):
            with pytest.raises(UnknownChannelError):
                await b.board.unlock(channel)
        assert b.written == []


@pytest.mark.parametrize("echo", [False, True])
async def test_a_jammed_lock_is_not_taken_for_an_open_door(kind: Kind, echo: bool, tmp_path: Path) -> None:
    """On an echoing line too: the 0x8A family's answer "not opened" is byte for byte the request."""
    async with bench(kind, tmp_path) as b:
        if echo:
            b.make_noise("echo", rate=1.0, seed=1)
        b.bank.doors[5].jammed = True
        await b.board.unlock(5)
        assert await b.board.read_doors() == b.truth()
        assert b.pulses() == {5: 1}
        assert b.truth()[5] is Door.CLOSED


async def test_silence_is_no_answer(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as b:
        b.on_the_way = lost
        with pytest.raises(NoAnswerError):
            await b.board.read_doors()
        assert len(b.written) == 2, "a query is repeated once"


async def test_an_unanswered_unlock_is_not_repeated(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as b:
        if kind.heard_first:
            await b.board.read_doors()
        b.on_the_way = lost
        await b.board.unlock(3)
        with pytest.raises(NoAnswerError):
            await b.board.read_doors()
        assert b.unlocks == [kind.unlock_frame(1, 3)]
        assert b.pulses() == {3: 1}


async def test_a_late_answer_does_not_pass_for_the_next_one(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as b:
        held: list[bytes] = []
        b.on_the_way = lambda frame: held.append(frame) or []  # type: ignore[func-returns-value] # append, then nothing
        with pytest.raises(NoAnswerError):
            await b.board.read_doors()
        b.hear_everything()
        b.bank.force(2)
        for frame in held:
            b.pty.send(frame)
        assert held
        assert await b.board.read_doors() == b.truth()


async def test_the_answer_of_another_board_is_no_answer(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as b:
        b.on_the_way = lambda _: [kind.foreign]
        with pytest.raises(NoAnswerError):
            await b.board.read_doors()


async def test_boards_of_one_bus_keep_to_their_addresses(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path, addresses=(1, 2)) as b:
        await b.boards[2].unlock(4)
        b.banks[1].force(6)
        assert await b.boards[1].read_doors() == b.truth(1)
        assert await b.boards[2].read_doors() == b.truth(2)
        assert (b.pulses(1), b.pulses(2)) == ({}, {4: 1})


async def test_unasked_and_foreign_frames_around_an_answer(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as b:
        b.bank.force(min(11, kind.channels))
        b.on_the_way = lambda frame: [kind.unsolicited + kind.foreign + frame + kind.unsolicited]
        assert await b.board.read_doors() == b.truth()
        b.on_the_way = lambda frame: [kind.unsolicited, kind.foreign, frame, kind.foreign]
        assert await b.board.read_doors() == b.truth()


async def test_what_a_board_says_unasked_is_told_and_not_believed(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path, addresses=(1, 2)) as b:
        told: dict[int, list[tuple[int, Door]]] = {1: [], 2: []}
        for address, board in b.boards.items():
            board.on_hint(partial(_note, told[address]))
        hints = [] if kind.hint is None else [kind.hint]
        assert await b.board.read_doors() == b.truth()
        b.pty.send(kind.unsolicited)
        await eventually(lambda: told[1] == hints)
        assert await b.board.read_doors() == b.truth()
        b.on_the_way = lambda frame: [frame + kind.unsolicited]
        assert await b.board.read_doors() == b.truth()
        assert set(told[1]) == set(hints)
        assert told[2] == [], "another board's word is not this one's"


async def test_unplugged_and_back(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as b:
        assert await b.board.read_doors() == b.truth()
        b.pty.unplug()
        await eventually(lambda: not b.bus.is_open)
        with pytest.raises(LinkError):
            await b.board.read_doors()
        with pytest.raises(LinkError):
            await b.board.unlock(1)
        b.bank.force(3)
        b.pty.plug()
        await eventually(lambda: b.bus.is_open)
        assert await b.board.read_doors() == b.truth()
        assert b.pulses() == {}, "nothing is sent again by itself"
        await b.board.unlock(1)
        await eventually(lambda: b.pulses() == {1: 1})


async def test_unplugged_in_the_middle_of_a_question(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as b:
        b.on_the_way = lost
        reading = asyncio.create_task(b.board.read_doors())
        await eventually(lambda: bool(b.written))
        b.pty.unplug()
        with pytest.raises(LinkError):
            await reading
