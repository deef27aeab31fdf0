"""A station under taps: a real edge process, boards played by processes of their own, and a person at the screen."""

from __future__ import annotations

import asyncio
import random
import time
from asyncio.subprocess import PIPE, Process
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from hall.addresses import HOST, fresh_ports
from hall.directory import RunDirectory
from hall.processes import ROOT, environment, python
from hall.toml import write_toml
from tests.bench.edge_process import EdgeProcess
from tests.bench.screen import Screen

BUSES, CHANNELS = 2, 50
OPENINGS = 3
MOST_TAPS = BUSES * CHANNELS * OPENINGS
"""Deposits stay in their compartments, and one person may open a door three times."""
# What the driver does with the line after an answer: 25 ms of silence end the frame, then it pauses for 250 ms.
SETTLED_S, PERIOD_S, MARGIN_S = 0.030, 0.275, 0.040
UNLOCK_WITHIN_S = 20.0

Moment = Literal["idle", "random", "read began"]
MOMENTS: tuple[Moment, ...] = ("idle", "random", "read began")


@dataclass
class Bus:
    """What the far end of the wire has seen; times are CLOCK_MONOTONIC in nanoseconds."""

    process: Process
    answered: int = 0
    queries: list[int] = field(default_factory=list)
    unlocks: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    queried: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self) -> None:
        """Take down what it says, until cancelled."""
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            at, what = line.split()
            if what == b"answer":
                self.answered = int(at)
            elif what == b"unlock":
                self.unlocks.put_nowait(int(at))
            else:
                self.queries.append(int(at))
                self.queried.set()

    async def until(self, moment: Moment) -> None:
        """Wait for the right moment to tap."""
        if moment == "random":
            await asyncio.sleep(random.uniform(0, PERIOD_S))
        elif moment == "read began":
            self.queried.clear()
            await self.queried.wait()
        else:
            while (wait := self._until_idle_s()) > 0:  # noqa: ASYNC110  nothing happens on the bus: nothing to wait for
                await asyncio.sleep(wait)

    def was_idle(self, tapped: int, unlocked: int) -> bool:
        """Whether no read began from shortly before the tap to its unlock."""
        return not any(tapped - SETTLED_S * 1e9 < at < unlocked for at in self.queries[-8:])

    def _until_idle_s(self) -> float:
        """Seconds until the bus may be idle for a while; 0 when it is now."""
        since = (time.monotonic_ns() - self.answered) / 1e9
        if since > PERIOD_S - MARGIN_S:
            return 0.005  # a read is due: look again when it was answered
        return max(0.0, SETTLED_S - since)


@dataclass
class TappedStation:
    """One station, and what was measured there: milliseconds from tap to wire, by moment.

    `disturbed` counts the taps meant for an idle bus where a read began all the same.
    """

    screen: Screen
    buses: list[Bus]
    times: dict[Moment, list[float]] = field(default_factory=lambda: {moment: [] for moment in MOMENTS})
    disturbed: int = 0
    _taps: int = 0

    async def tap(self, moment: Moment) -> None:
        """Tap once and take the person through the door; every third opening ends the visit."""
        first = self._taps % OPENINGS == 0
        # The lowest number that is free is chosen, and none becomes free again.
        bus = self.buses[self._taps // OPENINGS // CHANNELS]
        if first:
            await self._go_to_last_button()
        await bus.until(moment)
        tapped = await self.screen.press("/deposit/start", skip="1") if first else await self.screen.press("/reopen")
        unlocked = await asyncio.wait_for(bus.unlocks.get(), UNLOCK_WITHIN_S)
        self._note(moment, (unlocked - tapped) / 1e6, idle=bus.was_idle(tapped, unlocked))
        await self.screen.until("closed")
        self._taps += 1
        if self._taps % OPENINGS == 0:
            await self.screen.press("/confirm", answer="confirmed")
            await self.screen.until("result")
            await self.screen.press("/finish")

    async def _go_to_last_button(self) -> None:
        await self.screen.until("home")
        await self.screen.press("/go", to="deposit")
        await self.screen.press("/deposit/size", size="s")
        await self.screen.until("phone")

    def _note(self, moment: Moment, milliseconds: float, *, idle: bool) -> None:
        if moment == "idle" and not idle:
            self.disturbed += 1
        else:
            self.times[moment].append(milliseconds)


async def open_station(stack: AsyncExitStack, name: str, directory: Path, broker_port: int) -> TappedStation:
    """Start the boards, the edge and the screen of one station; `directory` may hold its store already."""
    run = RunDirectory(directory)
    ports = replace(fresh_ports(), network_mqtt=broker_port)
    run.prepare(ports)
    ptys = [directory / "ptys" / str(number) for number in range(BUSES)]
    write_station(run, name, ptys)
    buses = [await _open_bus(stack, pty) for pty in ptys]
    edge = EdgeProcess(run.station_file, directory / "edge.log")
    stack.callback(edge.stop)
    edge.start()
    screen = await stack.enter_async_context(Screen(f"http://{HOST}:{ports.kiosk}"))
    return TappedStation(screen, buses)


def write_station(run: RunDirectory, name: str, ptys: list[Path]) -> None:
    """The demonstration's station file with one board on each of our buses; coils need no rest: there are none."""
    table = run.table()
    table["station"]["id"] = name
    coils = {"pulse_ms": 50, "coil_gap_ms": 0, "unlock_interval_ms": 0, "unlocks_a_minute": 60}
    board = {"family": "lock8a", "address": 1, "channels": CHANNELS, "settings": coils}
    table["boards"] = [{**board, "name": f"b{n}", "port": str(pty)} for n, pty in enumerate(ptys)]
    table["compartments"] = [
        {"number": n * CHANNELS + channel, "board": f"b{n}", "channel": channel, "size": "s", "reach": "middle"}
        for n in range(len(ptys))
        for channel in range(1, CHANNELS + 1)
    ]
    del table["receipt_printer"]
    run.station_file.write_text(write_toml(table), encoding="utf-8")


async def _open_bus(stack: AsyncExitStack, pty: Path) -> Bus:
    command = python("tests.bench.board_peer", str(pty), str(CHANNELS))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment(), stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    stack.push_async_callback(process.wait)
    stack.callback(process.stdin.close)
    await process.stdout.readline()
    bus = Bus(process)
    following = asyncio.create_task(bus.follow())
    stack.callback(following.cancel)
    return bus
