"""A serial adapter found by what it is, not by the number that the kernel gave it when it was plugged in.

`ttyUSB0` and `ttyUSB1` change places after a power cut. A station file therefore names an adapter by one of udev's
links (`/dev/serial/by-id/…`, `/dev/serial/by-path/…`, or one of `firmware_configs/udev`), which are followed anew at
each opening, or by vendor, product and serial number: `usb:0403:6001:A10K3XYZ`. Many cheap adapters have no serial
number (CH340: `usb:1a86:7523`); then exactly one such adapter may be plugged in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from edge.errors import LinkError

_SCHEME = "usb:"


async def device_path(port: str) -> str:
    """Return the path to open now for a station file's serial port; a path stays what it is.

    Raises:
        LinkError: no such adapter is plugged in, or several are.
    """
    if not port.startswith(_SCHEME):
        return port
    # The list of adapters is a few dozen small files of the kernel's.
    return await asyncio.to_thread(device_path_now, port)


def device_path_now(port: str) -> str:
    """As `device_path`, for a program without a loop."""
    return adapter_path(port, list_ports.comports()) if port.startswith(_SCHEME) else port


def adapter_name(adapter: ListPortInfo) -> str | None:
    """Return how a station file names an adapter; None for a port that is no USB adapter."""
    if adapter.vid is None or adapter.pid is None:
        return None
    serial = f":{adapter.serial_number}" if adapter.serial_number else ""
    return f"{_SCHEME}{adapter.vid:04x}:{adapter.pid:04x}{serial}"


def adapter_path(port: str, plugged: Iterable[ListPortInfo]) -> str:
    """Return the path of the one adapter among these that `port` names; raises as `device_path`."""
    vendor, product, *serial = port.removeprefix(_SCHEME).split(":", 2)
    wanted = (int(vendor, 16), int(product, 16))
    found = [
        each.device
        for each in plugged
        if (each.vid, each.pid) == wanted and (not serial or each.serial_number == serial[0])
    ]
    if not found:
        raise LinkError(f"{port}: no such adapter is plugged in")
    if len(found) > 1:
        raise LinkError(
            f"{port}: {len(found)} such adapters ({', '.join(sorted(found))}); name a serial number or a path"
        )
    return str(found[0])
