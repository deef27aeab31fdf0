"""One lock board on a real pseudo-terminal with its real driver, and a tap on what the driver writes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.links.bus import SharedBus
from edge.links.simulator import Noise, NoiseMode, Pty
from edge.links.wire import OpenLink, open_link
from edge.lockers.coils import CoilPacer
from edge.lockers.simulator import SimulatedBank
from edge.ports import Door, LockBoard
from tests.conformance.kinds import Kind


class Tap:
    """An open link that also remembers what was written to it."""

    def __init__(self, link: OpenLink, written: list[bytes]) -> None:
        self._link, self._written = link, written

    async def write(self, data: bytes) -> None:
        await self._link.write(data)
        self._written.append(data)

    async def read(self, size: int, deadline: float) -> bytes:
        return await self._link.read(size, deadline)

    async def discard_input(self) -> bytes:
        return await self._link.discard_input()

    @property
    def is_open(self) -> bool:
        return self._link.is_open

    async def arrived(self) -> None:
        await self._link.arrived()

    async def closed(self) -> None:
        await self._link.closed()

    async def close(self) -> None:
        await self._link.close()


def _unchanged(frame: bytes) -> list[bytes]:
    return [frame]


def lost(frame: bytes) -> list[bytes]:
    """The board's frame never arrives."""
    return []


@dataclass
class Bench:
    """Everything of one bus; `board` and `bank` are those of address 1."""

    kind: Kind
    pty: Pty
    bus: SharedBus
    boards: dict[int, LockBoard]
    banks: dict[int, SimulatedBank]
    written: list[bytes]
    on_the_way: Callable[[bytes], list[bytes]] = _unchanged
    """What becomes of each frame that a board sends."""

    def hear_everything(self) -> None:
        """Let the boards' frames arrive as they were sent."""
        self.on_the_way = _unchanged

    @property
    def board(self) -> LockBoard:
        return self.boards[1]

    @property
    def bank(self) -> SimulatedBank:
        return self.banks[1]

    @property
    def unlocks(self) -> list[bytes]:
        """The unlock frames that the drivers wrote."""
        return [frame for frame in self.written if self.kind.is_unlock(frame)]

    def truth(self, address: int = 1) -> dict[int, Door]:
        return {channel: Door(door.leaf) for channel, door in self.banks[address].doors.items()}

    def pulses(self, address: int = 1) -> dict[int, int]:
        return {channel: door.pulses for channel, door in self.banks[address].doors.items() if door.pulses}

    def make_noise(self, *modes: NoiseMode, rate: float, seed: int) -> None:
        # Where no check sum protects an unlock, a flipped byte is another unlock: no driver is proof against that.
        never = ("delay", "flip") if self.kind.unchecked else ("delay",)
        inward = tuple(mode for mode in modes if mode not in never)
        self.pty.noise_in = Noise(rate, seed, inward, late=0.1)
        self.pty.noise_out = Noise(rate, seed + 1, modes, late=0.1)


@asynccontextmanager
async def bench(kind: Kind, folder: Path, *, addresses: tuple[int, ...] = (1,)) -> AsyncIterator[Bench]:
    """Plug the boards of one bus and open their drivers."""
    banks = {address: SimulatedBank(range(1, kind.channels + 1)) for address in addresses}
    simulators = {address: kind.simulator(address, bank) for address, bank in banks.items()}

    def heard(data: bytes) -> None:
        for simulator in simulators.values():
            for frame in simulator.receive(data, time.monotonic()):
                for sent in made.on_the_way(frame):
                    pty.send(sent)

    pty = Pty(folder / f"{kind.name}-board", heard)
    written: list[bytes] = []

    async def tapped(port: str, baud: int) -> OpenLink:
        return Tap(await open_link(port, baud), written)

    settings = kind.settings
    quiet, late = settings.quiet_ms / 1000, settings.late_ms / 1000
    bus = SharedBus(
        str(folder / f"{kind.name}-board"), settings.baud, quiet=quiet, late=late, settle=1.0, opener=tapped
    )
    pacer = CoilPacer(settings)
    made = Bench(kind, pty, bus, {a: kind.board(a, bus, pacer) for a in addresses}, banks, written)
    pty.plug()
    try:
        async with bus:
            yield made
    finally:
        pty.unplug()


async def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until the condition holds, at most so long."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the condition is about doors and bytes, which set no event
            await asyncio.sleep(0.005)


def untrue(read: Mapping[int, Door], *truths: Mapping[int, Door]) -> dict[int, Door]:
    """Return the doors that were read otherwise than any of the truths during the reading."""
    return {n: door for n, door in read.items() if door != Door.UNKNOWN and door not in {t[n] for t in truths}}
