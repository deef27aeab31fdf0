"""A machine whose USB sockets are umockdev's, and a `UdevSocket` on it: python -m tests.integration.pretended_usb PORTS

Started with umockdev's library loaded before all others. Reads what to do from its input, one JSON object a line:
`{"add": PAGE}`, `{"remove": PATH}`, `{"set": [PATH, NAME, VALUE]}`; writes what the socket tells, one a line.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import sys
from pathlib import Path

from edge.scanners.usb_drive.hotplug import UdevSocket

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


async def main(ports: str) -> None:
    """Obey until the input ends."""
    machine, reader = Machine(), asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    machine.do((await reader.readline()).decode())
    telling = asyncio.create_task(tell(ports))
    while line := await reader.readline():
        machine.do(line.decode())
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)


async def tell(ports: str) -> None:
    """Write what the socket tells."""
    socket, number = UdevSocket(frozenset(ports.split(",")), STRANGER_S), 0
    while True:
        plugged = await socket.change(number)
        number = plugged.number
        told = {"number": number, "device": str(plugged.device or ""), "reason": plugged.reason}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
