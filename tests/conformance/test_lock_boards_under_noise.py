"""What every lock board must do on a bad line: no other coil, no untrue door, whatever the wire does to the bytes."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from pathlib import Path

import pytest

from edge.errors import LinkError, NoAnswerError, UnlockRefusedError
from edge.links.simulator import NoiseMode
from edge.ports import Door
from tests.conformance.bench import Bench, bench, untrue
from tests.conformance.kinds import KINDS, Kind

SEEDS = range(8)
STEPS = 10
LOSSLESS: list[tuple[NoiseMode, ...]] = [("chop",), ("glue",), ("echo",)]
MODES: list[tuple[NoiseMode, ...]] = [
    *LOSSLESS,
    ("drop",),
    ("flip",),
    ("delay",),
    ("chop", "glue", "drop", "flip", "echo"),
    ("chop", "glue", "flip", "delay"),
]


class Round:
    """One seeded sequence of a person's and the driver's acts on a noisy bench."""

    def __init__(self, b: Bench, seed: int) -> None:
        self.b, self.random = b, random.Random(seed)
        self.asked: Counter[int] = Counter()
        self.answered = self.silent = self.incomplete = 0

    async def run(self) -> None:
        # A picture that takes a question for each door takes that much longer.
        for _ in range(STEPS // 3 if self.b.kind.asks_each_door else STEPS):
            channel = self.random.randrange(1, self.b.kind.channels + 1)
            match self.random.randrange(4):
                case 0:
                    with contextlib.suppress(UnlockRefusedError):
                        # So much nonsense puts the bus into quarantine now and then: nothing is sent then.
                        await self.b.board.unlock(channel)
                        self.asked[channel] += 1
                case 1:
                    self.b.bank.push(channel)
                case _:
                    await self.read()
        await self.read()

    async def read(self) -> None:
        before = self.b.truth()
        try:
            read = await self.b.board.read_doors()
        except NoAnswerError:
            self.silent += 1
            return
        known = [door for door in read.values() if door != Door.UNKNOWN]
        self.answered += bool(known)
        self.incomplete += len(known) < len(read)
        assert untrue(read, before, self.b.truth()) == {}, (self.b.pty.noise_out, self.b.written[-3:])


async def _one(kind: Kind, modes: tuple[NoiseMode, ...], seed: int, folder: Path) -> Round:
    async with bench(kind, folder / "-".join((*modes, str(seed)))) as b:
        if kind.heard_first:
            await b.board.read_doors()
        b.make_noise(*modes, rate=0.3 if len(modes) == 1 else 0.15, seed=seed)
        turn = Round(b, seed)
        await turn.run()
        frames = [kind.unlock_frame(1, channel) for channel in turn.asked.elements()]
        assert sorted(b.unlocks) == sorted(frames), f"{modes} {seed}: exactly one frame for each unlock"
        others = {channel: count for channel, count in b.pulses().items() if count > turn.asked[channel]}
        assert others == {}, f"{modes} {seed}: no coil but the asked ones, and each at most once"
        return turn


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_no_other_coil_and_no_untrue_door(kind: Kind, tmp_path: Path) -> None:
    """All modes and seeds at once: the time goes by in waiting for answers that never come."""
    plans = [(modes, seed) for modes in MODES for seed in SEEDS]
    turns = await asyncio.gather(*(_one(kind, modes, seed, tmp_path) for modes, seed in plans))
    for modes in MODES:
        mine = [turn for turn, plan in zip(turns, plans, strict=True) if plan[0] == modes]
        answered, silent = sum(t.answered for t in mine), sum(t.silent for t in mine)
        felt = silent + sum(t.incomplete for t in mine)
        assert 2 * answered > silent, f"{modes}: the line is bad, not dead"
        if modes in LOSSLESS:
            # Nothing is lost; a test machine that stands still for a moment may still miss a deadline.
            assert answered > 20 * felt, f"{modes}: every question is answered"
        elif len(modes) == 1:
            assert felt > 0, f"{modes}: so much noise must be felt"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_babbling_line_moves_nothing(kind: Kind, tmp_path: Path) -> None:
    """Bytes without end: a true answer may be found among them, or a documented error says that none was."""
    async with bench(kind, tmp_path) as b:
        babble = asyncio.create_task(_babble(b, random.Random(5)))
        refused = 0
        for _ in range(3):
            try:
                assert untrue(await b.board.read_doors(), b.truth()) == {}
            except LinkError:
                refused += 1
        babble.cancel()
        assert refused, "so much noise must be felt"
        assert b.pulses() == {}
        assert b.unlocks == []


async def _babble(b: Bench, source: random.Random) -> None:
    while True:
        b.pty.send(source.randbytes(40))
        await asyncio.sleep(0.0005)
