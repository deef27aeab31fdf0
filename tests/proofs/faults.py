"""What happens to a pickup: one fault from the plan (or two, or none), at a moment drawn from a seed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import get_args

from edge.links.simulator import Noise, NoiseMode
from tests.proofs.bench import Bench
from tests.proofs.cabinet import PRINTER

# From the tap on "open": before the frame is on the wire, while the door is waited for, while it stands open, after.
MOMENTS = (0.0, 0.001, 0.02, 0.1, 0.3, 0.7, 1.5, 3.2, 6.0)
Strike = Callable[[Bench, int, random.Random], Awaitable[None]]


@dataclass(frozen=True)
class Plan:
    """The faults of one pickup, each with its moment, and how its person behaves."""

    faults: tuple[tuple[str, float], ...]
    manner: str

    @property
    def name(self) -> str:
        return "+".join(sorted(name for name, _ in self.faults)) or "no fault"


async def jam(bench: Bench, number: int, _rng: random.Random) -> None:
    bench.cabinet.door(number).jammed = True


async def jam_for_a_while(bench: Bench, number: int, rng: random.Random) -> None:
    """Freed by the second pulse, or by a push of the hand."""
    bench.cabinet.door(number).jammed = True
    await asyncio.sleep(rng.choice((1.0, 2.0, 4.0)))
    bench.cabinet.door(number).jammed = False


async def sensor_stuck_closed(bench: Bench, number: int, _rng: random.Random) -> None:
    bench.stick(number, "closed")


async def sensor_stuck_open(bench: Bench, number: int, _rng: random.Random) -> None:
    bench.stick(number, "open")


async def unplug(bench: Bench, number: int, rng: random.Random) -> None:
    board = bench.cabinet.board_of(number)
    await bench.unplug(board)
    await asyncio.sleep(rng.choice((0.2, 1.0, 4.0, 30.0)))
    bench.cabinet.wires[board].plug()


async def power_cut(bench: Bench, _number: int, rng: random.Random) -> None:
    await bench.power_cut(rng.choice((0.1, 2.0, 20.0, 300.0)))


async def edge_crash(bench: Bench, _number: int, rng: random.Random) -> None:
    await bench.beats(rng.randrange(60))
    await bench.crash()
    await asyncio.sleep(rng.choice((0.1, 2.0, 20.0)))
    await bench.start()


async def noise(bench: Bench, number: int, rng: random.Random) -> None:
    wire, modes = bench.cabinet.wires[bench.cabinet.board_of(number)], get_args(NoiseMode)
    chosen: tuple[NoiseMode, ...] = tuple(rng.sample(modes, rng.randint(1, 3)))
    rate, seed = rng.choice((0.1, 0.3, 0.6)), rng.randrange(1000)
    wire.noise_in = Noise(rate, seed, tuple(mode for mode in chosen if mode != "delay"))
    wire.noise_out = Noise(rate, seed + 1, chosen)


async def forced_beside(bench: Bench, number: int, rng: random.Random) -> None:
    """Another door is torn open."""
    bench.cabinet.force(rng.choice([each for each in bench.cabinet.numbers if each != number]))


async def forced(bench: Bench, number: int, _rng: random.Random) -> None:
    """The very door is torn open."""
    bench.cabinet.force(number)


async def disk_busy(bench: Bench, _number: int, rng: random.Random) -> None:
    bench.busy(rng.choice((0.2, 1.0, 4.0)))


async def no_paper(bench: Bench, _number: int, _rng: random.Random) -> None:
    bench.cabinet.printer.paper = "out"


async def printer_unplugged(bench: Bench, _number: int, _rng: random.Random) -> None:
    await bench.unplug(PRINTER)


async def clock_jump(bench: Bench, _number: int, rng: random.Random) -> None:
    bench.clock.jump(rng.choice((-3600.0, -60.0, 60.0, 3600.0)))


FAULTS: Mapping[str, Strike] = {
    each.__name__: each
    for each in (
        jam, jam_for_a_while, sensor_stuck_closed, sensor_stuck_open, unplug, power_cut, edge_crash, noise,
        forced_beside, forced, disk_busy, no_paper, printer_unplugged, clock_jump,
    )
}  # fmt: skip
# What people do: the usual thing four times out of five.
MANNERS = ("usual",) * 12 + ("walks away", "leaves the door open", "changes the mind")


def draw(rng: random.Random) -> Plan:
    """Draw what happens to one pickup: nothing in one of six, two faults in one of six."""
    count = rng.choice((0, 1, 1, 1, 1, 2))
    names = rng.sample(sorted(FAULTS), count)
    return Plan(tuple((name, rng.choice(MOMENTS)) for name in names), rng.choice(MANNERS))


async def strike(bench: Bench, number: int, plan: Plan, rng: random.Random) -> None:
    """Let the faults come, each at its moment; two crashes at once would be one."""
    began = bench.loop.time()
    for name, moment in sorted(plan.faults, key=lambda each: each[1]):
        await asyncio.sleep(max(0.0, began + moment - bench.loop.time()))
        await FAULTS[name](bench, number, rng)
