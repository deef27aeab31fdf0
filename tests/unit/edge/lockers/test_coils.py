from __future__ import annotations

import asyncio
import itertools

import pytest

from edge.errors import UnlockRefusedError
from edge.lockers.coils import CoilPacer
from edge.lockers.line import LineSettings

HASTY = LineSettings(pulse_ms=50, coil_gap_ms=0, unlock_interval_ms=0, unlocks_a_minute=3)


async def _fire(pacer: CoilPacer, board: str = "main", channel: int = 1) -> float:
    async with pacer.coil(board, channel):
        return asyncio.get_running_loop().time()


async def test_one_coil_at_a_time() -> None:
    pacer = CoilPacer(HASTY)
    begun = await asyncio.gather(_fire(pacer), _fire(pacer, channel=2), _fire(pacer, "annex"))
    assert all(later - earlier >= 0.045 for earlier, later in itertools.pairwise(begun))


async def test_a_lock_rests_between_two_pulses_and_others_do_not() -> None:
    pacer = CoilPacer(HASTY.model_copy(update={"unlock_interval_ms": 150}))
    first = await _fire(pacer)
    with pytest.raises(UnlockRefusedError) as refused:
        await _fire(pacer)
    assert refused.value.reason == "too_soon"
    assert 0.1 < refused.value.seconds_left <= 0.15
    await _fire(pacer, channel=2)
    await asyncio.sleep(refused.value.seconds_left)
    assert await _fire(pacer) - first >= 0.149


async def test_a_lock_is_unlocked_three_times_within_a_minute_whoever_asks() -> None:
    pacer = CoilPacer(HASTY)
    for _ in range(3):
        await _fire(pacer)
    with pytest.raises(UnlockRefusedError) as refused:
        await _fire(pacer)
    assert refused.value.reason == "too_often"
    assert 59 < refused.value.seconds_left <= 60
    await _fire(pacer, channel=2)


async def test_two_at_once_at_one_lock_are_one_pulse() -> None:
    pacer = CoilPacer(HASTY.model_copy(update={"unlock_interval_ms": 3000}))
    done = await asyncio.gather(_fire(pacer), _fire(pacer), return_exceptions=True)
    assert [type(each) for each in done] == [float, UnlockRefusedError]


async def test_a_frame_that_could_not_be_written_counts() -> None:
    pacer = CoilPacer(HASTY.model_copy(update={"unlock_interval_ms": 3000}))
    with pytest.raises(OSError, match="gone"):
        async with pacer.coil("main", 1):
            raise OSError("gone")
    with pytest.raises(UnlockRefusedError):
        await _fire(pacer)
