"""A PostgreSQL cluster of our own, on a Unix socket and loopback only, that tests may stop, start and kill."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

OPTIONS = "-c listen_addresses=127.0.0.1 -c max_connections=60 -c shared_buffers=64MB"


def programs() -> Path:
    """Return the folder of PostgreSQL's server programs: the newest that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    assert on_path, "PostgreSQL's server programs are needed (Debian: postgresql)"
    return Path(on_path).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """`folder` must be reachable for the user postgres, as whom the server runs when we are root."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder, self.port = folder, free_port()
        self._options = OPTIONS if durable else f"{OPTIONS} -c fsync=off -c synchronous_commit=off"
        self._user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None

    def create(self) -> None:
        self.folder.mkdir(parents=True)
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        locale = ("-E", "UTF8", "--locale=C.UTF-8")
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-U", "app", "--no-sync", *locale)

    def start(self) -> None:
        options = f"{self._options} -p {self.port} -c unix_socket_directories={self.folder}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """`immediate` is a crash: the next start recovers."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    def database(self, name: str, template: str = "template0") -> str:
        """Create a database, empty or a copy of `template`, and return its URL."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "app", "-T", template, name)
        return f"postgresql://app@127.0.0.1:{self.port}/{name}"

    def dump(self, name: str, to: Path) -> None:
        self._run("pg_dump", "-h", "127.0.0.1", "-p", str(self.port), "-U", "app", "-f", str(to), name)

    def _run(self, program: str, *arguments: str) -> None:
        # The server inherits no pipe of ours: a captured pipe would stay open as long as the server lives.
        result = subprocess.run(
            [str(programs() / program), *arguments],
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        assert result.returncode == 0, f"{program} failed ({result.returncode}), see {self.folder / 'log'}"
