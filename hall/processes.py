"""The processes of a house: started in order, ready when they say so, killed at will, restarted when they die alone."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

Tell = Callable[[str], None]
Probe = Callable[[], Awaitable[bool]]

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN_S = 30.0
PROBE_EVERY_S = 0.02
GRACE_S = 8.0
# A child that dies at once again and again must not spin: so long to the next try, doubling up to the limit.
FIRST_RESTART_S, LAST_RESTART_S = 0.2, 5.0
SUPERVISE_EVERY_S = 0.1
LOG_TAIL_BYTES = 4000

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


class HouseError(Exception):
    """A process of the house did not do what was expected; the message holds the end of its log."""


def python(*arguments: str) -> list[str]:
    """The command line of one of our own modules under this interpreter."""
    return [sys.executable, "-m", *arguments]


def environment() -> dict[str, str]:
    """The environment of our own modules: they are found from every working directory, and say things at once."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONUNBUFFERED": "1"}


async def until(probe: Probe, within_s: float, what: str) -> None:
    """Ask `probe` until it is true.

    Raises:
        HouseError: it was not within `within_s` seconds.
    """
    deadline = time.monotonic() + within_s
    while not await probe():
        if time.monotonic() > deadline:
            raise HouseError(f"not within {within_s:g} s: {what}")
        await asyncio.sleep(PROBE_EVERY_S)


@dataclass
class Child:
    """One process: its command, its log file, and how one sees that it is ready.

    `wrapper` stands before the command (for example strace with its options), so that sweeps can inject faults.
    """

    name: str
    command: Sequence[str]
    log: Path
    ready: Probe | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    wrapper: Sequence[str] = ()
    wanted: bool = False
    starts: int = 0
    process: Process | None = None
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @property
    def alive(self) -> bool:
        """Whether the process runs now."""
        return self.process is not None and self.process.returncode is None

    @property
    def pid(self) -> int:
        """The process id of the last start; raises HouseError when there was none."""
        if self.process is None:
            raise HouseError(f"{self.name} was never started")
        return self.process.pid

    async def start(self, *, wait: bool = True) -> None:
        """Start it unless it runs, and wait until it is ready.

        Raises:
            HouseError: it died or was not ready in time.
        """
        self.wanted = True
        async with self._starting:
            if not self.alive:
                await self._spawn()
        if wait:
            await self.wait_ready()

    async def wait_ready(self, within_s: float = READY_WITHIN_S) -> None:
        """Return when the readiness probe is true.

        Raises:
            HouseError: the process ended first, or the time is over.
        """
        try:
            await until(self._ready_or_dead, within_s, f"{self.name} is ready")
        except HouseError as error:
            raise HouseError(f"{error}; its log ends\n{self.tail()}") from error
        if not self.alive:
            code = self.process.returncode if self.process else None
            raise HouseError(f"{self.name} ended with {code}; its log ends\n{self.tail()}")

    async def stop(self, grace_s: float = GRACE_S) -> int | None:
        """Ask it to end (SIGTERM), insist after `grace_s`; returns the exit code, None if it never ran."""
        self.wanted = False
        if self.process is None:
            return None
        if self.alive:
            self.process.terminate()
        try:
            return await asyncio.wait_for(self.process.wait(), grace_s)
        except TimeoutError:
            await self.kill()
            return self.process.returncode

    async def kill(self) -> None:
        """Kill it and its children at once (SIGKILL), as a power cut would; it stays dead until `start`."""
        self.wanted = False
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            # A wrapper such as strace is the leader of the group: the process below it must die with it.
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    async def wait(self) -> int:
        """Wait for its end; returns the exit code (negative: the signal's number)."""
        if self.process is None:
            raise HouseError(f"{self.name} was never started")
        return await self.process.wait()

    async def _spawn(self) -> None:
        self.starts += 1
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.wrapper,
                *self.command,
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                env={**environment(), **self.env},
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def tail(self) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        return self.log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")

    async def _ready_or_dead(self) -> bool:
        return not self.alive or self.ready is None or await self.ready()


class Processes:
    """The children of one house in the order in which they start; they stop in the opposite order."""

    def __init__(self, tell: Tell = lambda _: None) -> None:
        self._children: dict[str, Child] = {}
        self._tell = tell

    def add(self, child: Child) -> Child:
        """Add a child; it is not started yet."""
        self._children[child.name] = child
        return child

    def __getitem__(self, name: str) -> Child:
        return self._children[name]

    def __iter__(self) -> Iterator[Child]:
        return iter(self._children.values())

    def __contains__(self, name: object) -> bool:
        return name in self._children

    async def start(self) -> None:
        """Start all, each when the one before is ready; HouseError when one is not."""
        for child in self:
            await child.start()
            self._tell(f"{child.name} is ready (pid {child.pid})")

    async def stop(self) -> None:
        """Stop all in the opposite order; safe to call twice."""
        for child in reversed(list(self)):
            if child.alive:
                await child.stop()
                self._tell(f"{child.name} has ended")

    async def supervise(self) -> None:
        """Start again, for ever, what dies without having been asked to; run it as a task of its own."""
        waits: dict[str, float] = {}
        while True:
            for child in self:
                if child.wanted and not child.alive:
                    await self._restart(child, waits)
            await asyncio.sleep(SUPERVISE_EVERY_S)

    async def _restart(self, child: Child, waits: dict[str, float]) -> None:
        code = child.process.returncode if child.process else None
        wait = waits.get(child.name, FIRST_RESTART_S)
        self._tell(f"{child.name} ended by itself ({code}); starting it again (its log: {child.log})")
        await asyncio.sleep(wait)
        try:
            # In the meantime a person may have asked for its end.
            if child.wanted:
                await child.start()
            waits[child.name] = FIRST_RESTART_S
        except HouseError:
            waits[child.name] = min(wait * 2, LAST_RESTART_S)


def _die_with_parent() -> None:
    # Linux, prctl(2): a house that is killed with SIGKILL leaves no process behind that holds ports and locks.
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
