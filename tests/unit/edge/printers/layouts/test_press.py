"""The press as the agent uses it: a real worker, killed, hung and talked to by nobody who waits."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime

import pytest

from edge.errors import LayoutRefusedError, PressError
from edge.printers.layouts.press import WorkerPress, open_press
from tests.unit.edge.printers.layouts.examples import EXAMPLES, LICENCE

AT = datetime(2026, 11, 24, 22, 3, tzinfo=UTC)


def _pid(press: WorkerPress) -> int:
    assert press._process is not None
    return press._process.pid


async def test_papers_dots_and_refusals_come_from_one_worker() -> None:
    async with open_press() as press:
        dots = await press.dots("ticket", EXAMPLES["ticket"])
        first = _pid(press)
        assert (await press.pdf("licence_copy", EXAMPLES["licence_copy"], AT)).startswith(b"%PDF-1.7")
        with pytest.raises(LayoutRefusedError) as refused:
            await press.pdf("licence_original", {**LICENCE, "kind": "cooperative"}, AT)
        assert (refused.value.reason, refused.value.where) == ("wrong_value", "kind")
        assert await press.dots("ticket", EXAMPLES["ticket"]) == dots
        assert _pid(press) == first
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


async def test_a_worker_that_died_is_told_and_the_next_paper_comes_from_another() -> None:
    async with open_press() as press:
        dots = await press.dots("ticket", EXAMPLES["ticket"])
        os.kill(_pid(press), signal.SIGKILL)
        with pytest.raises(PressError, match="gone"):
            await press.dots("ticket", EXAMPLES["ticket"])
        assert await press.dots("ticket", EXAMPLES["ticket"]) == dots


async def test_a_worker_that_hangs_is_ended() -> None:
    press = WorkerPress(deadline_seconds=20)
    await press.dots("ticket", EXAMPLES["ticket"])
    hung = _pid(press)
    os.kill(hung, signal.SIGSTOP)
    press._deadline = 0.2
    with pytest.raises(PressError, match="hung"):
        await press.dots("ticket", EXAMPLES["ticket"])
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)
    await press.close()


async def test_who_stops_waiting_never_leaves_his_paper_to_the_next() -> None:
    async with open_press() as press:
        other = await press.dots("failure", EXAMPLES["failure"])
        asking = asyncio.create_task(press.dots("ticket", EXAMPLES["ticket"]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await press.dots("failure", EXAMPLES["failure"]) == other
