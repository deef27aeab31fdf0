"""Hub processes as they run in production, started by tests and benches: `python -m hub run`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[1]
TICKS = os.sysconf("SC_CLK_TCK")


class HubProcess:
    """One `run` process; its log is `<folder>/<worker>.log`."""

    def __init__(self, folder: Path, database: str, broker: str, worker: str = "hub-1", *more: str) -> None:
        self.port = free_port()
        self._log = folder / f"{worker}.log"
        self._command = [
            sys.executable, "-m", "hub", "run", "--database", database, "--broker", broker, "--port", str(self.port),
            "--worker", worker, "--files", str(folder / "hub-files"), *more,
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, wrapper: tuple[str, ...] = ()) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([*wrapper, *self._command], cwd=ROOT, stdout=log, stderr=log)

    def wait_until_ready(self, seconds: float = 30) -> None:
        """Database and broker are reached."""
        end = time.monotonic() + seconds
        while not self._ended_within(0.05) and not self._healthy():
            assert time.monotonic() < end, f"the hub is not ready:\n{self.log}"
        assert not self._ended_within(0), f"the hub ended at once:\n{self.log}"

    def _ended_within(self, seconds: float) -> bool:
        assert self._process is not None
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """End it as an operator does; returns the exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(15)

    def rss_mib(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def cpu_s(self) -> float:
        return cpu_of(self.pid)


def cpu_of(pid: int) -> float:
    """User and system seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
