"""A part that fails is said by its type and starts again, slower each time; being cancelled ends it at once."""

from __future__ import annotations

import asyncio
import itertools
import logging

import pytest

from edge.uplink.supervision import keep_running


async def test_a_part_that_fails_starts_again_and_says_what_it_was(caplog: pytest.LogCaptureFixture) -> None:
    starts: list[float] = []
    well = asyncio.Event()

    async def part() -> None:
        starts.append(asyncio.get_running_loop().time())
        if len(starts) < 4:
            raise LookupError("no such thing")
        well.set()
        await asyncio.sleep(60)

    with caplog.at_level(logging.ERROR):
        running = asyncio.create_task(keep_running("the part", part, first_pause_s=0.02))
        async with asyncio.timeout(5):
            await well.wait()
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
    assert [record.message for record in caplog.records] == ["the part failed and starts again"] * 3
    assert "LookupError: no such thing" in caplog.text
    pauses = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert pauses == sorted(pauses)


async def test_a_part_that_ends_by_itself_starts_again() -> None:
    starts = 0
    twice = asyncio.Event()

    async def part() -> None:
        nonlocal starts
        starts += 1
        if starts == 2:
            twice.set()

    running = asyncio.create_task(keep_running("the part", part, first_pause_s=0.01))
    async with asyncio.timeout(5):
        await twice.wait()
    running.cancel()
    await asyncio.wait({running})
