"""A CUPS of its own in a folder, on loopback, with a queue for a printer; it can be killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.ippeve import free_port, listens, until

_CUPSD = """
Listen 127.0.0.1:{port}
Browsing No
WebInterface No
DefaultAuthType None
PreserveJobFiles No
PreserveJobHistory Yes
JobRetryInterval 1
LogLevel warn
DirtyCleanInterval 0
<Policy default>
  <Limit All>
    Allow all
  </Limit>
</Policy>
<Location />
  Allow all
</Location>
"""
_FILES = """
ServerRoot {folder}
RequestRoot {folder}/spool
TempDir {folder}/tmp
CacheDir {folder}/cache
StateDir {folder}/state
AccessLog {folder}/access_log
ErrorLog {folder}/error_log
PageLog {folder}/page_log
SystemGroup root
"""


@dataclass(slots=True)
class Cups:
    """A running scheduler with one queue."""

    folder: Path
    port: int
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)
    orphans: list[int] = field(default_factory=list, repr=False)

    @property
    def uri(self) -> str:
        """Where the queue is asked."""
        return f"ipp://localhost:{self.port}/printers/licences"

    async def start(self) -> None:
        """Start it on what lies in its spool."""
        self.process = await asyncio.create_subprocess_exec(
            _path("cupsd"), "-f", "-c", str(self.folder / "cupsd.conf"), "-s", str(self.folder / "cups-files.conf"),
            env={"PATH": "/usr/bin:/usr/sbin:/bin"}, start_new_session=True,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await until(lambda: listens(self.port))

    async def kill(self, *, filters: bool = True) -> None:
        """Kill the scheduler; with the programs that it started unless told otherwise."""
        children: list[int] = []
        if self.process is not None:
            children = list(_descendants(self.process.pid))
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()
            self.process = None
        self.orphans += children
        if not filters:
            return  # they go on without their scheduler; the last `kill` ends them
        for child in self.orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.orphans.clear()

    def log(self) -> str:
        """Return the end of what it wrote down."""
        return (self.folder / "error_log").read_text(errors="replace")[-2000:]

    def wipe_spool(self) -> None:
        """Remove the documents that wait in the spool, as a start of the station's CUPS does."""
        for document in (self.folder / "spool").glob("d*"):
            document.unlink()

    async def ask(self, program: str, *arguments: str) -> str:
        """Run one of CUPS' own commands on it and return what it says."""
        process = await asyncio.create_subprocess_exec(
            _path(program), *arguments, env={"CUPS_SERVER": f"127.0.0.1:{self.port}"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode()


@asynccontextmanager
async def cups_queue(folder: Path, printer: str, policy: str = "abort-job") -> AsyncIterator[Cups]:
    """Yield a CUPS with a driverless queue `licences` for a printer; it is ended afterwards."""
    for each in ("spool", "tmp", "cache", "state", "ppd"):
        (folder / each).mkdir(parents=True)
    cups = Cups(folder, free_port())
    (folder / "cupsd.conf").write_text(_CUPSD.format(port=cups.port))
    (folder / "cups-files.conf").write_text(_FILES.format(folder=folder))
    _let_filters_in(folder)
    try:
        await cups.start()
        await cups.ask(
            "lpadmin", "-p", "licences", "-E", "-v", printer, "-m", "everywhere", "-o", f"printer-error-policy={policy}"
        )
        yield cups
    finally:
        await cups.kill()


def _let_filters_in(folder: Path) -> None:
    """Filters run as `lp`, and a test's folder is its owner's alone."""
    for each in (folder, *folder.iterdir()):
        if each.is_dir():
            shutil.chown(each, "root", "lp")
    for parent in folder.parents:
        with contextlib.suppress(OSError):
            parent.chmod(parent.stat().st_mode | 0o011)


def _path(program: str) -> str:
    path = shutil.which(program, path="/usr/bin:/usr/sbin:/bin")
    assert path is not None, f"{program} is missing: sh .ci/prepare test"
    return path


def _descendants(pid: int) -> list[int]:
    found = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*found, *(deeper for each in found for deeper in _descendants(each))]
