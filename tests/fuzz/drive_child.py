"""Reads changed drives, one after the other, until it dies of one: `python -m tests.fuzz.drive_child NAME`.

An input comes with its length before it; the answer is a line: nothing, `refused`, or what was raised. Under the
worker's limits, so that what takes too much memory is noticed.
"""

from __future__ import annotations

import resource
import struct
import sys
import traceback

from edge.scanners.usb_drive import sandbox
from edge.scanners.usb_drive.reader import Drive, DriveRefusedError, Entry, open_drive
from tests.fuzz.drive_images import SECTOR, drive_image, places

_LONGEST = 1 << 20
# What the worker catches for one file; a drive is refused by its own error.
_BAD_FILE = (OSError, ValueError, OverflowError)


def main() -> None:
    name = sys.argv[1]
    image, where = bytearray(drive_image(name)), places(name)
    honest = bytes(image)
    sandbox.give_up()
    with open("/proc/self/statm", "rb") as sizes:
        taken = int(sizes.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + sandbox.MEMORY,) * 2)
    print("ready", flush=True)
    while head := sys.stdin.buffer.read(4):
        data = sys.stdin.buffer.read(struct.unpack("<I", head)[0])
        for number, at in enumerate(where):
            image[at : at + SECTOR] = data[number * SECTOR : (number + 1) * SECTOR].ljust(SECTOR, b"\0")
        print(_outcome(image), flush=True)
        for at in where:
            image[at : at + SECTOR] = honest[at : at + SECTOR]


def _outcome(image: bytearray) -> str:
    try:
        drive = open_drive(lambda offset, size: bytes(image[offset : offset + size]), len(image))
        for entry in drive.files:
            _read(drive, entry)
    except DriveRefusedError:
        return "refused"
    except Exception as error:  # noqa: BLE001 - whatever is raised is the finding
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} {last.filename.rsplit('/', 1)[-1]} line {last.lineno}"
    return ""


def _read(drive: Drive, entry: Entry) -> None:
    """Read a file as the worker does; one that claims much is read as far as an honest one would be."""
    left = min(entry.size, _LONGEST)
    try:
        for piece in drive.read(entry):
            left -= len(piece)
            if left <= 0:
                return
    except _BAD_FILE:
        return


if __name__ == "__main__":
    main()
