"""Boards that tell of a door by themselves while they are asked about all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.lockers.simulator import SimulatedBank
from edge.ports import Door
from tests.conformance.bench import bench, eventually
from tests.conformance.kinds import LOCK8A, WKLY, Kind

pytestmark = pytest.mark.parametrize("kind", [LOCK8A, WKLY], ids=lambda kind: kind.name)


def told(kind: Kind, address: int, channel: int, leaf: str) -> bytes:
    """What a board sends when this door has just become so."""
    bank = SimulatedBank(range(1, kind.channels + 1))
    if leaf == "open":
        bank.force(channel)
    [frame] = kind.simulator(address, bank).door_changed(bank.doors[channel])
    return frame


async def test_a_change_between_question_and_answer_is_heard_and_is_no_answer(kind: Kind, tmp_path: Path) -> None:
    async with bench(kind, tmp_path) as b:
        hints: list[tuple[int, Door]] = []
        b.board.on_hint(lambda channel, door: hints.append((channel, door)))
        b.on_the_way = lambda frame: [told(kind, 1, 7, "open") + frame]
        assert await b.board.read_doors() == b.truth(), "a hint is not believed"
        await eventually(lambda: (7, Door.OPEN) in hints)
