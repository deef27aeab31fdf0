"""What many runs share: broker, hub, the simulated devices and the network between, each a process of its own.

A run takes a fresh station id and a fresh store, so that runs never meet; the hub's database just grows. Only what the
hub is told by others is put there directly: staff, cases and signed documents. Its ingest is the real one.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import secrets
import signal
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from hall.addresses import HOST, fresh_ports
from hall.broker import BrokerName, make_broker
from hall.directory import RunDirectory
from hall.network import Link, Network
from hall.processes import Child, HouseError, python
from hall.world import World
from tests.sweep.hub_books import Books, SqliteBooks

AGAIN_S = 0.2
_NUMBERS = itertools.count(1)


class Stand:
    """One bench: `async with Stand(folder) as stand`. Two stands never share anything but the machine.

    `books` is the hub's database (a SQLite file in `folder` by default), `hub_wrapper` stands before the hub's command.
    """

    def __init__(
        self,
        folder: Path,
        *,
        books: Books | None = None,
        broker: BrokerName = "mosquitto",
        hub_wrapper: Sequence[str] = (),
        hubs: int = 1,
    ) -> None:
        self.folder = folder
        self.directory = RunDirectory(folder)
        self.ports = fresh_ports()
        self.books = books or SqliteBooks(folder / "hub.db")
        self.world = World(self.directory.control)
        logs = self.directory.log
        self.broker = make_broker(broker, self.directory.broker, self.ports.broker, logs("broker"))
        file = str(self.directory.station_file)
        self.simulate = Child(
            "simulate", python("edge", "simulate", "--station", file), logs("simulate"), self.world.answers
        )
        self.hubs = [self._hub(number, hub_wrapper) for number in range(hubs)]
        self.network = Network(
            [
                Link("mqtt", self.ports.network_mqtt, self.ports.broker),
                Link("documents", self.ports.network_documents, self.ports.hub),
            ]
        )

        self.kills = 0
        self._hands_off: set[str] = set()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def hub(self) -> Child:
        """The first hub process, which also serves documents."""
        return self.hubs[0]

    async def __aenter__(self) -> Self:
        self.directory.prepare(self.ports)
        await self.network.__aenter__()
        await self.broker.start()
        # One after the other: the first one brings the database to its shape.
        await self.hub.start()
        await asyncio.gather(self.simulate.start(), *(hub.start() for hub in self.hubs[1:]))
        self._keeper = asyncio.create_task(self._keep_up())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        for child in (*self.hubs, self.simulate, self.broker):
            await end(child)
        await self.network.__aexit__(kind, error, trace)

    def station_name(self, sweep: str) -> str:
        """Return a station id that no run ever had."""
        return f"{sweep[:12]}-{next(_NUMBERS)}-{secrets.token_hex(4)}"

    async def heal(self) -> None:
        """Let the network pass everything, and start what is dead."""
        await self.network.heal()
        for child in (self.broker, *self.hubs):
            await child.start()

    async def kill(self, child: Child) -> None:
        """Kill a process as a power cut would; it is started again at once, unless `wanted` is taken from it."""
        if child.process is not None and child.alive:
            self.kills += 1
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            await child.process.wait()

    async def restart(self, child: Child, wrapper: Sequence[str]) -> None:
        """Start a process again behind a wrapper."""
        self._hands_off.add(child.name)
        await end(child)
        child.wrapper = wrapper
        await child.start(wait=False)
        self._hands_off.discard(child.name)
        await child.wait_ready()

    async def _keep_up(self) -> None:
        """Start again what died unasked, without the wrapper that may have killed it; for ever."""
        while True:
            await asyncio.sleep(0.02)
            for child in (self.broker, *self.hubs):
                if child.wanted and not child.alive and child.name not in self._hands_off:
                    child.wrapper = ()
                    with contextlib.suppress(HouseError):
                        await child.start(wait=False)
                    await asyncio.sleep(AGAIN_S)

    async def clean_cabinet(self) -> None:
        """Shut every door and empty every compartment for the next run."""
        state = await self.world.state()
        for number, door in state.doors.items():
            if door.is_open:
                await self.world.push(number)
            if door.item:
                await self.world.take_out(number)

    def _hub(self, number: int, wrapper: Sequence[str]) -> Child:
        port = self.ports.hub if number == 0 else fresh_ports().hub
        command = python(
            "hub", "run", "--port", str(port), "--database", self.books.url, "--broker", self.ports.broker_url,
            "--files", str(self.directory.hub_files),
        )  # fmt: skip
        name = f"hub-{number + 1}"
        child = Child(name, command, self.directory.log(name), lambda: _healthy(f"http://{HOST}:{port}/health"))
        child.wrapper = wrapper
        return child


async def end(child: Child) -> None:
    """Stop a process and everything it wraps; killed when it does not end by itself."""
    child.wanted = False
    if child.process is None or not child.alive:
        return
    # A wrapper such as strace leads the group and passes nothing on.
    os.killpg(child.process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(child.process.wait(), 8.0)
    except TimeoutError:
        await child.kill()


async def answers(url: str) -> bool:
    """Whether something answers there with 200."""
    return await _healthy(url)


async def _healthy(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
            return (await client.get(url)).status_code == 200
    except httpx.HTTPError:
        return False
