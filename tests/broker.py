"""A mosquitto of our own on loopback, that tests may kill."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

from tests.postgres import free_port

CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
max_inflight_messages 1000
set_tcp_nodelay true
log_type error
{user}
"""


class Mosquitto:
    """`start()`, then `url`; `kill()` forgets everything, as `persistence false` does."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.port = port or free_port()
        self._config = folder / f"mosquitto-{self.port}.conf"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        user = "user root" if os.geteuid() == 0 else ""
        self._config.write_text(CONFIG.format(port=self.port, user=user))
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self._process = subprocess.Popen([program, "-c", str(self._config)], stderr=subprocess.DEVNULL)
        self._wait_until_it_listens()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _wait_until_it_listens(self) -> None:
        while True:
            assert self._process is not None
            assert self._process.poll() is None, "mosquitto ended at once"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
