"""The steel of the proofs: simulated boards on lines in memory, a printer, what lies inside, and a record of it all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.config import BoardConfig
from edge.lockers.registry import check_boards
from edge.lockers.simulator import BoardSimulator, SimulatedBank, SimulatedDoor
from edge.printers.receipt.simulator import ReceiptSimulator
from edge.services.door_control import Channel
from edge.services.station import FittedCompartment
from edge.simulate_boards import simulated_board
from edge.store.compartments import Fitted
from tests.proofs.wire import MemoryWire

STATION_FILE = Path("station.toml")
PRINTER = "receipt"


@dataclass(frozen=True)
class Happening:
    """One thing that steel did: a `pulse` of a coil, or a `door` that opened or was shut, and why."""

    at: float
    what: str
    number: int
    door: str = ""
    cause: str = ""


@dataclass(frozen=True)
class Layout:
    """Boards by family, one port each, with doors numbered through; the sizes go round."""

    families: Sequence[str]
    doors_each: int = 3
    sizes: str = "ssm"

    def boards(self) -> list[BoardConfig]:
        return [
            BoardConfig(name=f"b{place}", family=family, port=f"port-{place}", address=1, channels=8, settings={})
            for place, family in enumerate(self.families)
        ]

    def compartments(self) -> list[FittedCompartment]:
        places = [(place, channel) for place in range(len(self.families)) for channel in range(1, self.doors_each + 1)]
        return [
            FittedCompartment(
                Fitted(number, self.sizes[(number - 1) % len(self.sizes)], "middle"), Channel(f"b{place}", channel)
            )
            for number, (place, channel) in enumerate(places, start=1)
        ]


class Cabinet:
    """What a crash of the edge leaves as it is."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.boards = layout, layout.boards()
        self.fitted = layout.compartments()
        self.numbers = [each.fitted.number for each in self.fitted]
        self.record: list[Happening] = []
        self.on_pulse: Callable[[int], None] = lambda _: None
        self.contents: dict[int, list[str]] = {number: [] for number in self.numbers}
        self._where = {each.fitted.number: each.channel for each in self.fitted}
        self._number = {(each.channel.board, each.channel.channel): each.fitted.number for each in self.fitted}
        self._banks: dict[str, SimulatedBank] = {}
        self._simulators: dict[str, BoardSimulator] = {}
        self.wires: dict[str, MemoryWire] = {}
        for board, typed in zip(self.boards, check_boards(STATION_FILE, self.boards), strict=True):
            self._add(board, typed.model_dump())
        self.printer = ReceiptSimulator()
        self.wires[PRINTER] = MemoryWire(self._printer_heard)

    def door(self, number: int) -> SimulatedDoor:
        """Return the door with a number on it."""
        where = self._where[number]
        return self._banks[where.board].doors[where.channel]

    def board_of(self, number: int) -> str:
        """Return the name of the board behind a door; its wire has the same name."""
        return self._where[number].board

    def pulse(self, number: int) -> None:
        """Let a coil move that nobody asked for."""
        self._banks[self._where[number].board].pulse(self._where[number].channel)

    def push(self, number: int) -> None:
        """Shut a door."""
        self._banks[self._where[number].board].push(self._where[number].channel)

    def pull(self, number: int) -> bool:
        """Pull at a door; whether it is open now."""
        return self._banks[self._where[number].board].pull(self._where[number].channel)

    def force(self, number: int) -> None:
        """Break a door open."""
        self._banks[self._where[number].board].force(self._where[number].channel)

    async def heal(self) -> None:
        """Mend everything that is broken; doors stay as they are."""
        for number in self.numbers:
            self.door(number).jammed, self.door(number).stuck_sensor = False, None
        for wire in self.wires.values():
            wire.hush()
            wire.plug()
        self.printer.paper, self.printer.cover_open = "ok", False

    def _add(self, board: BoardConfig, settings: dict[str, object]) -> None:
        def note(what: str, channel: int, **facts: str) -> None:
            number = self._number.get((board.name, channel), 0)
            self.record.append(Happening(asyncio.get_running_loop().time(), what, number, **facts))
            if what == "pulse":
                self.on_pulse(number)

        bank = SimulatedBank(range(1, board.channels + 1), note=note)
        self._banks[board.name] = bank
        simulator = self._simulators[board.name] = simulated_board(board, settings, bank)

        def heard(data: bytes) -> None:
            for frame in simulator.receive(data, asyncio.get_running_loop().time()):
                wire.send(frame)

        def changed(door: SimulatedDoor) -> None:
            for frame in simulator.door_changed(door):
                wire.send(frame)

        wire = self.wires[board.name] = MemoryWire(heard)
        bank.on_change = changed

    def _printer_heard(self, data: bytes) -> None:
        if answer := self.printer.receive(data):
            self.wires[PRINTER].send(answer)
