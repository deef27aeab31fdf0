"""A machine whose USB sockets are umockdev's: python -m tests.integration.pretended_usb socket|drive PORTS

`socket` writes what the `UdevSocket` on these ports tells, `drive` what the whole driver sees through it.

Started with umockdev's library loaded before all others. Reads what to do from its input, one JSON object a line:
`{"add": PAGE}`, `{"remove": PATH}`, `{"set": [PATH, NAME, VALUE]}`, `{"content": [NODE, FILE]}`; writes one a line.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from edge.scanner_sections import UsbDriveConfig
from edge.scanners.usb_drive.driver import PublicPort
from edge.scanners.usb_drive.hotplug import Plugged, Socket, UdevSocket

_LIBRARY = "libumockdev.so.0"
STRANGER_S = 0.8
"""Shorter than a station's, for the sake of the test's time."""


class Machine:
    """umockdev's test bed: /sys, device nodes and udev's events of this process are its own from now on."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(_LIBRARY)
        self._library.umockdev_testbed_new.restype = ctypes.c_void_p
        self._bed = ctypes.c_void_p(self._library.umockdev_testbed_new())
        self._library.umockdev_testbed_get_root_dir.restype = ctypes.c_char_p
        self._root = Path(self._library.umockdev_testbed_get_root_dir(self._bed).decode())

    def do(self, line: str) -> None:
        """Carry out one line."""
        for what, value in json.loads(line).items():
            getattr(self, what)(value)

    def add(self, page: str) -> None:
        """Plug devices in; udev's `add` of each follows by itself."""
        assert self._library.umockdev_testbed_add_from_string(self._bed, page.encode(), None)

    def remove(self, path: str) -> None:
        """Pull a device and what hangs on it, the last one first, as the kernel does."""
        self._library.umockdev_testbed_uevent(self._bed, path.encode(), b"remove")
        self._library.umockdev_testbed_remove_device(self._bed, path.encode())
        # A link that umockdev makes and forgets: without this the same name could not come again.
        (self._root / "sys" / "block" / path.rpartition("/")[2]).unlink(missing_ok=True)

    def set(self, value: list[str]) -> None:
        """Change an attribute, and have udev say `change`."""
        path, name, content = (each.encode() for each in value)
        self._library.umockdev_testbed_set_attribute(self._bed, path, name, content)
        self._library.umockdev_testbed_uevent(self._bed, path, b"change")

    def content(self, value: list[str]) -> None:
        """Let a device node hold what a file holds."""
        shutil.copyfile(value[1], self.node(Path(value[0])))

    def node(self, path: Path) -> Path:
        """Where a device node of this machine really lies."""
        return self._root / path.relative_to("/")


class RealNodes:
    """The socket, with paths that a process without umockdev's library can open."""

    def __init__(self, machine: Machine, socket: UdevSocket) -> None:
        self._machine, self._socket = machine, socket

    async def change(self, after: int) -> Plugged:
        """As the socket."""
        plugged = await self._socket.change(after)
        return replace(plugged, device=plugged.device and self._machine.node(plugged.device))


async def main(what: str, ports: str) -> None:
    """Obey until the input ends."""
    machine, reader = Machine(), asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    machine.do((await reader.readline()).decode())
    socket = UdevSocket(frozenset(ports.split(",")), STRANGER_S)
    telling = follow(RealNodes(machine, socket)) if what == "drive" else [asyncio.create_task(tell(socket))]
    while line := await reader.readline():
        machine.do(line.decode())
    for task in telling:
        task.cancel()
    await asyncio.gather(*telling, return_exceptions=True)


def follow(socket: Socket) -> list[asyncio.Task[None]]:
    """Write what the driver sees, as somebody who stands before its page."""
    port = PublicPort("usb-drive", socket, UsbDriveConfig(port="usb:1-1.4"))

    async def look() -> None:
        number = 0
        while True:
            seen = await port.look(number)
            number = seen.number
            _say(state=seen.state, reason=seen.reason, names=[each.name for each in seen.files])
            for file in seen.files:
                _say(fetched=(await port.fetch(file.key)).media_type)

    return [asyncio.create_task(port.run()), asyncio.create_task(look())]


async def tell(socket: Socket) -> None:
    """Write what the socket tells."""
    number = 0
    while True:
        plugged = await socket.change(number)
        number = plugged.number
        _say(device=str(plugged.device or ""), reason=plugged.reason)


def _say(**told: object) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
