"""A cabinet with numbers painted on its doors, its boards on one wire, and hands that open doors and make mistakes."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from edge.commission.person import LeftError
from edge.links.memory import MemoryLink
from edge.links.simulator import Pty
from edge.links.wire import OpenLink
from edge.lockers.simulator import BoardSimulator, SimulatedBank

Result = TypeVar("Result")


class _Idle(selectors.DefaultSelector):
    """Instead of waiting, the clock is put forward: nothing in these tests comes from outside."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.passed += timeout
        return ready


class _HurriedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._idle = _Idle()
        super().__init__(self._idle)

    def time(self) -> float:
        return self._idle.passed


def hurried(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a loop where silence and pulses take no time."""
    with asyncio.Runner(loop_factory=_HurriedLoop) as runner:
        return runner.run(work)


# What the wire of these tests needs: nothing on it takes time.
FAST: dict[str, int] = {
    "quiet_ms": 1, "answer_ms": 8, "silence_ms": 1, "late_ms": 1, "pulse_ms": 50, "coil_gap_ms": 0,
    "unlock_interval_ms": 0, "unlocks_a_minute": 60,
}  # fmt: skip
# The same on a pseudo-terminal.
FAST_PTY = FAST | {"quiet_ms": 2, "answer_ms": 80, "silence_ms": 12, "late_ms": 20}


def bank(channels: Sequence[int]) -> SimulatedBank:
    """Doors at these channels only; every other channel of the board is bare."""
    made = SimulatedBank(range(1, max(channels) + 1))
    made.doors = {channel: door for channel, door in made.doors.items() if channel in channels}
    return made


@dataclass
class Cabinet:
    """`doors`: painted number -> board (by its place in `boards`) and channel."""

    boards: Sequence[BoardSimulator]
    doors: Mapping[int, tuple[int, int]]

    def open_by_key(self, number: int) -> None:
        board, channel = self.doors[number]
        self.boards[board].bank.force(channel)

    def shut(self) -> None:
        for board in self.boards:
            for channel in board.bank.doors:
                board.bank.push(channel)

    def is_open(self, number: int) -> bool:
        board, channel = self.doors[number]
        return self.boards[board].bank.doors[channel].leaf == "open"

    @property
    def open_doors(self) -> list[int]:
        return [number for number in self.doors if self.is_open(number)]

    @property
    def pulses(self) -> int:
        return sum(door.pulses for board in self.boards for door in board.bank.doors.values())

    def hear(self, data: bytes) -> list[bytes]:
        return [frame for board in self.boards for frame in board.receive(data, asyncio.get_running_loop().time())]

    async def opener(self, _port: str, _baud: int) -> OpenLink:
        """A wire in memory; the boards answer in a task that ends with it."""
        mine, theirs = MemoryLink.pair()
        task = asyncio.create_task(self._serve(theirs))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return mine

    async def _serve(self, link: MemoryLink) -> None:
        while data := await link.read(256, 60.0):
            for frame in self.hear(data):
                await link.write(frame)


@contextmanager
def on_pty(cabinet: Cabinet, path: Path) -> Iterator[None]:
    """The cabinet's boards on a real pseudo-terminal."""

    def heard(data: bytes) -> None:
        for frame in cabinet.hear(data):
            pty.send(frame)

    pty = Pty(path, heard)
    pty.plug()
    try:
        yield
    finally:
        pty.unplug()


@dataclass
class Hands:
    """A `Person` who does what is asked; `slips` of them go wrong, never twice about one door."""

    cabinet: Cabinet
    by_lock: bool = False
    may_unlock: bool = True
    slip_rate: float = 0.0
    seed: int = 0
    patience: int = 400
    """So many questions; then the person leaves."""
    forced: dict[str, str] = field(default_factory=dict)
    """Answers given to some questions in any case."""
    told: list[str] = field(default_factory=list)
    slipped: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._known: set[int] = set()
        self._showing: int | None = None
        self._asked = 0

    async def tell(self, text: str, **facts: object) -> None:
        self.told.append(text)
        if text == "door_met":
            self._known.add(int(str(facts["number"])))
            return
        named = f"{facts.get('number', '')},{facts.get('other', '')},{facts.get('doors', '')}"
        if text in {
            "same_contact", "number_twice", "answers_contradict", "coil_and_sensor_differ", "doors_contradict",
            "proof_failed", "coil_not_proved",
        }:  # fmt: skip
            self._known -= {int(word) for word in named.replace(" ", "").split(",") if word.isdecimal()}

    async def choose(self, text: str, options: Sequence[str], **facts: object) -> str:
        self._asked += 1
        if self._asked > self.patience:
            raise LeftError("out of patience")
        if text in self.forced:
            return self.forced[text]
        answer = self._act(text, facts)
        assert answer in options, (text, answer)
        return answer

    async def ask(self, text: str, *, default: str = "", **facts: object) -> str:
        if text != "which_number":
            return default
        shown = self.cabinet.open_doors
        number = shown[0] if shown else self._showing or 1
        wrong = self._random.choice([*self.cabinet.doors, 99])
        return str(wrong if self._slips(number, wrong) else number)

    def _act(self, text: str, facts: Mapping[str, object]) -> str:
        match text:
            case "shut_all" | "prove_all_shut":
                self.cabinet.shut()
                return "all_shut"
            case "next_door":
                left = set(self.cabinet.doors) - self._known
                if int(str(facts.get("count", 0))) >= len(self.cabinet.doors):
                    # People count; a number that was said wrongly counts too.
                    return "all_met"
                return ("by_lock" if self.by_lock else "by_hand") if left else "all_met"
            case "open_one_by_hand":
                left = set(self.cabinet.doors) - self._known
                self._open(self._random.choice(sorted(left or self.cabinet.doors)))
                return "it_is_open"
            case "prove_by_hand":
                number = int(str(facts["number"]))
                if number not in self.cabinet.doors:
                    return "leave_out"
                self._open(number)
                return "it_is_open"
            case "shut_it":
                self.cabinet.shut()
                return "it_is_shut"
            case "may_i_unlock":
                return "yes_unlock" if self.may_unlock else "never_unlock"
            case "unlock_channel" | "prove_by_lock":
                return "unlock"
            case "places_right":
                return "right"
            case "write_it":
                return "write"
        raise AssertionError(text)

    def _open(self, number: int) -> None:
        """Open the door, or by a slip another one, two of them, or none."""
        self._showing = number
        other = self._random.choice(list(self.cabinet.doors))
        if not self._slips(number, other):
            self.cabinet.open_by_key(number)
            return
        for each in self._random.choice([[other], [number, other], []]):
            self.cabinet.open_by_key(each)

    def _slips(self, *numbers: int) -> bool:
        if self.slipped & set(numbers) or self._random.random() >= self.slip_rate:
            return False
        self.slipped |= set(numbers)
        return True
