"""The IPP Everywhere printer of CUPS' own tools, on loopback, with a bus of its own; it does what a script says."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

# What the printer runs for each job: the file comes as $1, words on standard error are states and attributes.
_COMMAND = """#!/bin/sh
while [ -e "{folder}/hold" ]; do sleep 0.05; done
cat "{folder}/says" >&2
[ ! -e "{folder}/abort" ] || exit 1
cp "$1" "{folder}/out-$$.pdf"
"""


@dataclass(frozen=True, slots=True)
class IppEve:
    """A running printer; files in `folder` are its moods."""

    uri: str
    folder: Path
    process: asyncio.subprocess.Process

    def says(self, *lines: str) -> None:
        """Have the next jobs tell these lines, such as `STATE: +media-jam` or `ATTR: job-impressions-completed=1`."""
        (self.folder / "says").write_text("".join(f"{line}\n" for line in lines))

    def load(self, size: str = "iso_a4_210x297mm", sheets: int = 250, kind: str = "stationery") -> None:
        """Put paper into the tray `main`, through the printer's own page."""
        page = self.uri.replace("ipp://", "http://").removesuffix("/ipp/print")
        form = {"size1": size, "type1": kind, "level1": str(sheets)}
        # Of its second tray it takes silence for emptiness, and an empty tray there holds every job up.
        form |= {"size3": "na_number-10_4.125x9.5in", "type3": "envelope", "level3": "10"}
        httpx.get(f"{page}/media", params=form, trust_env=False).raise_for_status()

    def toner(self, percent: int) -> None:
        """Leave so much toner in it."""
        page = self.uri.replace("ipp://", "http://").removesuffix("/ipp/print")
        httpx.get(f"{page}/supplies", params={"supply1": str(percent)}, trust_env=False).raise_for_status()

    def hold(self, *, on: bool) -> None:
        """Keep jobs in the middle until told otherwise."""
        (self.folder / "hold").touch() if on else (self.folder / "hold").unlink()

    def abort(self) -> None:
        """End the next jobs as failed."""
        (self.folder / "abort").touch()

    @property
    def sheets(self) -> list[Path]:
        """What came out."""
        return sorted(self.folder.glob("out-*.pdf"))


@asynccontextmanager
async def ippeveprinter(folder: Path) -> AsyncIterator[IppEve]:
    """Yield a printer that is there; it and its bus are ended afterwards."""
    command = _prepare(folder)
    async with _running("dbus-daemon", "--session", f"--address=unix:path={folder}/bus", "--nofork", "--nopidfile"):
        await until(lambda: answers(folder / "bus"))
        port = free_port()
        async with _running(
            "ippeveprinter", "-r", "off", "-n", "localhost", "-p", str(port), "-d", str(folder / "spool"), "-k",
            "-c", str(command), "-f", "application/pdf", "-M", "Test", "-m", "Licences", "Licences",
            bus=f"unix:path={folder}/bus",
        ) as process:  # fmt: skip
            await until(lambda: listens(port))
            printer = IppEve(f"ipp://localhost:{port}/ipp/print", folder, process)
            printer.load()
            yield printer


def _prepare(folder: Path) -> Path:
    (folder / "spool").mkdir(parents=True)
    (folder / "says").touch()
    command = folder / "command.sh"
    command.write_text(_COMMAND.format(folder=folder))
    command.chmod(0o755)
    return command


@asynccontextmanager
async def _running(program: str, *arguments: str, bus: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
    path = shutil.which(program, path="/usr/bin:/usr/sbin:/bin")
    assert path is not None, f"{program} is missing: sh .ci/prepare test"
    env = {"PATH": "/usr/bin:/bin", **({"DBUS_SYSTEM_BUS_ADDRESS": bus} if bus else {})}
    process = await asyncio.create_subprocess_exec(
        path, *arguments, env=env, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def until(there: object) -> None:
    assert callable(there)
    async with asyncio.timeout(20):
        while not there():  # noqa: ASYNC110 - another program's socket sets no event
            await asyncio.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def answers(path: Path) -> bool:
    """Whether somebody listens at a local socket."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        return True
    return False


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
        return True
    return False
