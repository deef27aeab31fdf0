from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from edge.errors import NoAnswerError
from edge.links.memory import MemoryLink
from edge.lockers.line import DoorReader, Line, LineSettings
from edge.ports import Door

OPEN, CLOSED, UNKNOWN = Door.OPEN, Door.CLOSED, Door.UNKNOWN
HASTY = LineSettings(answer_ms=80, silence_ms=10, pulse_ms=50, coil_gap_ms=0)


class Answers:
    """Answers one after another; `None` is silence."""

    def __init__(self, *pictures: Mapping[int, Door] | None) -> None:
        self.left = list(pictures)

    async def next(self) -> Mapping[int, Door]:
        picture = self.left.pop(0)
        if picture is None:
            raise NoAnswerError("silence")
        return picture


async def test_an_unchanged_picture_costs_one_question() -> None:
    answers = Answers({1: CLOSED}, {1: CLOSED}, {1: CLOSED})
    reader = DoorReader(answers.next)
    assert await reader.read() == {1: CLOSED}
    assert len(answers.left) == 1, "the first picture is confirmed"
    assert await reader.read() == {1: CLOSED}
    assert answers.left == []


async def test_one_false_answer_is_not_believed() -> None:
    true, false = {1: CLOSED, 2: CLOSED}, {1: OPEN, 2: CLOSED}
    answers = Answers(true, true, false, true, true)
    reader = DoorReader(answers.next)
    await reader.read()
    assert await reader.read() == true
    assert answers.left == []


async def test_a_door_without_two_equal_answers_is_unknown() -> None:
    closed, opened = {1: CLOSED, 2: CLOSED}, {1: OPEN, 2: CLOSED}
    reader = DoorReader(Answers(closed, opened, closed).next)
    assert await reader.read() == {1: UNKNOWN, 2: CLOSED}


async def test_a_question_is_repeated_once() -> None:
    reader = DoorReader(Answers(None, {1: OPEN}, None, {1: OPEN}, None, None).next)
    assert await reader.read() == {1: OPEN}
    with pytest.raises(NoAnswerError):
        await reader.read()


def _whole(heard: bytes) -> bytes | None:
    return heard if heard.endswith(b"!") else None


async def test_an_answer_ends_by_silence() -> None:
    near, far = MemoryLink.pair()
    asking = asyncio.create_task(Line(HASTY).ask(near, b"?", _whole))
    assert await far.read(9, 1) == b"?"
    await far.write(b"ans!")
    await far.write(b"wer!")
    assert await asking == b"ans!wer!"


async def test_an_answer_with_a_gap_is_still_one() -> None:
    near, far = MemoryLink.pair()
    asking = asyncio.create_task(Line(HASTY).ask(near, b"?", _whole))
    await far.read(9, 1)
    await far.write(b"ans")
    await asyncio.sleep(0.03)
    await far.write(b"wer!")
    assert await asking == b"answer!"


@pytest.mark.parametrize("noise", [b"", b"nonsense"])
async def test_no_answer_tells_what_was_heard(noise: bytes) -> None:
    near, far = MemoryLink.pair()
    asking = asyncio.create_task(Line(HASTY).ask(near, b"?", _whole))
    await far.write(noise)
    with pytest.raises(NoAnswerError, match=noise.hex(" ") or "silence"):
        await asking


@pytest.mark.parametrize(
    ("setting", "learnt", "expected"),
    [
        ("on", None, b"!"),
        ("off", True, b"?!?!"),
        ("auto", None, b"?!?!"),
        ("auto", True, b"!"),
        ("auto", False, b"?!?!"),
    ],
)
async def test_exactly_the_echo_is_taken_away(setting: str, learnt: bool | None, expected: bytes) -> None:
    line = Line(HASTY.model_copy(update={"echo": setting}))
    if learnt is not None:
        line.learn_echo(learnt)
    near, far = MemoryLink.pair()
    asking = asyncio.create_task(line.ask(near, b"?!?", _whole))
    await far.write(b"?!?!")
    assert await asking == expected
