"""Random bytes to either end: no coil moves that no whole frame asked for, and only documented errors come out."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import LinkError
from edge.links.bus import SharedBus
from edge.links.memory import MemoryLink
from edge.links.wire import OpenLink
from edge.lockers.coils import CoilPacer
from edge.lockers.simulator import SimulatedBank
from edge.ports import Door
from tests.conformance.bench import Tap
from tests.conformance.kinds import KINDS, Kind

# Bytes that mean something to one of the families, so that half-right frames are frequent.
MEANINGFUL = st.sampled_from([0x00, 0x01, 0x02, 0x03, 0x0A, 0x11, 0x30, 0x33, 0x50, 0x51, 0x65, 0x80, 0x82, 0x8A, 0x9B])
GARBAGE = st.lists(st.one_of(MEANINGFUL, st.integers(0, 255)), max_size=60).map(bytes)

parametrized = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@parametrized
def test_an_unlock_with_any_one_wrong_or_missing_byte_moves_nothing(kind: Kind) -> None:
    """Every single-byte error that a check can see, for the first, a middle and the last channel."""
    bank = SimulatedBank(range(1, kind.channels + 1))
    board = kind.simulator(1, bank)
    now = 0.0
    middle = min(12, kind.channels - 1)
    for channel in (1, middle, kind.channels):
        frame = kind.unlock_frame(1, channel)
        for at in set(range(len(frame))) - set(kind.unchecked):
            wrong = [frame[:at] + bytes([byte]) + frame[at + 1 :] for byte in range(256) if byte != frame[at]]
            for damaged in [*wrong, frame[:at] + frame[at + 1 :]]:
                now += 1
                board.receive(damaged, now)
    assert all(door.pulses == 0 for door in bank.doors.values())
    board.receive(kind.unlock_frame(1, middle), now + 1)
    assert [channel for channel, door in bank.doors.items() if door.pulses] == [middle]


@parametrized
@given(portions=st.lists(GARBAGE, max_size=6))
@settings(max_examples=200, deadline=None)
def test_a_board_moves_only_for_a_whole_frame(kind: Kind, portions: list[bytes]) -> None:
    bank = SimulatedBank(range(1, kind.channels + 1))
    board = kind.simulator(1, bank)
    for step, portion in enumerate(portions):
        board.receive(portion, step * 0.01)
    heard = b"".join(portions)
    if kind.every_lock(heard):
        return
    asked = {channel for channel in bank.doors if kind.unlock_frame(1, channel) in heard}
    assert {channel for channel, door in bank.doors.items() if door.pulses} <= asked


@parametrized
@given(garbage=GARBAGE, channel=st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_a_driver_raises_only_documented_errors(kind: Kind, garbage: bytes, channel: int) -> None:
    """The far end answers everything with garbage; doors may be known only if a whole status of board 1 was in it."""
    written = asyncio.run(_against(kind, garbage, channel))
    expected = [] if kind.heard_first else [kind.unlock_frame(1, channel)]
    assert [frame for frame in written if kind.is_unlock(frame)] == expected


async def _against(kind: Kind, garbage: bytes, channel: int) -> list[bytes]:
    near, far = MemoryLink.pair()
    written: list[bytes] = []

    async def opener(_port: str, _baud: int) -> OpenLink:
        return Tap(near, written)

    async def answer() -> None:
        while True:
            await far.read(64, 10)
            await far.write(garbage)

    async with SharedBus("memory", 9600, quiet=0.001, late=0.001, opener=opener) as bus:
        answering = asyncio.create_task(answer())
        hasty = kind.settings.model_copy(update={"answer_ms": 6, "silence_ms": 2})
        board = kind.board(1, bus, CoilPacer(hasty), hasty)
        try:
            await board.unlock(channel)
        except LinkError:
            assert kind.heard_first
        try:
            doors = await board.read_doors()
        except LinkError:
            pass
        else:
            assert kind.has_status(garbage)
            assert set(doors.values()) <= set(Door)
        answering.cancel()
    return written
