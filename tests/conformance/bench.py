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
from edge.lockers.kerong_cu48 import driver as cu48
from edge.lockers.kerong_cu48.simulator import KerongCu48Simulator
from edge.lockers.line import CoilPacer, LineSettings
from edge.lockers.lock8a import driver as lock8a
from edge.lockers.lock8a.simulator import Lock8aSimulator
from edge.lockers.simulator import BoardSimulator, SimulatedBank
from edge.ports import Bus, Door, LockBoard

FAST: dict[str, int] = {
    "quiet_ms": 2,
    "answer_ms": 70,
    "silence_ms": 12,
    "late_ms": 150,
    "pulse_ms": 50,
    "coil_gap_ms": 1,
}


@dataclass(frozen=True)
class Kind:
    """A board family: how to make both ends, and its frames spelled here by hand from the vendor's table."""

    name: str
    channels: int
    simulator: Callable[[int, SimulatedBank], BoardSimulator]
    driver: Callable[..., LockBoard]
    settings: LineSettings
    unlock_frame: Callable[[int, int], bytes]
    is_unlock: Callable[[bytes], bool]
    has_status: Callable[[bytes], bool]
    """Whether bytes may hold a status of board 1: its first and last marks are there."""
    every_lock: Callable[[bytes], bool]
    """Whether bytes hold a frame that the real board takes for "all locks"; no driver can make one."""
    foreign: bytes
    """A whole, valid status of board 2."""
    unsolicited: bytes
    """What may stand on the line unasked."""

    def board(self, address: int, bus: Bus, pacer: CoilPacer, settings: LineSettings | None = None) -> LockBoard:
        channels = range(1, self.channels + 1)
        return self.driver(
            f"b{address}", address=address, channels=channels, settings=settings or self.settings, bus=bus, pacer=pacer
        )


def _xor(*body: int) -> bytes:
    check = 0
    for byte in body:
        check ^= byte
    return bytes((*body, check))


def _sum(*body: int) -> bytes:
    return bytes((*body, sum(body) & 0xFF))


LOCK8A = Kind(
    name="lock8a",
    channels=24,
    simulator=lambda address, bank: Lock8aSimulator(address, bank, unsolicited=True),
    driver=lock8a.board,
    settings=lock8a.Settings.model_validate(FAST),
    unlock_frame=lambda address, lock: _xor(0x8A, address, lock, 0x11),
    is_unlock=lambda frame: frame[:1] == b"\x8a",
    has_status=lambda heard: b"\x80\x01" in heard and b"\x33" in heard,
    every_lock=lambda heard: bytes.fromhex("8A 01 00 11 9A") in heard,
    foreign=bytes.fromhex("80 02 FF FF FF 33 4E"),
    unsolicited=bytes.fromhex("82 01 01 11 93"),
)
CU48 = Kind(
    name="kerong_cu48",
    channels=48,
    simulator=lambda address, bank: KerongCu48Simulator(address, bank, lock_byte=0x2A),
    driver=cu48.board,
    settings=cu48.Settings.model_validate(FAST),
    unlock_frame=lambda address, lock: _sum(0x02, address, lock - 1, 0x51, 0x03),
    is_unlock=lambda frame: frame[3:4] == b"\x51",
    has_status=lambda heard: b"\x02\x01" in heard and b"\x65" in heard,
    every_lock=lambda heard: (
        any(bytes.fromhex(f) in heard for f in ("02 01 30 51 03 87", "02 0A 30 51 03 90"))
        or any(_sum(0x02, 0x0A, lock, 0x51, 0x03) in heard for lock in range(48))
    ),
    foreign=bytes.fromhex("02 02 00 65 00 00 00 00 00 00 03 6C"),
    # This board never speaks unasked; another master on the bus would.
    unsolicited=bytes.fromhex("02 01 00 50 03 56"),
)
KINDS = [LOCK8A, CU48]


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
        inward = tuple(mode for mode in modes if mode != "delay")
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
    bus = SharedBus(str(folder / f"{kind.name}-board"), settings.baud, quiet=quiet, late=late, opener=tapped)
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
