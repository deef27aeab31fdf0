from __future__ import annotations

import asyncio

import pytest

from edge.links.turns import Turns


async def _queue(turns: Turns, wanted: list[tuple[str, bool]], served: list[str]) -> list[asyncio.Task[None]]:
    async def one(name: str, urgent: bool) -> None:
        async with turns.take(urgent=urgent):
            served.append(name)
            await asyncio.sleep(0)

    tasks = []
    for name, urgent in wanted:
        tasks.append(asyncio.create_task(one(name, urgent)))
        await asyncio.sleep(0)
    return tasks


async def test_urgent_before_others_each_in_order() -> None:
    turns, served = Turns(), list[str]()
    async with turns.take(urgent=False):
        tasks = await _queue(turns, [("a", False), ("U", True), ("b", False), ("V", True)], served)
        assert served == []
    await asyncio.gather(*tasks)
    assert served == ["U", "V", "a", "b"]


async def test_a_cancelled_waiter_is_passed_over() -> None:
    turns, served = Turns(), list[str]()
    async with turns.take(urgent=False):
        tasks = await _queue(turns, [("a", False), ("U", True), ("b", False)], served)
        tasks[1].cancel()
        await asyncio.sleep(0)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert served == ["a", "b"]


async def test_cancelled_in_the_moment_of_the_turn() -> None:
    turns, served = Turns(), list[str]()
    async with turns.take(urgent=False):
        tasks = await _queue(turns, [("a", False), ("b", False)], served)
    # The turn was just given to "a", which has not run since.
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert served == ["b"]
    async with asyncio.timeout(1), turns.take(urgent=False):
        pass


async def test_an_error_gives_the_turn_back() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="in the middle"):
        async with turns.take(urgent=True):
            raise ValueError("in the middle")
    async with asyncio.timeout(1), turns.take(urgent=False):
        pass
