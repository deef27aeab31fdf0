"""One whole house: run directory, network, world and processes; the demonstration, the story and the sweeps use it.

async with House(path, ports=fresh_ports(), parts=("simulate", "edge")) as house:
    await house.start()
    await house.processes["edge"].kill()
"""

from __future__ import annotations

import asyncio
import fcntl
from asyncio.subprocess import PIPE, STDOUT
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from hall.addresses import Ports, fresh_ports
from hall.broker import BrokerName, choose, make_broker
from hall.directory import MARK, RunDirectory
from hall.network import Link, Network
from hall.processes import Child, HouseError, Probe, Processes, Tell, environment, python
from hall.world import World

ALL_PARTS = ("broker", "simulate", "hub", "dispatch", "notify", "edge")
LINES_KEPT = 200
STAFF_NAME, STAFF_UNTIL = "李值守", "2035-12-31"
PROBE_TIMEOUT_S = 2.0


class House:
    """Everything of one run.

    `parts` names the processes that this house has; `wrappers` (by part) stand before their commands.
    """

    def __init__(
        self,
        path: Path,
        *,
        ports: Ports | None = None,
        broker: BrokerName | None = None,
        parts: Sequence[str] = ALL_PARTS,
        fresh: bool = False,
        wrappers: Mapping[str, Sequence[str]] | None = None,
        tell: Tell = lambda _: None,
    ) -> None:
        self.directory = RunDirectory(path)
        self.ports = ports or fresh_ports()
        self.broker_name = choose(broker)
        self.parts, self._fresh, self._wrappers = tuple(parts), fresh, wrappers or {}
        self._print = tell
        self.said: deque[str] = deque(maxlen=LINES_KEPT)
        self.world = World(self.directory.control)
        self.processes = Processes(self.tell)
        self.network = Network(
            [
                Link("mqtt", self.ports.network_mqtt, self.ports.broker),
                Link("documents", self.ports.network_documents, self.ports.hub),
            ],
            self.note,
        )
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Prepare the directory and open the network; nothing is started yet.

        Raises:
            HouseError: another house stands in this directory.
            FileExistsError: `fresh`, but the directory was not made by a run.
        """
        async with AsyncExitStack() as stack:
            stack.enter_context(self._directory_taken())
            self.directory.prepare(self.ports)
            for name in self.parts:
                self.processes.add(self._child(name))
            await stack.enter_async_context(self.network)
            stack.push_async_callback(self.processes.stop)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all that runs, in order."""
        await self._stack.aclose()

    async def start(self) -> None:
        """Start every part; HouseError when one is not ready in time.

        Broker and devices come first: who connects to nothing at its start would report a failure that is none.
        """
        prepared = [self._prepare_hub()] if "hub" in self.parts else []
        await asyncio.gather(*prepared, self._start_together("broker", "simulate"))
        await self._start_together(*(name for name in self.parts if name not in ("broker", "simulate")))

    def note(self, line: str) -> None:
        """Say something on the world page."""
        self.said.append(f"{self.directory.now():%H:%M:%S} {line}")

    def tell(self, line: str) -> None:
        """Say something on the world page and in the terminal."""
        self.note(line)
        self._print(line)

    async def _start_together(self, *names: str) -> None:
        children = [self.processes[name] for name in names if name in self.processes]
        await asyncio.gather(*(child.start() for child in children))
        for child in children:
            self.tell(f"{child.name} is ready (pid {child.pid})")

    @contextmanager
    def _directory_taken(self) -> Iterator[None]:
        path = self.directory.path
        if self._fresh and self.directory.is_strange:
            raise FileExistsError(f"{path} was not made by a run of the demonstration; nothing was removed")
        path.mkdir(parents=True, exist_ok=True)
        with (path / MARK).open("a") as mark:
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise HouseError(f"another demonstration runs in {path}; stop it, or name another --dir") from error
            if self._fresh:
                self.directory.wipe()
            yield

    def _child(self, name: str) -> Child:
        log = self.directory.log(name)
        if name == "broker":
            child = make_broker(self.broker_name, self.directory.broker, self.ports.broker, log)
        else:
            child = Child(name, self._command(name), log, self._ready(name))
        child.wrapper = self._wrappers.get(name, ())
        return child

    def _command(self, name: str) -> list[str]:
        station = ["--station", str(self.directory.station_file)]
        keys = self.directory.hub_keys
        commands: dict[str, Callable[[], list[str]]] = {
            "simulate": lambda: python("edge", "simulate", *station),
            "edge": lambda: python("edge", "run", *station),
            "hub": lambda: self._hub_process(
                "run",
                "--port",
                str(self.ports.hub),
                "--files",
                str(self.directory.hub_files),
                "--card-key",
                str(self.directory.card_key),
                "--paper-keys",
                str(self.directory.hub_keys),
            ),
            "dispatch": lambda: self._hub_process("dispatch", "--keys", str(keys)),
            "notify": lambda: self._hub_process(
                "notify", "--keys", str(keys), "--sms-log", str(self.directory.sms_log)
            ),
        }
        return commands[name]()

    def _hub_process(self, what: str, *arguments: str) -> list[str]:
        shared = ("--database", self._database, "--broker", self.ports.broker_url, *self._clock())
        return python("hub", what, *arguments, *shared)

    def _ready(self, name: str) -> Probe | None:
        probes: dict[str, Probe] = {
            "simulate": self.world.answers,
            "edge": lambda: _answers(self.ports.kiosk_url),
            "hub": lambda: _answers(f"{self.ports.hub_url}/health"),
        }
        return probes.get(name)

    async def _prepare_hub(self) -> None:
        """The hub's database, its people and the station's token, by the hub's own commands; once per directory."""
        done = self.directory.hub_keys / "prepared"
        if done.exists():
            return
        table = self.directory.table()
        token = table["hub"]["documents_token_file"]
        await self.run_hub("station", "add", table["station"]["id"], "--token-file", token, *self._clock())
        await asyncio.gather(self._add_user(), self._add_staff())
        await self._add_back_office()
        done.touch()

    async def _add_user(self) -> None:
        people = self.directory.people()
        file = str(self.directory.secret_file("password", people.password))
        secret = ("--password-file", file, *self._clock())
        try:
            await self.run_hub("user", "add", people.user, "--role", "clerk", "--role", "admin", *secret)
        except HouseError:
            # An earlier start was interrupted after this step: the account is there.
            await self.run_hub("user", "password", people.user, *secret)

    async def _add_staff(self) -> None:
        people = self.directory.people()
        rights = ("--right", "load", "--right", "clear", "--right", "service", "--valid-until", STAFF_UNTIL)
        secret = ("--pin-file", str(self.directory.secret_file("pin", people.pin)), *self._clock())
        await self.run_hub("staff", "add", people.badge, "--name", STAFF_NAME, *rights, *secret)

    async def _add_back_office(self) -> None:
        """A token for who orders papers, and the key that issues them."""
        scopes = ("--scope", "print_orders:write", "--scope", "print_orders:read")
        token = ("--token-file", str(self.directory.client_token))
        await self.run_hub("client", "add", "demo-office", *scopes, *token, *self._clock())
        await self.run_hub("paper", "make-key", "--keys", str(self.directory.hub_keys), *self._clock())

    async def run_hub(self, *words: str) -> str:
        """Run one command of the hub on this house's database to its end; returns what it printed.

        Raises:
            HouseError: it failed; the message holds what it printed.
        """
        process = await asyncio.create_subprocess_exec(
            *python("hub", *words, "--database", self._database), stdout=PIPE, stderr=STDOUT, env=environment()
        )
        output = (await process.communicate())[0].decode(errors="replace").strip()
        if process.returncode != 0:
            raise HouseError(f"hub {' '.join(words[:2])} ended with {process.returncode}: {output}")
        return output

    @property
    def _database(self) -> str:
        return f"sqlite:///{self.directory.hub_db}"

    def _clock(self) -> tuple[str, str]:
        return ("--clock-shift", str(self.directory.clock_shift))


async def _answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=PROBE_TIMEOUT_S, trust_env=False) as client:
            answer = await client.get(url)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200
