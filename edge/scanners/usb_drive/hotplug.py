"""What is plugged into the public socket, told as it changes.

Nothing that an event says is believed: each is only a reason to look again at what stands in /sys (pyudev), so a lost
or doubled event, or one from before the start, makes no difference.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyudev

USB = "usb:"
SETTLE_S = 0.4
"""What is new is told when it was the same for so long: both slots of a card reader come within milliseconds."""
STRANGER_S = 3.0
"""So long a device without a disk may be a drive that is still waking up (the kernel's usb-storage waits a second)."""
_EVERY_S = 0.2
_AGAIN_S = 0.1
_RETRY_S = 30.0
_STORAGE, _HUB = "08", "09"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plugged:
    """`number` rises at each plug and unplug. `device` is the whole block device or image, None without one.

    `reason` is a code of something that is there and is no drive, or too many.
    """

    number: int
    device: Path | None
    reason: str = ""


class Socket(Protocol):
    """The public socket."""

    async def change(self, after: int) -> Plugged:
        """Return what is plugged in once its number is above `after`, waiting for a change."""


class ImageSocket:
    """A file that is the drive, of a demonstration or a test: present is plugged in, another file is another drive."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number, self._seen = 0, (0, 0, 0, 0)
        self._present = False

    async def change(self, after: int) -> Plugged:
        """Look at the file until something is different."""
        while True:
            self._look()
            if self._number > after:
                return Plugged(self._number, self._path if self._present else None)
            await asyncio.sleep(_EVERY_S)

    def _look(self) -> None:
        try:
            found = os.stat(self._path)
            now = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
            present = stat.S_ISREG(found.st_mode) or stat.S_ISBLK(found.st_mode)
        except OSError:
            now, present = (0, 0, 0, 0), False
        if self._number and (now, present) == (self._seen, self._present):
            return
        self._number, self._seen, self._present = self._number + 1, now, present


@dataclass(frozen=True, slots=True)
class _Found:
    """What stands at the socket. `key` differs for another drive, and for the same one plugged in again."""

    key: tuple[str, ...] = ()
    device: Path | None = None
    reason: str = ""


_NOTHING = _Found()


class UdevSocket:
    """The public socket by udev: what hangs on one of its ports, or on a hub there. All other ports are not looked at.

    A disk counts when there is a medium in it. Two of them, or one whose device is something else besides (a keyboard
    above all), are refused here as well, should USBGuard not be there.
    """

    def __init__(self, ports: frozenset[str], stranger_s: float = STRANGER_S) -> None:
        self._ports, self._stranger_s = ports, stranger_s
        self._context: pyudev.Context | None = None
        self._monitor: pyudev.Monitor | None = None
        self._woken = asyncio.Event()
        self._number, self._told = 0, _NOTHING
        self._latest, self._since = _NOTHING, 0.0

    async def change(self, after: int) -> Plugged:
        """Wait for news of the port; the first call tells what stands there already."""
        while not self._opened():
            if after < self._number:
                return Plugged(self._number, None, "port_broken")
            await asyncio.sleep(_RETRY_S)
        while True:
            self._woken.clear()
            self._look()
            if self._number > after:
                return Plugged(self._number, self._told.device, self._told.reason)
            settling = self._latest != self._told
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _AGAIN_S if settling else None)

    def close(self) -> None:
        """Hear nothing more; idempotent."""
        if self._monitor is not None:
            asyncio.get_running_loop().remove_reader(self._monitor.fileno())
        self._monitor = None

    def _opened(self) -> bool:
        """Begin to listen, if that is not done; False where udev's library or its socket is missing."""
        try:
            self._open()
        except (ImportError, OSError) as error:
            _log.error("udev cannot be asked for the public USB socket: %s", error)
            self._number = max(self._number, 1)
            return False
        return True

    def _open(self) -> None:
        if self._monitor is not None:
            return
        self._context = pyudev.Context()
        # By udev and not by the kernel: when it speaks, the node has its group and may be opened.
        self._monitor = pyudev.Monitor.from_netlink(self._context, source="udev")
        self._monitor.filter_by("block", "disk")
        self._monitor.filter_by("usb")
        self._monitor.start()
        asyncio.get_running_loop().add_reader(self._monitor.fileno(), self._heard)
        self._number += 1

    def _heard(self) -> None:
        # An overflow of the socket is an error here, and a reason to look like any other.
        with contextlib.suppress(OSError):
            while self._monitor is not None and self._monitor.poll(0) is not None:
                pass
        self._woken.set()

    def _look(self) -> None:
        """Withdraw at once what is no longer so; tell what is new when it has settled."""
        found, now = self._found(), asyncio.get_running_loop().time()
        if found != self._latest:
            self._latest, self._since = found, now
        if found == self._told:
            return
        if self._told.device is not None:
            self._tell(_NOTHING)
        elif found == _NOTHING or now - self._since >= (
            self._stranger_s if found.reason == "not_storage" else SETTLE_S
        ):
            self._tell(found)

    def _tell(self, found: _Found) -> None:
        self._told = found
        self._number += 1

    def _found(self) -> _Found:
        try:
            return _judged(list(self._disks()), list(self._devices("usb_device")), set(self._classes()))
        except (OSError, KeyError, ValueError) as error:
            # It was pulled while we looked; the next look, which its event brings, is right again.
            _log.debug("the socket changed while it was looked at: %s", type(error).__name__)
            return self._latest

    def _ours(self, usb_device: pyudev.Device) -> bool:
        """Whether a USB device hangs on our ports: on 1-1.4, or on a hub there as 1-1.4.2."""
        name = usb_device.sys_name
        return any(name == port or name.startswith(f"{port}.") for port in self._ports)

    def _devices(self, kind: str) -> Iterator[pyudev.Device]:
        assert self._context is not None
        for each in self._context.list_devices(subsystem="usb", DEVTYPE=kind):
            parent = each if kind == "usb_device" else each.find_parent("usb", "usb_device")
            if parent is not None and self._ours(parent):
                yield each

    def _classes(self) -> Iterator[str]:
        """The classes of all interfaces at the socket."""
        for each in self._devices("usb_interface"):
            yield each.attributes.asstring("bInterfaceClass")

    def _disks(self) -> Iterator[pyudev.Device]:
        """Whole disks at the socket with a medium in them; optical ones are none of ours."""
        assert self._context is not None
        for each in self._context.list_devices(subsystem="block", DEVTYPE="disk"):
            parent = each.find_parent("usb", "usb_device")
            if parent is None or not self._ours(parent) or each.sys_name.startswith("sr"):
                continue
            if int(each.attributes.get("size") or 0) > 0:
                yield each


def _judged(disks: list[pyudev.Device], devices: list[pyudev.Device], classes: set[str]) -> _Found:
    key = tuple(sorted(_identity(each) for each in (*devices, *disks)))
    if classes - {_STORAGE, _HUB}:
        return _Found(key, None, "not_storage")
    if len(disks) > 1:
        return _Found(key, None, "several")
    if disks and disks[0].device_node is not None:
        return _Found(key, Path(disks[0].device_node))
    if devices and _STORAGE not in classes:
        return _Found(key, None, "not_storage")
    # A drive that is waking up, or a reader without a card: there is nothing to say yet.
    return _NOTHING


def _identity(device: pyudev.Device) -> str:
    """The kernel counts devices (devnum) and disks (diskseq), so the same drive plugged in again is another one."""
    counted = device.attributes.get("diskseq") or device.attributes.get("devnum") or b""
    return f"{device.device_path} {counted!r}"


def open_socket(port: str) -> Socket:
    """Return the socket that a station file names: `usb:1-1.4,2-1.4`, or the path of an image that comes and goes."""
    if port.startswith(USB):
        return UdevSocket(frozenset(port.removeprefix(USB).split(",")))
    return ImageSocket(Path(port))
