"""Frames that nobody ever saw, to every family: true ones cut, glued, repeated and changed, and pure chance.

The judge knows no parser: a coil may have moved at most as often as its unlock frame, spelled by hand, stands in all
the bytes that the board heard.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import itertools
import random
from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import LinkError, UnlockRefusedError
from edge.links.bus import SharedBus
from edge.links.memory import MemoryLink
from edge.links.wire import OpenLink
from edge.lockers.coils import CoilPacer
from edge.lockers.frames import FrameError
from edge.lockers.simulator import BoardSimulator, SimulatedBank
from tests.conformance.bench import Tap, eventually
from tests.conformance.kinds import KINDS, Kind

SEEDS = range(2)
PIECES = 4000
MUTATIONS = ("none", "none", "change", "drop", "insert", "cut", "double", "swap")

parametrized = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def occurrences(frame: bytes, heard: bytes) -> int:
    """How often a frame stands in the bytes, overlapping ones too."""
    return sum(heard.startswith(frame, at) for at in range(len(heard)))


def moved(board: BoardSimulator) -> dict[int, int]:
    return {channel: door.pulses for channel, door in board.bank.doors.items() if door.pulses}


def unexplained(kind: Kind, board: BoardSimulator, heard: bytes) -> dict[int, int]:
    """Coils that moved more often than an unlock for them was on the wire."""
    return {
        channel: pulses
        for channel, pulses in moved(board).items()
        if pulses > occurrences(kind.unlock_frame(1, channel), heard)
    }


def true_frames(kind: Kind) -> list[bytes]:
    unlocks = [kind.unlock_frame(address, lock) for address in (1, 2) for lock in (1, 5, kind.channels)]
    return [*unlocks, kind.foreign, kind.unsolicited]


def mutant(frame: bytes, how: str, at: int, byte: int) -> bytes:
    """One frame, changed in one way; `at` is taken modulo its length."""
    at %= len(frame)
    changed = {
        "none": frame,
        "change": frame[:at] + bytes([byte]) + frame[at + 1 :],
        "drop": frame[:at] + frame[at + 1 :],
        "insert": frame[:at] + bytes([byte]) + frame[at:],
        "cut": frame[:at],
        "double": frame[:at] + frame,
        "swap": frame[at:] + frame[:at],
    }
    return changed[how]


@st.composite
def streams(draw: st.DrawFn, kind: Kind) -> list[tuple[float, bytes]]:
    """Portions with the seconds that pass before each; half a frame is forgotten after a tenth of a second."""
    frames = st.builds(
        mutant, st.sampled_from(true_frames(kind)), st.sampled_from(MUTATIONS), st.integers(0, 60), st.integers(0, 255)
    )
    pieces = draw(st.lists(st.one_of(frames, frames, st.binary(max_size=8)), max_size=12))
    heard = b"".join(pieces)
    cuts = sorted(draw(st.lists(st.integers(0, len(heard)), max_size=8)))
    portions = [heard[a:b] for a, b in zip([0, *cuts], [*cuts, len(heard)], strict=True)]
    return [(draw(st.sampled_from([0.0, 0.005, 0.2])), portion) for portion in portions]


@parametrized
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_no_mutant_moves_a_coil(kind: Kind, data: st.DataObject) -> None:
    board = kind.simulator(1, SimulatedBank(range(1, kind.channels + 1)))
    now, heard = 0.0, b""
    for wait, portion in data.draw(streams(kind)):
        now += wait
        heard += portion
        board.receive(portion, now)
    if not kind.every_lock(heard):
        assert unexplained(kind, board, heard) == {}


@parametrized
@pytest.mark.parametrize("seed", SEEDS)
def test_long_streams_of_mutants(kind: Kind, seed: int) -> None:
    """The same without end, from fixed seeds: what one piece leaves in the board's ear meets the next."""
    source = random.Random(seed)
    board = kind.simulator(1, SimulatedBank(range(1, kind.channels + 1)))
    frames, now, heard = true_frames(kind), 0.0, bytearray()
    for _ in range(PIECES):
        frame, how = source.choice(frames), source.choice(MUTATIONS)
        piece = mutant(frame, how, source.randrange(60), source.randrange(256)) + source.randbytes(
            source.choice((0, 0, 3))
        )
        now += source.choice((0.0, 0.01, 0.2))
        heard += piece
        board.receive(piece, now)
    assert not kind.every_lock(bytes(heard)), "take other seeds"
    assert len(moved(board)) >= 3, "true unlocks were among them"
    assert unexplained(kind, board, bytes(heard)) == {}


@cache
def makeable(name: str) -> list[tuple[int, int, bytes]]:
    """Every unlock frame that a family's codec makes for any address and lock a byte could hold, and somewhat more."""
    codec = importlib.import_module(f"edge.lockers.{name}.codec")
    # Relays are flashed; a tenth of a second here, because the frame carries the time.
    unlock, times = (codec.Flash, (1,)) if hasattr(codec, "Flash") else (codec.Unlock, ())
    made = []
    for address, lock in itertools.product(range(-1, 257), repeat=2):
        with contextlib.suppress(FrameError):
            made.append((address, lock, unlock(address, lock, *times).to_bytes()))
    return made


@parametrized
def test_every_unlock_that_can_be_made_moves_one_coil_of_one_board(kind: Kind) -> None:
    """To a bus of as many boards as there are, up to 32: no lock number, and no address, stands for more than one."""
    codec = importlib.import_module(f"edge.lockers.{kind.name}.codec")
    made = makeable(kind.name)
    assert len(made) == len(codec.ADDRESSES) * len(codec.LOCKS)
    assert {frame for _, _, frame in made} == {
        kind.unlock_frame(address, lock) for address in codec.ADDRESSES for lock in codec.LOCKS
    }
    bus = {address: kind.simulator(address, SimulatedBank(range(1, 256))) for address in codec.ADDRESSES[:32]}
    now = 0.0
    for address, lock, frame in [each for each in made if each[0] in bus]:
        now += 20.0
        for board in bus.values():
            board.receive(frame, now)
        at = bus[address].bank.doors[lock]
        assert at.pulses == 1, (address, lock)
        at.pulses = 0
    assert [moved(board) for board in bus.values() if moved(board)] == [], "and no other"


@parametrized
def test_the_unlocks_of_other_families_move_nothing(kind: Kind) -> None:
    """Such boards must not share a bus all the same: what one family's answers do to the other nobody wrote down."""
    board = kind.simulator(1, SimulatedBank(range(1, kind.channels + 1)))
    now = 0.0
    for other in KINDS:
        for _, _, frame in [] if other is kind else makeable(other.name):
            now += 1.0
            board.receive(frame, now)
    assert moved(board) == {}


class Strangers:
    """The far end of a wire, as often as the bus opens it: a true board among strangers, its answers mutants."""

    def __init__(self, kind: Kind, seed: int) -> None:
        self.kind, self.random = kind, random.Random(seed)
        self.board = kind.simulator(1, SimulatedBank(range(1, kind.channels + 1)))
        self.disturbing = False
        self.written: list[bytes] = []
        self._now = 0.0
        self._serving: set[asyncio.Task[None]] = set()

    async def open(self, _port: str, _baud: int) -> OpenLink:
        near, far = MemoryLink.pair()
        self._serving.add(asyncio.create_task(self._serve(far)))
        return Tap(near, self.written)

    def leave(self) -> None:
        for task in self._serving:
            task.cancel()

    async def _serve(self, far: MemoryLink) -> None:
        with contextlib.suppress(LinkError):
            while True:
                heard = await far.read(64, 60)
                self._now += 20.0
                for frame in self.board.receive(heard, self._now):
                    await far.write(self._among_strangers(frame) if self.disturbing else frame)

    def _among_strangers(self, frame: bytes) -> bytes:
        source = self.random
        both = [
            mutant(each, source.choice(MUTATIONS), source.randrange(60), source.randrange(256))
            for each in (frame, source.choice(true_frames(self.kind)))
        ]
        return b"".join(source.sample([*both, source.randbytes(2)], 3))


@parametrized
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_driver_among_mutants_unlocks_what_it_was_told_to(kind: Kind, seed: int) -> None:
    """What the driver sends arrives as it is; a bus in quarantine sends nothing."""
    far, asked = Strangers(kind, seed), Counter[int]()
    async with SharedBus("memory", 9600, quiet=0.001, late=0.001, opener=far.open) as bus:
        hasty = kind.settings.model_copy(update={"answer_ms": 6, "silence_ms": 2, "coil_gap_ms": 0})
        driver = kind.board(1, bus, CoilPacer(hasty), hasty)
        await driver.read_doors()
        far.disturbing = True
        for _ in range(8):
            channel = far.random.randrange(1, kind.channels + 1)
            with contextlib.suppress(LinkError, UnlockRefusedError):
                if far.random.random() < 0.4:
                    await driver.unlock(channel)
                    asked[channel] += 1
                else:
                    await driver.read_doors()
        # A board that answers no unlock may still have the last one before it.
        await eventually(lambda: sum(moved(far.board).values()) >= asked.total())
    far.leave()
    assert Counter(moved(far.board)) == asked
    assert sorted(filter(kind.is_unlock, far.written)) == sorted(kind.unlock_frame(1, c) for c in asked.elements())
